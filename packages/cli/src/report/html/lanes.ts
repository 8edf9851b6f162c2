import { byteSize } from '../numbers.js';
import type { Crossing, ThreatScene } from '../report.js';
import { html, type Markup } from './markup.js';

/** Widths and heights of the drawing, in its own units (one is about a pixel). */
const lane = 236;
const box = { width: 148, height: 44, step: 62 };
const step = { message: 62, revealed: 18 };
const top = 84;

/** A drawing under way: what is drawn, and how far down. */
interface Drawing {
  readonly parts: readonly Markup[];
  readonly y: number;
}

const laneCentre = (scene: ThreatScene, party: string): number =>
  lane * (scene.parties.findIndex(({ name }) => name === party) + 0.5);

/** `64 × 128, 32.8 kB per example`; "" where nothing crossed yet. */
export function sizeWords({ shape, bytesPerExample }: Crossing): string {
  const sides = shape === null ? '' : shape.join(' × ');
  const bytes = bytesPerExample === null ? '' : `${byteSize(bytesPerExample)} each`;
  return [sides, bytes].filter((part) => part !== '').join(', ');
}

function sliceBox(scene: ThreatScene, slice: ThreatScene['slices'][number], y: number): Markup {
  const centre = laneCentre(scene, slice.owner);
  return html`<g><rect class="box" x="${centre - box.width / 2}" y="${y}" width="${box.width}" height="${box.height}" rx="3"/><text class="name" x="${centre}" y="${y + 19}">${slice.name}</text><text class="note" x="${centre}" y="${y + 35}">${slice.extent}</text></g>`;
}

function arrow(scene: ThreatScene, crossing: Crossing, y: number): Markup {
  const from = laneCentre(scene, crossing.fromParty);
  const to = laneCentre(scene, crossing.toParty);
  const way = Math.sign(to - from);
  const tip = to - way * 5;
  const middle = (from + to) / 2;
  const defended = crossing.defended.length > 0;
  const shield = `M${from + way * 16 - 6} ${y - 12}h12v8q0 6 -6 9q-6 -3 -6 -9z`;
  return html`<g class="${crossing.sighting}"><text class="kind" x="${middle}" y="${y - 22}">${crossing.kind}${defended && ', defended'}</text><text class="note" x="${middle}" y="${y - 8}">${sizeWords(crossing)}</text><line class="wire" x1="${from + way * 4}" x2="${tip - way * 6}" y1="${y}" y2="${y}"/><path class="tip" d="M${tip} ${y}l${-way * 10} -5v10z"/>${defended && html`<path class="shield" d="${shield}"/>`}${crossing.revealed !== null && html`<text class="revealed" x="${middle}" y="${y + 18}">${crossing.revealed}</text>`}</g>`;
}

function withMessage(scene: ThreatScene, drawing: Drawing, crossing: Crossing): Drawing {
  const y = drawing.y + 40;
  return {
    parts: [...drawing.parts, arrow(scene, crossing, y)],
    y: drawing.y + step.message + (crossing.revealed === null ? 0 : step.revealed),
  };
}

const isForward = (scene: ThreatScene, { from, to, kind }: Crossing): boolean => {
  const place = (name: string): number => scene.slices.findIndex((slice) => slice.name === name);
  return kind === 'activation' && place(to) > place(from);
};

// Slices from the embedding to the output with the activations between them, then everything that comes back.
function drawn(scene: ThreatScene): Drawing {
  const forward = scene.crossings.filter((crossing) => isForward(scene, crossing));
  const back = scene.crossings.filter((crossing) => !isForward(scene, crossing));
  const down = scene.slices.reduce<Drawing>(
    (drawing, slice) => {
      const boxed: Drawing = {
        parts: [...drawing.parts, sliceBox(scene, slice, drawing.y)],
        y: drawing.y + box.step - 8,
      };
      const sent = forward.find(({ from }) => from === slice.name);
      return sent === undefined ? { ...boxed, y: boxed.y + 8 } : withMessage(scene, boxed, sent);
    },
    { parts: [], y: top },
  );
  return back.reduce((drawing, crossing) => withMessage(scene, drawing, crossing), down);
}

function laneHead(
  scene: ThreatScene,
  party: ThreatScene['parties'][number],
  bottom: number,
): Markup {
  const centre = laneCentre(scene, party.name);
  const holds = party.holds.length === 0 ? `on ${party.device}` : `holds ${party.holds.join(', ')}`;
  const readers = scene.adversaries.filter(({ at }) => at === party.name).map(({ name }) => name);
  return html`<g><line class="life" x1="${centre}" x2="${centre}" y1="${top - 14}" y2="${bottom}"/><text class="party" x="${centre}" y="24">${party.name}</text><text class="note" x="${centre}" y="42">${holds}</text>${readers.length > 0 && html`<text class="reader" x="${centre}" y="59">adversary ${readers.join(', ')}</text>`}</g>`;
}

/** The finding of the picture in one sentence: which messages the adversary may look at. */
export function sceneFinding({ crossings }: ThreatScene): string {
  const granted = crossings.filter(({ sighting }) => sighting === 'granted');
  const names = granted
    .map(({ from, to, kind, revealed, revealedIn }) => {
      const read = revealed === null ? '' : ` (${revealed} in ${revealedIn})`;
      return `the ${kind} ${from} → ${to}${read}`;
    })
    .join(' and ');
  if (granted.length === 0)
    return `None of the ${crossings.length} messages is granted to an adversary.`;
  return `Of ${crossings.length} messages the adversary may look at ${granted.length}: ${names}.`;
}

/** Parties as lanes, slices as boxes, messages as arrows from top to bottom in the order in which they cross. */
export function lanes(scene: ThreatScene, id: string): Markup {
  const drawing = drawn(scene);
  const width = lane * Math.max(1, scene.parties.length);
  const height = drawing.y + 8;
  return html`<svg class="lanes" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}"><title id="${id}">${sceneFinding(scene)}</title>${scene.parties.map((party) => laneHead(scene, party, height - 8))}${drawing.parts}</svg>`;
}
