import type { Plan } from '@vflair/core/contract';
import { drawChart } from '../chart/draw.js';
import { attackNames, type ChartGroup, chartGroups, defenseNames } from '../chart/points.js';
import { isReferenceCount, isScore, metricValue } from '../metrics.js';
import { significant, whole } from '../numbers.js';
import type { Figure, Report, ReportCell, TableRow } from '../report.js';
import { settingLabel } from '../settings.js';
import { metricWords } from '../verdict/words.js';
import { guessed, measured } from './figure-words.js';
import { html, type Markup, trusted, unbroken } from './markup.js';
import { cell, table } from './table.js';

/** Plots for a wide and a narrow page; both are drawn and the page shows one. */
const sizes = [
  { name: 'wide', width: 600, height: 360 },
  { name: 'narrow', width: 290, height: 300 },
] as const;

/** What the chart shows, as a sentence: its alternative text. */
export function chartFinding(group: ChartGroup): string {
  const strongest = group.points.filter(({ strongest: is }) => is);
  const most = [...strongest].sort((a, b) => b.y - a.y)[0];
  const front = group.points.filter(({ pareto }) => pareto).sort((a, b) => a.y - b.y);
  if (most === undefined) return '';
  const at = (point: ChartGroup['points'][number]): string =>
    `${point.name} (${metricValue(group.leakMetric, point.y)} read, ${metricWords(group.useMetric)} ${metricValue(group.useMetric, point.x)})`;
  const best = front.length === 0 ? '' : ` No setting beats ${front.map(at).join(', ')} in both.`;
  const guess =
    group.guess === null ? '' : ` Guessing reads ${metricValue(group.leakMetric, group.guess)}.`;
  return `Most is read from ${at(most)}, by ${most.attack}.${best}${guess}`;
}

const chip = (index: number, name: string): Markup =>
  html`<span class="chip c${(index % 6) + 1}" aria-hidden="true"></span> ${name}`;

// Named points need no key; a key is given where some points stay unnamed or attacks are many.
function legend(report: Report, group: ChartGroup): Markup {
  const attacks = attackNames(report);
  const own = [...new Set(group.points.map(({ attack }) => attack))];
  if (own.length <= 4 && group.points.length <= 12) return html``;
  return html`<p class="legend">Attacks by colour: ${own.map((name, index) => html`${index > 0 && ', '}${chip(attacks.indexOf(name), name)}`)}. Defenses by shape: ${defenseNames(report).join(', ')} (circle, square, triangle, diamond, cross, …).</p>`;
}

async function figure(report: Report, group: ChartGroup): Promise<Markup> {
  const style = { attacks: attackNames(report), defenses: defenseNames(report) };
  const drawings = await Promise.all(
    sizes.map(async ({ name, ...size }) => ({
      name,
      svg: await drawChart(group, { ...style, ...size }),
    })),
  );
  const finding = chartFinding(group);
  const n = Math.min(...group.rows.flatMap(({ leakage }) => leakage?.n ?? []));
  return html`<figure class="chart">
${drawings.map(({ name, svg }) => html`<div class="${name}" role="img" aria-label="${finding}">${trusted(svg)}</div>`)}
<figcaption>${unbroken(finding)} Lower right is better. Each point is one attack on one setting with both 95 % intervals${Number.isFinite(n) && ` (n ≥ ${whole(n)})`}; the line joins the Pareto set, open points are lower bounds, and the strongest attack of a setting is drawn fullest.</figcaption>
${legend(report, group)}
<details><summary>The same as a table</summary>${pointTable(group.rows)}</details>
</figure>
`;
}

const dash = html`<span class="none">–</span>`;

