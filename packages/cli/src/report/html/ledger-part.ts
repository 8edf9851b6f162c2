import { claimWords } from '../ledger.js';
import { counted, percent, significant } from '../numbers.js';
import type { LedgerLine, Report } from '../report.js';
import { settingLabel } from '../settings.js';
import { html, type Markup, unbroken } from './markup.js';
import { cell, table } from './table.js';

const dash = html`<span class="none">–</span>`;

function mechanismWords(line: LedgerLine): string {
  const parts = [
    line.mechanism === 'none' ? '' : line.mechanism,
    line.sensitivity === null ? '' : `Δ ${significant(line.sensitivity)}`,
    line.scale === null
      ? ''
      : `${line.mechanism === 'laplace' ? 'b' : 'σ'} ${significant(line.scale)}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

const releaseWords = ({ epsilonPerRelease, releases }: LedgerLine): string => {
  const times = releases === null ? '' : counted(releases, 'release');
  if (epsilonPerRelease === null) return times;
  return `${times === '' ? 'a release' : times} of ε ${significant(epsilonPerRelease)}`;
};

const claim = (line: LedgerLine): Markup =>
  line.epsilon === null
    ? html`<b>none</b>${line.reason !== '' && html`<small class="by">${line.reason}</small>`}`
    : html`<b>${unbroken(claimWords(line))}</b><small class="by">${line.neighbouring}</small>`;

const rowOf = (line: LedgerLine) => [
  cell(
    html`${settingLabel(line.pipeline, line.sweep)}<small class="by">${line.defense} at ${line.party}, ${line.point}</small>`,
  ),
  cell(claim(line)),
  cell(
    mechanismWords(line) === ''
      ? dash
      : html`${unbroken(mechanismWords(line))}<small class="by">${unbroken(releaseWords(line))}</small>`,
  ),
  cell(line.ceiling === null ? dash : unbroken(percent(line.ceiling))),
  cell(line.audited === null ? dash : html`ε ≥ ${significant(line.audited)}`),
];

/** Part 7: what each defense claims, over how many releases, and what bounds it. */
export function ledgerPart(report: Report): Markup {
  const { ledger } = report;
  const simulated = ledger.some((line) => line.simulated && line.mechanism !== 'none');
  const units = new Set(ledger.filter(({ epsilon }) => epsilon !== null).map(({ unit }) => unit));
  return html`<section id="ledger" aria-labelledby="ledger-title">
<h2 id="ledger-title">Ledger</h2>
${ledger.length === 0 && html`<p>No defense in this run makes a statement, so no privacy is claimed.</p>`}
${
  ledger.length > 0 &&
  table({
    caption: 'What is claimed, composed over all releases of a row; “none” where nothing is',
    columns: [
      { title: 'Defense' },
      { title: 'Claim in all' },
      { title: 'Mechanism and releases' },
      { title: 'Ceiling', figures: true },
      { title: 'Audit', figures: true },
    ],
    rows: ledger.map(rowOf),
  })
}
${ledger.length > 0 && html`<p class="fine">The ceiling is the largest balanced accuracy that any use of a release can have under its claim.${units.size > 1 && ' The claims have different units: their ε must not be compared.'}${simulated && ' The noise was drawn from the seed of the Plan, so this run is a simulation; a deployment draws it from the system’s generator, kept by the data party.'}</p>`}
</section>
`;
}
