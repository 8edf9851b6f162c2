import type { Diagnostic } from '@vflair/core/text';
import type { Item } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Meaning } from '../meaning/meaning.js';
import { list, suggest } from '../words.js';
import { holdings, knowledge, secrets, sights } from './items.js';

const hintFor = ({ text }: Item, known: readonly string[], elsewhere: string): string => {
  const parts = text.split(' ');
  if (parts.length > 1 && parts.every((part) => known.includes(part))) {
    return `separate them by commas: ${list(parts)}`;
  }
  return elsewhere === '' ? suggest(text, known, '') : elsewhere;
};

/** VF207: something that can't be held, known or seen. */
const unknownItem = (
  verb: string,
  item: Item,
  known: readonly string[],
  elsewhere = '',
): Diagnostic =>
  error('VF207', item.span, `\`${verb}\` does not know \`${item.text}\``, {
    hint: hintFor(item, known, elsewhere),
  });

const belongsTo = (verb: string, item: Item, known: readonly string[]): string =>
  known.includes(item.text) ? `write \`${verb} ${item.text}\`` : '';

/** Parties hold, adversaries know and see what there is to hold, to know and to see. */
export function* checkItems({ parties, adversaries }: Meaning): Iterable<Diagnostic> {
  for (const item of parties.flatMap(({ holds }) => holds)) {
    if (!holdings.includes(item.text)) yield unknownItem('holds', item, holdings);
  }
  for (const { knows, sees } of adversaries) {
    for (const item of knows) {
      if (knowledge.includes(item.text) || secrets.includes(item.text)) continue;
      yield unknownItem('knows', item, knowledge, belongsTo('sees', item, sights));
    }
    for (const item of sees) {
      if (sights.includes(item.text) || secrets.includes(item.text)) continue;
      yield unknownItem('sees', item, sights, belongsTo('knows', item, knowledge));
    }
  }
}
