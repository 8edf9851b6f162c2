import { ceilingOf, claimWords } from '../ledger.js';
import { isSmallerBetter, metricValue } from '../metrics.js';
import { counted } from '../numbers.js';
import type { Report, TableFigure, TableRow } from '../report.js';
import { metricWords } from '../verdict/words.js';
import { type Bar, bar } from './bar.js';
import { guessed, measured } from './figure-words.js';
import { html, type Markup, prose } from './markup.js';
import { cell, type TableCell, table } from './table.js';

/** Settings shown at once; the rest is folded. */
const atOnce = 12;

/** What a line of the overview is about. */
interface Line {
  readonly row: TableRow;
  readonly claim: string;
  readonly ceiling: number | undefined;
}

const linesOf = (report: Report): readonly Line[] =>
  report.table
    .filter(({ strongest, leakage }) => strongest || leakage === null)
    .map((row) => {
      const ledger = report.ledger.filter(
        (line) =>
          line.pipeline === row.pipeline &&
          JSON.stringify(line.sweep) === JSON.stringify(row.sweep) &&
          line.epsilon !== null,
      );
      return { row, claim: ledger.map(claimWords).join('; '), ceiling: ceilingOf(ledger) };
    });

const isShare = ({ metric }: TableFigure): boolean => metricValue(metric, 0.5).endsWith('%');

function shareBar(figure: TableFigure, tone: Bar['tone'], extra: Partial<Bar> = {}): Markup {
  const guess = figure.guess === null ? [] : [{ value: figure.guess, kind: 'guess' as const }];
  return isShare(figure) || figure.metric.endsWith('auc')
    ? bar({
        value: figure.value,
        low: figure.low,
        high: figure.high,
        tone,
        atLeast: extra.atLeast ?? false,
        marks: [...guess, ...(extra.marks ?? [])],
      })
    : html``;
}

function leakCell({ row }: Line): TableCell {
  const { leakage } = row;
  if (leakage === null) return cell(html`<span class="none">not attacked</span>`);
  const what = leakage.metric.includes('label') ? metricWords(leakage.metric) : 'tokens';
  const guess = leakage.guess === null ? '' : html`; guessing ${guessed(leakage)}`;
  return cell(
    html`${shareBar(leakage, 'leak', { atLeast: leakage.atLeast })}${measured(leakage.metric, leakage)}<small class="by">${what}, by ${row.attack.join(' |> ')}${guess}</small>`,
    leakage.value,
  );
}

function useCell({ row, ceiling }: Line): TableCell {
  const { utility } = row;
  if (utility === null) return cell(html`<span class="none">not measured</span>`);
  const marks = ceiling === undefined ? [] : [{ value: ceiling, kind: 'ceiling' as const }];
  const shown = isSmallerBetter(utility.metric) ? html`` : shareBar(utility, 'use', { marks });
  const guess = utility.guess === null ? '' : html`; ${utility.guessName} ${guessed(utility)}`;
  return cell(
    html`${shown}${measured(utility.metric, utility)}<small class="by">${metricWords(utility.metric)}${guess}</small>`,
    utility.value,
  );
}

const nameCell = ({ row, claim }: Line): TableCell =>
  cell(
    html`${row.label}<small class="by">${row.defense.length === 0 ? 'no defense' : [...new Set(row.defense)].join(' |> ')}${claim !== '' && html`<br>${claim}`}</small>`,
  );

const overview = (lines: readonly Line[]): Markup =>
  table({
    caption: html`Every setting: what the strongest attack reads, and what the model is still good for. Bars run from 0 to 100 %; short ticks mark guessing, dotted ones the ceiling of a claim; an open point is a lower bound.`,
    columns: [{ title: 'Setting' }, { title: 'Read by the adversary' }, { title: 'Use' }],
    rows: lines.map((line) => [nameCell(line), leakCell(line), useCell(line)]),
  });

/** How intervals are to be read: one seed or several. */
export function seedsWords(report: Report): string {
  const most = Math.max(0, ...report.cells.map(({ seeds }) => seeds.length));
  return most > 1
    ? `Intervals are 95 %: over ${counted(most, 'seed')} where there are several (t interval), else over the rows of one seed (sampling error only).`
    : 'Intervals are 95 % over the rows of one seed: sampling error only.';
}

/** Part 1: the sentences, what is missing, and every setting in one table. */
export function verdictPart(report: Report): Markup {
  const { sentences, next } = report.verdict;
  const lines = linesOf(report);
  const more = lines.slice(atOnce);
  return html`<section id="verdict" aria-labelledby="verdict-title">
<h2 id="verdict-title">Verdict</h2>
<div class="answer">
${sentences.map((sentence) => html`<p>${prose(sentence)}</p>\n`)}</div>
${next !== '' && html`<p class="next">${prose(next)}</p>`}
${lines.length > 0 && html`<div class="overview">${overview(lines.slice(0, atOnce))}${more.length > 0 && html`<details><summary>${counted(more.length, 'more setting')}</summary>${overview(more)}</details>`}</div>`}
${report.cells.length > 0 && html`<p class="fine">${seedsWords(report)}</p>`}
</section>
`;
}
