import { metricValue } from '../metrics.js';
import { whole } from '../numbers.js';
import type { Profile, Report } from '../report.js';
import { metricWords } from '../verdict/words.js';
import { bar } from './bar.js';
import { measured } from './figure-words.js';
import { html, type Markup, unbroken } from './markup.js';
import { cell, table } from './table.js';

function finding({ axis, points, metric }: Profile): string {
  const sorted = [...points].sort((a, b) => b.value - a.value);
  const most = sorted[0];
  const least = sorted.at(-1);
  if (most === undefined || least === undefined) return '';
  return `By ${axis}: most at ${most.at} (${metricValue(metric, most.value)}), least at ${least.at} (${metricValue(metric, least.value)})`;
}

const profileTable = (profile: Profile): Markup =>
  table({
    caption: html`${unbroken(finding(profile))}. ${profile.label}, ${profile.attack}, ${metricWords(profile.metric)}.`,
    columns: [
      { title: profile.axis },
      { title: metricWords(profile.metric) },
      { title: 'n', figures: true },
    ],
    rows: profile.points.map((point) => [
      cell(point.at),
      cell(
        html`${bar({ value: point.value, low: point.low, high: point.high, marks: [], tone: 'leak', atLeast: false })}${measured(profile.metric, point)}`,
        point.value,
      ),
      cell(point.n === null ? '–' : whole(point.n)),
    ]),
  });

/** Part 5: leakage by layer, position, token class, along training or decoding. "" where no profile was recorded. */
export function wherePart(report: Report): Markup {
  if (report.profiles.length === 0) return html``;
  return html`<section id="where" aria-labelledby="where-title">
<h2 id="where-title">Where it leaks</h2>
<div class="profiles">
${report.profiles.map(profileTable)}</div>
</section>
`;
}
