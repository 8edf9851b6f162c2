import type { CatalogEntry } from '@vflair/core/contract';
import type { Diagnostic } from '@vflair/core/text';
import type { SourceSpan } from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { pointOf, tailOf, topologyOf } from '../meaning/facts.js';
import type { DefenseMeaning, Meaning, SliceMeaning } from '../meaning/meaning.js';
import { list } from '../words.js';

/** Points at the party that owns the first slice, by direction: they need no message of their own. */
const besides: { readonly [point: string]: readonly string[] } = {
  'forward-out': ['text', 'embedding', 'forward-in', 'objective', 'answer'],
  'backward-out': ['objective'],
};

/** VF310: in head-tail, a defense at the party it should defend against. */
const defenseAtModelParty = (node: SourceSpan, tail: SliceMeaning): Diagnostic =>
  error(
    'VF310',
    node,
    `slice \`${tail.name.text}\` is at the model party: it does not defend against itself`,
    {
      hint: 'in head-tail, defend the way there: `defend head -> tail with …`',
      related: [
        related(
          tail.name.span,
          `\`${tail.name.text}\` ends with the output, at \`${tail.owner.name.text}\``,
        ),
      ],
    },
  );

/** VF311: a defense that can do nothing to this message. */
const wrongPoint = (at: SourceSpan, entry: CatalogEntry, point: string): Diagnostic => {
  const what = point === 'forward-out' ? 'an activation' : 'a gradient';
  return error(
    'VF311',
    at,
    `defense \`${entry.id}\` does not work at \`${point}\`, and here ${what} is sent`,
    {
      hint: `\`${entry.id}\` works at ${list(entry.at)}`,
    },
  );
};

/** VF312: no message goes from one slice to the other. */
const silentLink = (
  at: SourceSpan,
  from: SliceMeaning,
  to: SliceMeaning,
  why: string,
): Diagnostic =>
  error('VF312', at, `nothing is sent from \`${from.name.text}\` to \`${to.name.text}\`: ${why}`, {
    hint: 'defend a link between two slices that follow each other and have different owners',
  });

const spanOfLink = ({ node }: DefenseMeaning): SourceSpan => {
  const { from, to, span } = node;
  return from === undefined || to === undefined ? span : { ...from.span, end: to.span.end };
};

function* checkLink(defense: DefenseMeaning, meaning: Meaning): Iterable<Diagnostic> {
  const { from, to } = defense;
  if (from === undefined || to === undefined || !meaning.hasAllSlices) return;
  const at = spanOfLink(defense);
  const apart = Math.abs(meaning.slices.indexOf(from) - meaning.slices.indexOf(to));
  if (from === to) yield silentLink(at, from, to, 'they are the same slice');
  else if (apart > 1) yield silentLink(at, from, to, 'other slices are between them');
  else if (from.owner === to.owner)
    yield silentLink(at, from, to, `both are at \`${from.owner.name.text}\``);
  else if (topologyOf(meaning) === 'head-tail' && from === tailOf(meaning))
    yield defenseAtModelParty(at, from);
  else if (meaning.work?.kind === 'infer' && pointOf(from, to) === 'backward-out') {
    yield silentLink(at, from, to, 'without training there are no gradients');
  }
}

function* checkPoints({ from, to, chain }: DefenseMeaning): Iterable<Diagnostic> {
  if (from === undefined || to === undefined || from === to) return;
  const point = pointOf(from, to);
  for (const { node, entry } of chain) {
    const fitting = [point, ...(besides[point] ?? [])];
    if (entry !== undefined && !entry.at.some((each) => fitting.includes(each))) {
      yield wrongPoint(node.name.span, entry, point);
    }
  }
}

/** A defense stands where something is sent, at a party that wants it, and can work there. */
export function* checkDefenses(meaning: Meaning): Iterable<Diagnostic> {
  for (const defense of meaning.defenses) {
    yield* checkLink(defense, meaning);
    yield* checkPoints(defense);
  }
}
