import { guessOf, isAboutLabels, metricValue } from '../metrics.js';
import { percent, pValue, whole } from '../numbers.js';
import type { Figure, Report, ReportCell } from '../report.js';
import { settingLabel } from '../settings.js';
import { metricWords } from '../verdict/words.js';
import { measured } from './figure-words.js';
import { html, type Markup, unbroken } from './markup.js';
import { cell, type TableCell, table } from './table.js';

const dash = html`<span class="none">–</span>`;

function rowOf(
  { pipeline, sweep, attack }: ReportCell,
  metric: string,
  figure: Figure,
): readonly TableCell[] {
  const guess = guessOf(metric, figure);
  const abstained = figure.abstained;
  return [
    cell(settingLabel(pipeline, sweep)),
    cell(attack.join(' |> ')),
    cell(
      html`${metricWords(metric)}${figure.direction !== undefined && html`<small class="by">${figure.direction}</small>`}`,
    ),
    cell(measured(metric, figure), figure.value ?? 0),
    cell(
      guess === undefined
        ? dash
        : html`${unbroken(metricValue(metric, guess.value))}<small class="by">${guess.name}</small>`,
    ),
    cell(figure.n === null ? dash : whole(figure.n), figure.n ?? 0),
    cell(figure.p === undefined ? dash : pValue(figure.p)),
    cell(
      abstained === undefined
        ? dash
        : abstained < 1 && abstained > 0
          ? unbroken(percent(abstained))
          : whole(abstained),
    ),
  ];
}

/** Part 6: what is told of the labels, beside the majority class and chance. "" where no attack was on labels. */
export function labelsPart(report: Report): Markup {
  const rows = report.cells.flatMap((each) =>
    Object.entries(each.metrics)
      .filter(([metric]) => isAboutLabels(metric))
      .map(([metric, figure]) => rowOf(each, metric, figure)),
  );
  if (rows.length === 0) return html``;
  return html`<section id="labels" aria-labelledby="labels-title">
<h2 id="labels-title">Labels</h2>
<p>AUC is oriented: its direction was fixed before the scores were looked at. <em>Leak AUC</em> takes the better direction afterwards and is biased upwards; it never enters the verdict. Without a defense in head-tail, the gradient of the logits has its one negative entry at the label.</p>
${table({
  caption: 'What the attacks tell of the labels',
  sortable: true,
  columns: [
    { title: 'Setting' },
    { title: 'Attack' },
    { title: 'Measure' },
    { title: 'Figure', figures: true },
    { title: 'Guessing', figures: true },
    { title: 'n', figures: true },
    { title: 'p', figures: true },
    { title: 'Abstained', figures: true },
  ],
  rows,
})}</section>
`;
}
