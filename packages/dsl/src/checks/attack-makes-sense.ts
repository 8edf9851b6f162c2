import type { Diagnostic } from '@vflair/core/text';
import type { Name } from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { generates, hasLabels, headOf, holdersOf, tailOf } from '../meaning/facts.js';
import type { AttackMeaning, Meaning } from '../meaning/meaning.js';

const goalOf = ({ chain }: AttackMeaning): 'data' | 'labels' | undefined => {
  const guesses = chain.at(-1)?.entry?.guesses;
  if (guesses === undefined) return undefined;
  return guesses === 'tokens' ? 'data' : 'labels';
};

/** VF321: an adversary at the party that holds what it is after. */
const ownsIt = (at: Name, party: Name, what: string, others: readonly string[]): Diagnostic =>
  error(
    'VF321',
    at.span,
    `\`${at.text}\` sits at \`${party.text}\`, which holds the ${what} itself: there is nothing to learn`,
    {
      hint: `write \`adversary ${at.text} at ${others[0] ?? 'server'}\``,
      related: [related(party.span, `\`${party.text}\` holds the ${what}`)],
    },
  );

/** VF322: rows that never pass in this pipeline, or pass without what the attack needs. */
const noSuchRows = (on: Name, why: string, hint: string): Diagnostic =>
  error('VF322', on.span, `there is nothing to attack on \`${on.text}\`: ${why}`, { hint });

/** VF323: an attack on labels where there are none. */
const noLabels = (plugin: Name, task: Name): Diagnostic =>
  error(
    'VF323',
    plugin.span,
    `attack \`${plugin.text}\` guesses labels, and task \`${task.text}\` has none`,
    {
      hint: 'pick an attack that recovers tokens',
    },
  );

function* checkRows(attack: AttackMeaning, { work, task }: Meaning): Iterable<Diagnostic> {
  const on = attack.node.on?.name;
  const { split } = attack;
  if (on === undefined) return;
  const needsGradients = attack.chain.some(({ entry }) => entry?.needs.includes('gradients'));
  if (split === 'train' && work?.kind === 'infer') {
    yield noSuchRows(on, 'this pipeline does not train', 'write `on test`');
  } else if (split === 'generate' && task?.entry !== undefined && !generates(task)) {
    yield noSuchRows(on, `task \`${task.name.text}\` does not generate`, 'write `on test`');
  } else if (split !== undefined && split !== 'train' && needsGradients && work?.kind !== 'infer') {
    yield noSuchRows(on, 'gradients cross only in training', 'write `on train`');
  }
}

/** An attack is after something its adversary does not have, on rows that pass. */
export function* checkAttacks(meaning: Meaning): Iterable<Diagnostic> {
  const { attacks, task, parties } = meaning;
  for (const attack of attacks) {
    yield* checkRows(attack, meaning);
    const goal = goalOf(attack);
    const plugin = attack.chain.at(-1)?.node.name;
    if (goal === undefined || plugin === undefined) continue;
    const isAfterNothing = goal === 'labels' && task?.entry !== undefined && !hasLabels(task);
    if (isAfterNothing) yield noLabels(plugin, task.name);
    const party = attack.adversary?.party;
    if (party === undefined || attack.adversary === undefined) continue;
    const isPlace = party === headOf(meaning)?.owner || party === tailOf(meaning)?.owner;
    if (!isPlace || !holdersOf(meaning, goal).includes(party)) continue;
    const others = parties.filter((each) => each !== party).map(({ name }) => name.text);
    yield ownsIt(attack.adversary.name, party.name, goal, others);
  }
}
