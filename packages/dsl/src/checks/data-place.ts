import type { Diagnostic } from '@vflair/core/text';
import type { Item, SourceSpan } from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { hasLabels, headOf, holdersOf, tailOf } from '../meaning/facts.js';
import type { Meaning, PartyMeaning, SliceMeaning } from '../meaning/meaning.js';
import { holdings } from './items.js';

const itemOf = ({ holds }: PartyMeaning, item: string): Item | undefined =>
  holds.find(({ text }) => text === item);

const atSlice = (slice: SliceMeaning) =>
  related(slice.name.span, `slice \`${slice.name.text}\` is at \`${slice.owner.name.text}\``);

/** VF307, VF308: nobody holds it. */
const heldByNobody = (code: string, at: SourceSpan, item: string, by: string): Diagnostic =>
  error(code, at, `no party holds the ${item}`, {
    hint: `write \`holds ${item}\` in party \`${by}\``,
  });

/** VF307, VF308: two hold it. */
const heldTwice = (code: string, again: Item, first: Item): Diagnostic =>
  error(code, again.span, `two parties hold the ${again.text}`, {
    hint: 'leave it with the party it belongs to',
    related: [related(first.span, 'first one here')],
  });

/** VF307: data at a party that can't use it without sending it. */
const dataElsewhere = (item: Item, by: PartyMeaning, head: SliceMeaning): Diagnostic => {
  const message = `party \`${by.name.text}\` holds the data, but the embedding is at \`${head.owner.name.text}\``;
  return error('VF307', item.span, message, {
    hint: `write \`holds data\` in party \`${head.owner.name.text}\`, or give \`${by.name.text}\` the slice that begins with \`embed\``,
    related: [atSlice(head)],
  });
};

/** VF308: labels at a party that neither begins nor ends the model: they would have to cross. */
const labelsElsewhere = (item: Item, by: PartyMeaning, tail: SliceMeaning): Diagnostic => {
  const message = `party \`${by.name.text}\` holds the labels, but computes no loss: they would have to cross`;
  return error('VF308', item.span, message, {
    hint: `write \`holds labels\` in party \`${tail.owner.name.text}\`, where the output is, or with the data`,
    related: [atSlice(tail)],
  });
};

const isHolding = ({ text }: Item): boolean => holdings.includes(text);

function* checkHolders(meaning: Meaning, item: string, code: string): Iterable<Diagnostic> {
  const { parties, pipeline, scope } = meaning;
  const [first, second] = holdersOf(meaning, item);
  const firstItem = first && itemOf(first, item);
  const secondItem = second && itemOf(second, item);
  if (firstItem !== undefined && secondItem !== undefined)
    yield heldTwice(code, secondItem, firstItem);
  const isKnown =
    pipeline.isComplete &&
    parties.every(({ node, holds }) => scope.isWhole(node.span) && holds.every(isHolding));
  if (first !== undefined || !isKnown || parties.length === 0) return;
  const owner = (headOf(meaning)?.owner ?? parties[0])?.name;
  if (owner !== undefined) yield heldByNobody(code, owner.span, item, owner.text);
}

/** The data is where it goes in, the labels where the loss is: nothing private has to cross. */
export function* checkHoldings(meaning: Meaning): Iterable<Diagnostic> {
  yield* checkHolders(meaning, 'data', 'VF307');
  if (meaning.task !== undefined && hasLabels(meaning.task)) {
    yield* checkHolders(meaning, 'labels', 'VF308');
  }
  const head = headOf(meaning);
  const tail = tailOf(meaning);
  for (const party of head === undefined ? [] : holdersOf(meaning, 'data')) {
    const item = itemOf(party, 'data');
    if (head && item && party !== head.owner) yield dataElsewhere(item, party, head);
  }
  for (const party of head === undefined || tail === undefined
    ? []
    : holdersOf(meaning, 'labels')) {
    const item = itemOf(party, 'labels');
    if (head === undefined || tail === undefined || item === undefined) continue;
    if (party !== head.owner && party !== tail.owner) yield labelsElsewhere(item, party, tail);
  }
}
