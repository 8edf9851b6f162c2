import { html, type Markup } from './markup.js';

/** One share on a line from 0 to 1, with what it is to be compared with. */
export interface Bar {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Ticks: guessing, majority, ceiling. */
  readonly marks: readonly { readonly value: number; readonly kind: 'guess' | 'ceiling' }[];
  readonly tone: 'leak' | 'use';
  /** Only a lower bound: an open point with an arrow. */
  readonly atLeast: boolean;
}

const across = (share: number): string =>
  `${(2 + 96 * Math.min(Math.max(share, 0), 1)).toFixed(2)}%`;

/** A bar of one figure: line, interval, point and comparison ticks. A picture of the number beside it, so hidden from readers. */
export function bar({ value, low, high, marks, tone, atLeast }: Bar): Markup {
  const interval =
    low !== null &&
    high !== null &&
    html`<line class="whisker" x1="${across(low)}" x2="${across(high)}" y1="9" y2="9"/>`;
  const ticks = marks.map(
    (mark) =>
      html`<line class="tick ${mark.kind}" x1="${across(mark.value)}" x2="${across(mark.value)}" y1="2" y2="16"/>`,
  );
  return html`<svg class="bar ${tone}" height="18" aria-hidden="true" focusable="false"><line class="rail" x1="2%" x2="98%" y1="9" y2="9"/><line class="fill" x1="2%" x2="${across(value)}" y1="9" y2="9"/>${ticks}${interval}<circle class="${atLeast ? 'open' : 'dot'}" cx="${across(value)}" cy="9" r="4"/></svg>`;
}
