import { grouped } from '../cells.js';
import { significant } from '../numbers.js';
import type { ReportOracle } from '../report.js';
import { html, type Markup } from './markup.js';
import { cell, table } from './table.js';

const dash = html`<span class="none">–</span>`;

const mark = (ok: boolean, words: string): Markup =>
  ok ? html`<span class="ok">✓ ${words}</span>` : html`<strong class="bad">✕ ${words}</strong>`;

const range = (values: readonly (number | null)[]): Markup => {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return dash;
  const low = significant(Math.min(...known));
  const high = significant(Math.max(...known));
  return html`${low === high ? low : `${low} to ${high}`}`;
};

function summaryRow(name: string, oracles: readonly ReportOracle[]) {
  const held = oracles.filter(({ ok }) => ok).length;
  const all = held === oracles.length;
  const words = all
    ? `holds in all ${held}`
    : `fails in ${oracles.length - held} of ${oracles.length}`;
  return [
    cell(name),
    cell(range(oracles.map(({ value }) => value))),
    cell(range(oracles.map(({ bound }) => bound))),
    cell(mark(all, words)),
  ];
}

/** One line for each kind of check, those that fail first: the range of its values over pipelines and seeds. */
export function oracleSummary(oracles: readonly ReportOracle[]): Markup {
  const kinds = [...grouped(oracles, ({ name }) => name)];
  return table({
    caption:
      'What the run checked of itself; one failure and nothing on this page is to be believed',
    columns: [
      { title: 'Check' },
      { title: 'Value', figures: true },
      { title: 'Bound', figures: true },
      { title: 'Result' },
    ],
    rows: kinds.map(([name, own]) => summaryRow(name, own)),
  });
}

/** Every check of every pipeline and seed. */
export const oracleList = (oracles: readonly ReportOracle[]): Markup =>
  table({
    caption: 'Every check of every pipeline',
    columns: [
      { title: 'Check' },
      { title: 'Pipeline' },
      { title: 'Seed', figures: true },
      { title: 'Value', figures: true },
      { title: 'Bound', figures: true },
      { title: 'Result' },
    ],
    rows: oracles.map(({ name, text, pipeline, seed, value, bound, ok }) => [
      cell(html`${name}${text !== undefined && html`<small class="by">${text}</small>`}`),
      cell(pipeline),
      cell(seed, seed),
      cell(value === null ? dash : significant(value), value ?? 0),
      cell(bound === null ? dash : significant(bound), bound ?? 0),
      cell(mark(ok, ok ? 'holds' : 'fails'), ok ? 1 : 0),
    ]),
    sortable: true,
  });
