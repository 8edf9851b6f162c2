import { createHash } from 'node:crypto';
import type { Plan } from '@vflair/core/contract';
import type { Report, RunLock } from '../report.js';
import { againPart } from './again-part.js';
import { checksPart } from './checks-part.js';
import { costPart } from './cost-part.js';
import { labelsPart } from './labels-part.js';
import { ledgerPart } from './ledger-part.js';
import { html, type Markup, trusted } from './markup.js';
import { type ExampleLimits, readingPart } from './reading-part.js';
import { script } from './script.js';
import { style } from './style.js';
import { figureStyle } from './style-figures.js';
import { threatPart } from './threat-part.js';
import { tradeOffPart } from './trade-off-part.js';
import { verdictPart } from './verdict-part.js';
import { wherePart } from './where-part.js';

/** The largest page, in UTF-8 bytes. */
export const largestPage = 1_500_000;

/** How many texts are shown, the most first; the first that fits into {@link largestPage} is taken. */
const steps: readonly ExampleLimits[] = [
  { examples: 90, tokens: 256 },
  { examples: 40, tokens: 160 },
  { examples: 15, tokens: 80 },
  { examples: 0, tokens: 0 },
];

// Only this script may run, and nothing may be fetched: what a hostile text could still try, the browser refuses.
const policy = (code: string): string =>
  `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(code).digest('base64')}'; base-uri 'none'; form-action 'none'`;

const titles: readonly (readonly [id: string, title: string])[] = [
  ['verdict', 'Verdict'],
  ['threat', 'Who sees what'],
  ['reading', 'What was read'],
  ['trade-off', 'Leakage against use'],
  ['where', 'Where it leaks'],
  ['labels', 'Labels'],
  ['ledger', 'Ledger'],
  ['checks', 'Checks'],
  ['cost', 'Cost'],
  ['again', 'Again'],
];

function failureWords(oracles: Report['oracles']): string {
  if (oracles.length === 0) return 'the run holds no check of itself';
  const failed = oracles
    .filter(({ ok }) => !ok)
    .map(({ name, pipeline }) => `${name} failed in ${pipeline}`);
  const more = failed.length > 3 ? `, and ${failed.length - 3} more` : '';
  return `${failed.slice(0, 3).join(', ')}${more}`;
}

function badge({ believed, oracles }: Report): Markup {
  if (believed) {
    return html`<p class="badge">✓ Believed: all ${oracles.length} checks of the run hold</p>`;
  }
  return html`<p class="badge no">✕ Not to be believed: ${failureWords(oracles)}</p>`;
}

function head({ title, believed }: Report): Markup {
  const name = believed ? title : `Not to be believed: ${title}`;
  return html`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${name}</title>
<style>${trusted(style + figureStyle)}</style>
</head>`;
}

// A short hyphenated name stays on one line.
const title = (text: string): Markup =>
  html`${text.split(' ').map((word, index) => {
    const whole = word.includes('-') && word.length <= 16 ? html`<span>${word}</span>` : word;
    return html`${index > 0 && ' '}${whole}`;
  })}`;

const aboutLine = ({ pipeline, text }: Report['about'][number]): Markup =>
  html`<p class="about">${pipeline !== null && html`<b>${pipeline}</b> `}${text}</p>
`;

const header = (report: Report): Markup => html`<header>
<p class="kicker">vflair <span aria-hidden="true">·</span> a split model under attack</p>
<h1>${title(report.title)}</h1>
${report.about.map(aboutLine)}${badge(report)}
</header>
`;

function contents(parts: string): Markup {
  const present = titles.filter(([id]) => parts.includes(`<section id="${id}"`));
  return html`<nav aria-label="Contents"><ol>${present.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
`;
}

const page = (report: Report, main: Markup): string => `<!doctype html>
${
  html`<html lang="en">
${head(report)}
<body${!report.believed && html` class="doubted"`}>
<a class="skip" href="#main">Skip to the verdict</a>
${header(report)}${contents(main.text)}<main id="main">
${main}</main>
<footer>Made by vflair from the records of plan <code class="hash">${report.plan}</code>. Nothing on this page was fetched or will be.</footer>
<script>${trusted(script)}</script>
</body>
</html>`.text
}
`;

/**
 * The report as one HTML page that fetches nothing, of at most {@link largestPage} bytes (texts are left out first, and
 * said to be). The same report gives the same bytes.
 */
export async function renderHtml(
  report: Report,
  plan: Plan,
  lock: RunLock | undefined,
): Promise<string> {
  const tradeOff = await tradeOffPart(report, plan);
  const pages = steps.map((limits) => () => {
    const main = html`${verdictPart(report)}${threatPart(report)}${readingPart(report, limits)}${tradeOff}${wherePart(report)}${labelsPart(report)}${ledgerPart(report)}${checksPart(report)}${costPart(report)}${againPart(report, plan, lock)}`;
    return page(report, main);
  });
  let smallest = '';
  for (const made of pages) {
    smallest = made();
    if (Buffer.byteLength(smallest) <= largestPage) return smallest;
  }
  return smallest;
}
