import type { Diagnostic } from '@vflair/core/text';
import type { Item } from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { headOf, tailOf } from '../meaning/facts.js';
import type { AdversaryMeaning, Meaning, UseMeaning } from '../meaning/meaning.js';
import { list } from '../words.js';
import { knowledge, secrets, sights } from './items.js';

/** How each thing an attack may need is granted. */
const grants: { readonly [need: string]: string } = {
  head: 'knows pretrained head',
  tail: 'knows pretrained tail',
  embedding: 'knows embedding',
  tokenizer: 'knows tokenizer',
  defense: 'knows defense',
  auxiliary: 'auxiliary "ROWS" { rows 300 }',
};

const howTo = (missing: readonly string[]): string => {
  const seen = missing.filter((need) => sights.includes(need));
  const sees = seen.length > 0 ? [`sees ${seen.join(', ')}`] : [];
  const known = missing
    .filter((need) => !sights.includes(need))
    .map((need) => grants[need] ?? need);
  return list([...sees, ...known]);
};

/** VF302: an attack asks for something its adversary was not granted. */
const attackNotAllowed = (
  use: UseMeaning,
  by: AdversaryMeaning,
  missing: readonly string[],
): Diagnostic => {
  const isSeen = missing.every((need) => sights.includes(need));
  const isKnown = missing.every((need) => !sights.includes(need));
  const lack = isSeen ? 'cannot see' : isKnown ? 'does not know' : 'was not granted';
  const needs = `attack \`${use.node.name.text}\` needs ${list(missing)}`;
  const granted: readonly Item[] = isKnown ? by.knows : by.sees;
  const names = granted.map(({ text }) => text);
  const otherwise = names.length > 0 ? `, or pick an attack that needs only ${list(names)}` : '';
  return error(
    'VF302',
    use.node.name.span,
    `${needs}, which adversary \`${by.name.text}\` ${lack}`,
    {
      hint: `grant it with ${howTo(missing)}${otherwise}`,
      related: granted.map(({ text, span }) => related(span, `\`${text}\` granted here`)),
    },
  );
};

/** What an adversary has: what it is granted, and what its party owns anyway. */
export function grantedTo(by: AdversaryMeaning, meaning: Meaning): ReadonlySet<string> {
  const knows = by.knows.map(({ text }) => text);
  const granted = new Set(by.sees.map(({ text }) => text));
  const owns = (slice: { readonly owner: unknown } | undefined): boolean =>
    slice !== undefined && slice.owner === by.party;
  const hasPart = (part: string): boolean =>
    knows.includes(`exact ${part}`) || knows.includes(`pretrained ${part}`);
  if (hasPart('head') || owns(headOf(meaning))) granted.add('head').add('embedding');
  if (hasPart('tail') || owns(tailOf(meaning))) granted.add('tail');
  for (const item of ['embedding', 'tokenizer', 'defense', 'architecture']) {
    if (knows.includes(item)) granted.add(item);
  }
  if (by.auxiliaryNode !== undefined) granted.add('auxiliary');
  return granted;
}

// What is granted is known only if all of it could be read.
const isReadable = ({ node, knows, sees }: AdversaryMeaning, { scope }: Meaning): boolean =>
  scope.isWhole(node.span) &&
  knows.every(({ text }) => [...knowledge, ...secrets].includes(text)) &&
  sees.every(({ text }) => [...sights, ...secrets].includes(text));

/** What an attack can't work without is granted to its adversary. */
export function* checkAttackNeeds(meaning: Meaning): Iterable<Diagnostic> {
  for (const { adversary, chain } of meaning.attacks) {
    if (adversary === undefined || !isReadable(adversary, meaning)) continue;
    const granted = grantedTo(adversary, meaning);
    for (const use of chain) {
      const missing = (use.entry?.needs ?? []).filter((need) => !granted.has(need));
      if (missing.length > 0) yield attackNotAllowed(use, adversary, missing);
    }
  }
}
