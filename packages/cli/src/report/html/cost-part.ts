import { byteSize, duration, significant } from '../numbers.js';
import type { Report } from '../report.js';
import { html, type Markup, unbroken } from './markup.js';
import { cell, table } from './table.js';

const dash = html`<span class="none">–</span>`;

const stages = (report: Report) =>
  Object.entries(report.timings).flatMap(([pipeline, own]) =>
    Object.entries(own).map(([stage, timing]) => [
      cell(pipeline),
      cell(stage),
      cell(unbroken(duration(timing.seconds)), timing.seconds),
      cell(
        timing.peakMemory === undefined ? dash : unbroken(byteSize(timing.peakMemory)),
        timing.peakMemory ?? 0,
      ),
      cell(
        timing.tokensPerSecond === undefined ? dash : significant(timing.tokensPerSecond),
        timing.tokensPerSecond ?? 0,
      ),
    ]),
  );

const channels = (report: Report) =>
  Object.entries(report.bytes).flatMap(([pipeline, own]) =>
    Object.entries(own).map(([channel, traffic]) => [
      cell(pipeline),
      cell(channel.replace(' -> ', ' → ')),
      cell(unbroken(byteSize(traffic.total)), traffic.total),
      cell(
        traffic.perExample === undefined ? dash : unbroken(byteSize(traffic.perExample)),
        traffic.perExample ?? 0,
      ),
      cell(traffic.shape === undefined ? dash : traffic.shape.join(' × ')),
    ]),
  );

const timeTable = (report: Report): Markup =>
  table({
    caption: 'Time and memory by stage; the one thing here that another run will not repeat',
    sortable: true,
    columns: [
      { title: 'Pipeline' },
      { title: 'Stage' },
      { title: 'Time', figures: true },
      { title: 'Peak memory', figures: true },
      { title: 'Tokens per second', figures: true },
    ],
    rows: stages(report),
  });

const byteTable = (report: Report): Markup =>
  table({
    caption: 'Bytes that crossed between the parties',
    sortable: true,
    columns: [
      { title: 'Pipeline' },
      { title: 'Channel' },
      { title: 'In all', figures: true },
      { title: 'Per example', figures: true },
      { title: 'Shape of one', figures: true },
    ],
    rows: channels(report),
  });

/** Part 9: time, memory and bytes. */
export function costPart(report: Report): Markup {
  const seconds = Object.values(report.timings)
    .flatMap((own) => Object.values(own))
    .reduce((sum, timing) => sum + timing.seconds, 0);
  const bytes = Object.values(report.bytes)
    .flatMap((own) => Object.values(own))
    .reduce((sum, traffic) => sum + traffic.total, 0);
  if (seconds === 0 && bytes === 0) return html``;
  return html`<section id="cost" aria-labelledby="cost-title">
<h2 id="cost-title">Cost</h2>
<p>${unbroken(duration(seconds))} of work in all stages together; ${unbroken(byteSize(bytes))} crossed between the parties.</p>
${seconds > 0 && html`<details><summary>Time and memory</summary>${timeTable(report)}</details>`}
${bytes > 0 && html`<details><summary>Bytes</summary>${byteTable(report)}</details>`}
</section>
`;
}
