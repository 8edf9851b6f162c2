import type { Crossing, Report, Sighting, ThreatScene } from '../report.js';
import { lanes, sceneFinding, sizeWords } from './lanes.js';
import { html, type Markup, prose, unbroken } from './markup.js';
import { cell, table } from './table.js';

const sightings: { readonly [sighting in Sighting]: string } = {
  granted: 'granted to the adversary',
  own: 'made by the adversary’s party',
  withheld: 'reaches its party, not granted',
  none: 'not seen',
};

const crossingRow = (crossing: Crossing) => [
  cell(html`${crossing.from} → ${crossing.to}`),
  cell(crossing.kind),
  cell(sightings[crossing.sighting]),
  cell(unbroken(sizeWords(crossing))),
  cell(
    crossing.revealed === null
      ? html`<span class="none">–</span>`
      : html`${unbroken(crossing.revealed)}<small class="by">${crossing.revealedIn ?? ''}</small>`,
  ),
];

const defenses = (scene: ThreatScene): Markup => {
  const lines = scene.crossings.flatMap(({ from, to, kind, defended }) =>
    defended.map(
      ({ pipeline, chain }) =>
        html`<li><b>${pipeline}</b>: ${kind} ${from} → ${to} through <code>${chain}</code></li>`,
    ),
  );
  return lines.length === 0 ? html`` : html`<ul class="plain">${lines}</ul>`;
};

const key =
  ' Thick arrows are what it may look at, thin ones what its own party makes, dashed ones what it is not given; a shield marks a defense at the sender.';

// What an earlier scene has said is not said again.
function news(scene: ThreatScene, earlier: readonly ThreatScene[]): readonly string[] {
  const said = new Set(earlier.flatMap(({ sentences }) => sentences));
  const fresh = scene.sentences.filter((sentence) => !said.has(sentence));
  return fresh.length < scene.sentences.length ? [...fresh, 'The rest as above.'] : fresh;
}

function scenePart(scene: ThreatScene, index: number, all: readonly ThreatScene[]): Markup {
  return html`<div class="scene">
${all.length > 1 && html`<h3>${scene.pipelines.join(', ')}</h3>`}
<figure>
${lanes(scene, `scene-${index}`)}
<figcaption>${unbroken(sceneFinding(scene))}${index === 0 && key}</figcaption>
</figure>
<div class="words">
${news(scene, all.slice(0, index)).map((sentence) => html`<p>${prose(sentence)}</p>`)}
</div>
<div class="more">${defenses(scene)}
<details><summary>The messages as a table</summary>
${table({
  caption: `What crosses between the parties in ${scene.pipelines.join(', ')}`,
  columns: [
    { title: 'From → to' },
    { title: 'Kind' },
    { title: 'Adversary' },
    { title: 'Size' },
    { title: 'Read' },
  ],
  rows: scene.crossings.map(crossingRow),
})}</details></div>
</div>
`;
}

/** Part 2: parties, slices and messages as a picture, the threat model in words. */
export function threatPart(report: Report): Markup {
  if (report.threat.length === 0) return html``;
  return html`<section id="threat" aria-labelledby="threat-title">
<h2 id="threat-title">Who sees what</h2>
${report.threat.map((scene, index) => scenePart(scene, index, report.threat))}</section>
`;
}
