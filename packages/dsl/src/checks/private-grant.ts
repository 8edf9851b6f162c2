import type { Diagnostic } from '@vflair/core/text';
import type { Item } from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Meaning } from '../meaning/meaning.js';
import { list } from '../words.js';
import { knowledge, secrets, sights } from './items.js';

/** VF316: something private among what an adversary is granted. */
const privateGrant = (verb: string, item: Item, allowed: readonly string[]): Diagnostic =>
  error('VF316', item.span, `\`${item.text}\` is private: it never crosses, and can't be granted`, {
    hint: `\`${verb}\` may grant ${list(allowed, 'or')}`,
  });

/** No adversary is granted labels, ids, text or truth. */
export function* checkSecrets({ adversaries }: Meaning): Iterable<Diagnostic> {
  for (const { knows, sees } of adversaries) {
    for (const item of knows) {
      if (secrets.includes(item.text)) yield privateGrant('knows', item, knowledge);
    }
    for (const item of sees) {
      if (secrets.includes(item.text)) yield privateGrant('sees', item, sights);
    }
  }
}