const pointRow = (row: TableRow) => [
  cell(html`${row.label}${row.pareto && html`<small class="by">Pareto set</small>`}`),
  cell(
    row.attack.length === 0
      ? dash
      : html`${row.attack.join(' |> ')}${row.leakage?.adaptive === true && html`<small class="by">adaptive</small>`}`,
  ),
  cell(
    row.leakage === null ? dash : measured(row.leakage.metric, row.leakage),
    row.leakage?.value ?? -1,
  ),
  cell(row.leakage === null ? dash : guessed(row.leakage), row.leakage?.guess ?? -1),
  cell(
    row.leakage?.n === undefined || row.leakage.n === null ? dash : whole(row.leakage.n),
    row.leakage?.n ?? 0,
  ),
  cell(
    row.leakage?.tokens === undefined ? dash : whole(row.leakage.tokens),
    row.leakage?.tokens ?? 0,
  ),
  cell(
    row.utility === null
      ? dash
      : html`${measured(row.utility.metric, row.utility)}<small class="by">${metricWords(row.utility.metric)}</small>`,
    row.utility?.value ?? -1,
  ),
  cell(
    row.utility?.n === undefined || row.utility.n === null ? dash : whole(row.utility.n),
    row.utility?.n ?? 0,
  ),
];

const pointTable = (rows: readonly TableRow[]): Markup =>
  table({
    caption: 'Leakage and use of every setting and attack',
    sortable: true,
    columns: [
      { title: 'Setting' },
      { title: 'Attack' },
      { title: 'Tokens read', figures: true },
      { title: 'Guessing', figures: true },
      { title: 'n', figures: true },
      { title: 'Tokens', figures: true },
      { title: 'Use', figures: true },
      { title: 'n', figures: true },
    ],
    rows: rows.map(pointRow),
  });

function namedRows(report: Report, wanted: (metric: string) => boolean) {
  return report.cells.flatMap((each) =>
    Object.entries(each.metrics)
      .filter(([metric]) => wanted(metric))
      .map(([metric, shown]) => namedRow(each, metric, shown)),
  );
}

const namedRow = ({ pipeline, sweep, attack }: ReportCell, metric: string, shown: Figure) => [
  cell(settingLabel(pipeline, sweep)),
  cell(attack.length === 0 ? dash : attack.join(' |> ')),
  cell(metricWords(metric)),
  cell(measured(metric, shown), shown.value ?? -1),
  cell(
    Object.entries(shown.baselines).map(
      ([name, value], index) =>
        html`${index > 0 && ', '}${name} ${unbroken(isScore(metric) ? significant(value) : metricValue(metric, value))}`,
    ),
  ),
  cell(shown.n === null ? dash : whole(shown.n), shown.n ?? 0),
];

function namedTable(report: Report, title: string, wanted: (metric: string) => boolean): Markup {
  const rows = namedRows(report, wanted);
  if (rows.length === 0) return html``;
  const columns = [
    { title: 'Setting' },
    { title: 'Attack' },
    { title: 'Measure' },
    { title: 'Figure', figures: true },
    { title: 'Beside it' },
    { title: 'n', figures: true },
  ];
  return html`<details><summary>${title}</summary>${table({ caption: title, columns, rows, sortable: true })}</details>`;
}

/** Part 4: leakage against use as chart and table; apart from it the scores, and the original's way of counting. */
export async function tradeOffPart(report: Report, plan: Plan): Promise<Markup> {
  const groups = chartGroups(report, plan);
  const charted = new Set(groups.flatMap(({ rows }) => rows));
  const rest = report.table.filter(
    (row) => !charted.has(row) && row.leakage?.metric.endsWith('positional-accuracy') === true,
  );
  if (groups.length === 0 && rest.length === 0) return html``;
  const figures = await Promise.all(groups.map((group) => figure(report, group)));
  return html`<section id="trade-off" aria-labelledby="trade-off-title">
<h2 id="trade-off-title">Leakage against use</h2>
${figures}
${rest.length > 0 && html`<h3>Settings without a counterpart</h3>${pointTable(rest)}`}
${namedTable(report, 'Defense capability scores', isScore)}
${namedTable(report, 'As the reference counts: special tokens included, order free', isReferenceCount)}
</section>
`;
}
