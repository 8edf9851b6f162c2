import type { PipelinePlan, PluginUse, SlicePlan } from '@vflair/core/contract';
import { percent } from './numbers.js';
import { labelsRead, largest, type Reading, standingOf, tokensRead } from './readings.js';
import type { Crossing, Report, Sighting } from './report.js';
import type { Setting } from './settings.js';

/** What the arrows are drawn from: pipelines of one arrangement, what crossed, what was read. */
export interface CrossingFacts {
  readonly group: readonly PipelinePlan[];
  readonly bytes: Report['bytes'];
  readonly settings: readonly Setting[];
}

interface Arrow {
  readonly from: SlicePlan;
  readonly to: SlicePlan;
  readonly kind: Crossing['kind'];
}

/** Messages of one pass in the order in which they cross: activations towards the output, then what comes back. */
function arrowsOf(pipeline: PipelinePlan): readonly Arrow[] {
  const { slices, work } = pipeline;
  const forward = slices.slice(1).flatMap((to, index): readonly Arrow[] => {
    const from = slices[index];
    return from === undefined || from.owner === to.owner ? [] : [{ from, to, kind: 'activation' }];
  });
  const back =
    work.kind === 'infer'
      ? []
      : forward.map(({ from, to }): Arrow => ({ from: to, to: from, kind: 'gradient' })).reverse();
  const first = slices[0];
  const last = slices.at(-1);
  if (first === undefined || last === undefined || first.owner === last.owner) {
    return [...forward, ...back];
  }
  // Head-tail: the model party ends with the output, so logits go back to where the labels are.
  const logits: Arrow = { from: last, to: first, kind: 'logits' };
  const answer: Arrow = { from: first, to: last, kind: 'gradient' };
  return [...forward, logits, ...(work.kind === 'infer' ? [] : [answer]), ...back];
}

function sightingOf(pipeline: PipelinePlan, { from, to, kind }: Arrow): Sighting {
  const judged = pipeline.adversaries.map(({ at, sees }): Sighting => {
    if (from.owner === at) return 'own';
    if (to.owner !== at) return 'none';
    const word = kind === 'activation' ? 'activations' : 'gradients';
    return sees.includes(word) ? 'granted' : 'withheld';
  });
  const order: readonly Sighting[] = ['granted', 'own', 'withheld'];
  return order.find((sighting) => judged.includes(sighting)) ?? 'none';
}

const pointOf = { activation: 'forward-out', gradient: 'backward-out', logits: '' } as const;

/** A chain as it is written: `clip { norm 10 } |> mid { weight 0.1 }`. */
export const chainWords = (chain: readonly PluginUse[]): string =>
  chain
    .map(({ id, params }) => {
      const fields = Object.entries(params).map(([name, value]) => `${name} ${String(value)}`);
      return fields.length === 0 ? id : `${id} { ${fields.join(', ')} }`;
    })
    .join(' |> ');

const revealed = (reading: Reading | undefined, what: string): string | null =>
  reading === undefined || standingOf(reading) !== 'leaks'
    ? null
    : `${reading.figure.atLeast ? 'at least ' : ''}${percent(reading.value)} of the ${what} read`;

type Revealed = Pick<Crossing, 'revealed' | 'revealedIn'>;

const nothing: Revealed = { revealed: null, revealedIn: null };

/** What the undefended pipelines' strongest attacks got out of a message; else those of any pipeline. */
function revealedBy(arrow: Arrow, { group, settings }: CrossingFacts): Revealed {
  const own = settings.filter(({ pipeline }) => group.some(({ name }) => name === pipeline));
  const plain = own.filter(({ defense }) => defense.length === 0);
  const chosen = plain.length > 0 ? plain : own;
  const isText = arrow.kind === 'activation';
  const reads = chosen.flatMap((setting) => {
    const reading = isText ? tokensRead(setting) : labelsRead(setting);
    return reading === undefined || reading.metric.endsWith('auc') ? [] : [{ setting, reading }];
  });
  const best = largest(reads.map(({ reading }) => reading));
  const where = reads.find(({ reading }) => reading === best);
  const words = revealed(best, isText ? 'tokens' : 'labels');
  if (words === null || where === undefined) return nothing;
  return { revealed: words, revealedIn: where.setting.label };
}

function crossingOf(arrow: Arrow, facts: CrossingFacts): readonly Crossing[] {
  const [first] = facts.group;
  if (first === undefined) return [];
  const channel = `${arrow.from.name} -> ${arrow.to.name} ${arrow.kind}`;
  const traffic = facts.group
    .map(({ name }) => facts.bytes[name]?.[channel])
    .find((each) => each !== undefined);
  const sighting = sightingOf(first, arrow);
  return [
    {
      from: arrow.from.name,
      to: arrow.to.name,
      fromParty: arrow.from.owner,
      toParty: arrow.to.owner,
      kind: arrow.kind,
      sighting,
      shape: traffic?.shape ?? null,
      bytesPerExample: traffic?.perExample ?? null,
      defended: facts.group.flatMap(({ name, defenses }) =>
        defenses
          .filter(({ from, to }) => from === arrow.from.name && to === arrow.to.name)
          .filter(({ point }) => point === pointOf[arrow.kind])
          .map(({ chain }) => ({ pipeline: name, chain: chainWords(chain) })),
      ),
      ...(sighting === 'granted' ? revealedBy(arrow, facts) : nothing),
    },
  ];
}

/** The arrows of one arrangement, with what is known of each. */
export function crossingsOf(facts: CrossingFacts): readonly Crossing[] {
  const [first] = facts.group;
  return first === undefined ? [] : arrowsOf(first).flatMap((arrow) => crossingOf(arrow, facts));
}
