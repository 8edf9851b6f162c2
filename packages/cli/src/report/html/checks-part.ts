import { metricValue } from '../metrics.js';
import { whole } from '../numbers.js';
import type { Report } from '../report.js';
import { settingLabel } from '../settings.js';
import { metricWords } from '../verdict/words.js';
import { measured } from './figure-words.js';
import { html, type Markup, prose, unbroken } from './markup.js';
import { oracleList, oracleSummary } from './oracle-table.js';
import { cell, table } from './table.js';

const dash = html`<span class="none">–</span>`;

const figureRows = (report: Report) =>
  report.cells.flatMap(({ pipeline, sweep, attack, metrics, seeds }) =>
    Object.entries(metrics).flatMap(([metric, shown]) =>
      (shown.variants ?? [shown]).map((figure) => {
        const variant = [
          figure.adaptive === undefined ? '' : figure.adaptive ? 'adaptive' : 'static',
          figure.adversary ?? '',
          figure.span ?? '',
        ].filter((word) => word !== '');
        const baselines =
          Object.keys(figure.baselines).length > 0 ? figure.baselines : shown.baselines;
        return [
          cell(settingLabel(pipeline, sweep)),
          cell(
            html`${attack.length === 0 ? 'task' : attack.join(' |> ')}${variant.length > 0 && html`<small class="by">${variant.join(', ')}</small>`}`,
          ),
          cell(metric),
          cell(measured(metric, figure), figure.value ?? 0),
          cell(figure.n === null ? dash : whole(figure.n), figure.n ?? 0),
          cell(seeds.length, seeds.length),
          cell(
            Object.entries(baselines).map(
              ([name, value], index) =>
                html`${index > 0 && ', '}${metricWords(name)} ${unbroken(metricValue(metric, value))}`,
            ),
          ),
          cell(figure.text === undefined ? dash : figure.text),
        ];
      }),
    ),
  );

const figures = (report: Report): Markup =>
  table({
    caption: 'Every figure of the run with its controls',
    sortable: true,
    columns: [
      { title: 'Setting' },
      { title: 'Attack' },
      { title: 'Measure' },
      { title: 'Figure', figures: true },
      { title: 'n', figures: true },
      { title: 'Seeds', figures: true },
      { title: 'Baselines and controls' },
      { title: 'Remark' },
    ],
    rows: figureRows(report),
  });

/** Part 8: the run's checks of itself, what was dropped or warned of, seeds, and every figure with its controls. */
export function checksPart(report: Report): Markup {
  const { oracles, notes } = report;
  const held = oracles.filter(({ ok }) => ok).length;
  const seeds = [...new Set(report.cells.flatMap((each) => each.seeds))].sort((a, b) => a - b);
  return html`<section id="checks" aria-labelledby="checks-title">
<h2 id="checks-title">Checks</h2>
<p>${held} of ${oracles.length} checks hold${seeds.length > 0 && html`; ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`}.</p>
${
  oracles.length > 0 &&
  html`${oracleSummary(oracles)}<details><summary>Every check of every pipeline</summary>
${oracleList(oracles)}</details>`
}
${notes.length > 0 && html`<h3>Notes</h3><ul class="plain">${notes.map(({ name, pipeline, text }) => html`<li><b>${pipeline}</b>, ${metricWords(name)}: ${prose(text)}</li>`)}</ul>`}
${
  report.cells.length > 0 &&
  html`<details><summary>Every figure with its controls</summary>
${figures(report)}</details>`
}
</section>
`;
}
