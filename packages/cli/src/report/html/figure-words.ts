import { metricRange, metricValue } from '../metrics.js';
import type { Figure, TableFigure } from '../report.js';
import { html, type Markup, unbroken } from './markup.js';

/** `at least 93.2 %` over `90.1 to 95.4 %`; a dash where nothing was measured. */
export function measured(
  metric: string,
  figure: Pick<Figure, 'value' | 'low' | 'high'> & { readonly atLeast?: boolean },
): Markup {
  if (figure.value === null) return html`<span class="none">not measured</span>`;
  const value = html`${figure.atLeast === true && html`<small class="least">at least</small> `}<b>${unbroken(metricValue(metric, figure.value))}</b>`;
  if (figure.low === null || figure.high === null) return value;
  return html`${value}<small class="range">${unbroken(metricRange(metric, figure.low, figure.high))}</small>`;
}

/** What guessing gets beside a figure; a dash where it was not measured. */
export const guessed = ({ metric, guess }: Pick<TableFigure, 'metric' | 'guess'>): Markup =>
  guess === null
    ? html`<span class="none">–</span>`
    : html`${unbroken(metricValue(metric, guess))}`;
