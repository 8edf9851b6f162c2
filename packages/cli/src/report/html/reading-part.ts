import { shareRead } from '../examples.js';
import { counted, whole } from '../numbers.js';
import type { ExampleToken, Report, ReportExample } from '../report.js';
import { html, type Markup } from './markup.js';

/** How much text the page may hold. */
export interface ExampleLimits {
  readonly examples: number;
  readonly tokens: number;
}

const shownToken = (token: string): string => {
  const shown = token.replaceAll('\n', '↵').replaceAll('\t', '⇥').trim();
  return shown === '' ? '␣' : shown;
};

function pair(token: ExampleToken, next: ExampleToken | undefined): Markup {
  const spaced = next === undefined || /^[\s▁Ġ]/.test(next.original) ? ' sp' : '';
  const own = token.private ? ' own' : '';
  return html`<span class="pair ${token.status}${own}${spaced}"><bdi>${shownToken(token.original)}</bdi><bdi>${shownToken(token.recovered)}</bdi></span>`;
}

/** The same for ears: both texts in one piece each. */
const spoken = (tokens: readonly ExampleToken[]): Markup => {
  const line = (pick: 'original' | 'recovered'): string =>
    tokens
      .filter(({ status }) => status !== 'special')
      .map((token) => token[pick])
      .join('')
      .trim();
  return html`<p class="sr">Original: ${line('original')}</p><p class="sr">Recovered: ${line('recovered')}</p>`;
};

function exampleArticle(example: ReportExample, limits: ExampleLimits): Markup {
  const { right, of } = shareRead(example);
  const tokens = example.tokens.slice(0, limits.tokens);
  const left = example.tokens.length - tokens.length;
  const span = example.span === null ? '' : `, the ${example.span}`;
  const row = example.row === '' ? '' : `, ${example.split} row ${example.row}`;
  return html`<article class="example" data-setting="${example.label}" data-attack="${example.attack}">
<h3>${example.label}<span class="dim"> by ${example.attack}${span}</span></h3>
<p class="meta">${example.rule} read${row}: ${whole(right)} of ${counted(of, 'token')} right</p>
${spoken(tokens)}
<div class="tokens" aria-hidden="true">${tokens.map((token, index) => pair(token, tokens[index + 1]))}</div>
${left > 0 && html`<p class="fine">${counted(left, 'more token')} not shown.</p>`}
</article>
`;
}

const options = (values: readonly string[]): Markup =>
  html`<option value="">all</option>${[...new Set(values)].map((value) => html`<option>${value}</option>`)}`;

const switches = (examples: readonly ReportExample[]): Markup =>
  html`<p class="switches" hidden><label>Setting <select data-switch="setting">${options(examples.map(({ label }) => label))}</select></label> <label>Attack <select data-switch="attack">${options(examples.map(({ attack }) => attack))}</select></label> <span role="status" class="dim"></span></p>`;

const key = html`<p class="key" aria-hidden="true"><span class="pair right sp"><bdi>original</bdi><bdi>read</bdi></span> <span class="pair right own sp"><bdi>private</bdi><bdi>read</bdi></span> <span class="pair wrong sp"><bdi>original</bdi><bdi>not read</bdi></span> <span class="pair special sp"><bdi>special</bdi><bdi>not counted</bdi></span></p>`;

// One text of each setting and attack before a second of any, so that a limit never hides a setting.
function chosen(all: readonly ReportExample[], count: number): ReadonlySet<ReportExample> {
  const turns = new Map<string, number>();
  const ranked = all.map((example, index) => {
    const group = JSON.stringify([example.label, example.attack, example.span]);
    const turn = turns.get(group) ?? 0;
    turns.set(group, turn + 1);
    return { example, turn, index };
  });
  ranked.sort((a, b) => a.turn - b.turn || a.index - b.index);
  return new Set(ranked.slice(0, count).map(({ example }) => example));
}

/** Part 3: texts as they were and as they were read. Which ones is decided by rule: the best, median and worst read of each attack. */
export function readingPart(report: Report, limits: ExampleLimits): Markup {
  if (report.examples.length === 0) return html``;
  const kept = chosen(report.examples, limits.examples);
  const order = report.cells.map(({ pipeline }) => pipeline);
  const shown = report.examples
    .filter((example) => kept.has(example))
    .sort((a, b) => order.indexOf(a.pipeline) - order.indexOf(b.pipeline));
  const left = report.examples.length - shown.length;
  return html`<section id="reading" aria-labelledby="reading-title">
<h2 id="reading-title">What was read</h2>
<p>Token under token: above what was sent, below what the adversary made of it. The texts are chosen by rule, not by hand: of each attack the best, the median and the worst read.</p>
${key}${switches(shown)}
${shown.map((example) => exampleArticle(example, limits))}${left > 0 && html`<p class="fine">${counted(left, 'more text')} in <code>report.json</code>.</p>`}</section>
`;
}
