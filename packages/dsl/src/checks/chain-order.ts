import type { Diagnostic } from '@vflair/core/text';
import { error, related } from '../diagnose.js';
import type { Meaning, UseMeaning } from '../meaning/meaning.js';

/** The way of a value through a party; `objective` is beside it. */
const way = ['text', 'embedding', 'forward-out', 'backward-out', 'forward-in', 'answer'];

/** VF313: a link in a chain that would have to work before the one before it. */
const tooLate = (use: UseMeaning, before: UseMeaning): Diagnostic =>
  error(
    'VF313',
    use.node.name.span,
    `defense \`${use.node.name.text}\` works earlier than \`${before.node.name.text}\`, which it follows`,
    {
      hint: `write \`${use.node.name.text} |> ${before.node.name.text}\``,
      related: [related(before.node.name.span, `\`${before.node.name.text}\` here`)],
    },
  );

/** VF313: an attack that can't go on from what the one before it guessed. */
const otherGoal = (use: UseMeaning, before: UseMeaning): Diagnostic =>
  error(
    'VF313',
    use.node.name.span,
    `attack \`${use.node.name.text}\` guesses ${use.entry?.guesses}, and can't go on from the ${before.entry?.guesses} of \`${before.node.name.text}\``,
    { hint: 'make two attacks of them, a line each' },
  );

const firstPoint = ({ entry }: UseMeaning): number | undefined => {
  const points = (entry?.at ?? []).map((point) => way.indexOf(point)).filter((index) => index >= 0);
  return points.length === 0 ? undefined : Math.min(...points);
};

const pairs = (chain: readonly UseMeaning[]) =>
  chain.flatMap((use, i) => {
    const before = chain[i - 1];
    return before === undefined ? [] : [[before, use] as const];
  });

/** Links of a chain can follow each other. */
export function* checkChains({ defenses, attacks }: Meaning): Iterable<Diagnostic> {
  for (const [before, use] of defenses.flatMap(({ chain }) => pairs(chain))) {
    const earlier = firstPoint(before);
    const later = firstPoint(use);
    if (earlier !== undefined && later !== undefined && later < earlier) yield tooLate(use, before);
  }
  for (const [before, use] of attacks.flatMap(({ chain }) => pairs(chain))) {
    if (before.entry === undefined || use.entry === undefined) continue;
    if (before.entry.guesses !== use.entry.guesses) yield otherGoal(use, before);
  }
}
