import type { Plan } from '@vflair/core/contract';
import { isFacts } from '../facts.js';
import type { Report, RunLock } from '../report.js';
import { html, type Markup } from './markup.js';
import { cell, table } from './table.js';

/** The largest Plan that is printed whole, in characters. */
const largestPlan = 200_000;

/** Every leaf of a lock by its path: `versions.node`, `seeds`. */
export function leavesOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (isFacts(value)) {
    return Object.entries(value).flatMap(([key, item]) =>
      leavesOf(item, path === '' ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null)) {
    return value.flatMap((item, index) => leavesOf(item, `${path}.${index}`));
  }
  if (value === null || value === undefined) return [];
  return [[path, Array.isArray(value) ? value.join(', ') : String(value)]];
}

const digests = (report: Report): Markup =>
  table({
    caption: 'Digests: equal on the same kind of machine, or something changed',
    columns: [{ title: 'What' }, { title: 'sha256' }],
    rows: Object.entries(report.digests).map(([name, value]) => [
      cell(name),
      cell(html`<code class="hash">${value}</code>`),
    ]),
  });

const resolved = (lock: RunLock): Markup =>
  table({
    caption: 'What this machine resolved',
    columns: [{ title: 'What' }, { title: 'Value' }],
    rows: leavesOf(lock).map(([path, value]) => [
      cell(path),
      cell(html`<code class="hash">${value}</code>`),
    ]),
  });

/** Part 10: how to check and repeat it, with the Plan, the digests and what to expect on another machine. */
export function againPart(report: Report, plan: Plan, lock: RunLock | undefined): Markup {
  const text = JSON.stringify(plan, null, 1);
  return html`<section id="again" aria-labelledby="again-title">
<h2 id="again-title">Again</h2>
<p>In the folder of this run:</p>
<pre class="command" tabindex="0" aria-label="commands"><code>npx vflair verify .                       # hashes everything, runs the Plan again, compares
npx vflair run plan.json --out ../again   # the same experiment from its Plan alone</code></pre>
<p>On the same kind of machine and runtime the digests of transcript and records come out equal. Elsewhere floating-point sums differ in their last digits, so digests differ and figures agree within their intervals; times are those of this machine.</p>
${digests(report)}
${lock !== undefined && html`<details><summary>What this machine resolved: versions, digests, device</summary>${resolved(lock)}</details>`}
<details class="bulk"><summary>The Plan</summary>
${text.length <= largestPlan ? html`<pre tabindex="0" aria-label="plan"><code>${text}</code></pre>` : html`<p>It is ${text.length} characters long; see <code>plan.json</code>.</p>`}</details>
</section>
`;
}
