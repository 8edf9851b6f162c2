import { bareMetric, splitOf } from './metrics.js';
import type { Figure, Report, ReportCell } from './report.js';

const columns = [
  'pipeline',
  'defense',
  'attack',
  'sweep',
  'seeds',
  'split',
  'metric',
  'value',
  'low',
  'high',
  'n',
  'tokens',
  'interval',
  'at_least',
  'adaptive',
  'adversary',
  'span',
  'baselines',
  'text',
] as const;

/** One field as RFC 4180 wants it: quoted where it holds a comma, a quote or a line end, quotes doubled. */
export const field = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const pairs = (values: { readonly [name: string]: string | number | boolean }): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');

function row(
  { pipeline, defense, attack, sweep, seeds }: ReportCell,
  metric: string,
  figure: Figure,
) {
  const values: {
    readonly [column in (typeof columns)[number]]: string | number | boolean | null | undefined;
  } = {
    pipeline,
    defense: defense.join(' |> '),
    attack: attack.join(' |> '),
    sweep: pairs(sweep),
    seeds: seeds.join(' '),
    split: splitOf(metric),
    metric: bareMetric(metric),
    value: figure.value,
    low: figure.low,
    high: figure.high,
    n: figure.n,
    tokens: figure.tokens,
    interval: figure.interval,
    at_least: figure.atLeast,
    adaptive: figure.adaptive,
    adversary: figure.adversary,
    span: figure.span,
    baselines: pairs(figure.baselines),
    text: figure.text,
  };
  return columns.map((column) => field(String(values[column] ?? ''))).join(',');
}

/** All figures as RFC 4180 text: a header, then one line per cell, metric and variant; full precision, CRLF. */
export function renderCsv(report: Report): string {
  const rows = report.cells.flatMap((cell) =>
    Object.entries(cell.metrics).flatMap(([metric, shown]) =>
      (shown.variants ?? [shown]).map((figure) => row(cell, metric, figure)),
    ),
  );
  return [columns.join(','), ...rows, ''].join('\r\n');
}
