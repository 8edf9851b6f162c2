import { themed } from './palette.js';
import type { ChartGroup } from './points.js';
import { type ChartStyle, chartSpec } from './spec.js';

/** The chart as SVG text whose colours follow the page; loads the chart library, which takes a moment. */
export async function drawChart(group: ChartGroup, style: ChartStyle): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const { spec } = compile(chartSpec(group, style));
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error });
  try {
    return themed(await view.toSVG());
  } finally {
    view.finalize();
  }
}
