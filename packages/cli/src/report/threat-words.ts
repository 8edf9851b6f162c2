import type { AdversaryPlan, PipelinePlan } from '@vflair/core/contract';

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

const code = (word: string): string => `\`${word}\``;

const observations: { readonly [word: string]: string } = {
  activations: 'the activations that reach it',
  gradients: 'the gradients that reach it',
  responses: 'what its own slices answer',
};

const grantable = [
  'architecture',
  'tokenizer',
  'embedding',
  'pretrained head',
  'pretrained tail',
  'exact head',
  'exact tail',
  'defense',
];

// Who knows the exact head knows the architecture's embedding and what it started from.
const implied: { readonly [word: string]: readonly string[] } = {
  'exact head': ['pretrained head', 'embedding'],
  'pretrained head': ['embedding'],
  'exact tail': ['pretrained tail'],
};

const knowledge = (word: string): string =>
  word === 'defense' ? 'the defense and its parameters' : `the ${word}`;

function knowsWords({ knows }: AdversaryPlan): string {
  const known = knows.length === 0 ? 'nothing else' : listed(knows.map(knowledge));
  const held = new Set(knows.flatMap((word) => [word, ...(implied[word] ?? [])]));
  const missing = grantable.filter((word) => !held.has(word));
  const not = missing.length === 0 ? '' : ` It is not given ${missing.map(knowledge).join(', ')}.`;
  return `It knows ${known}.${not}`;
}

function auxiliaryWords({ auxiliary }: AdversaryPlan): readonly string[] {
  if (auxiliary === null) return ['It has no texts of its own.'];
  const rows = auxiliary.rows === null ? 'all rows' : `${auxiliary.rows} rows`;
  return [`It has public texts of its own: ${rows}, none of them the victim’s.`];
}

function adversarySentences(pipeline: PipelinePlan, adversary: AdversaryPlan): readonly string[] {
  const own = pipeline.slices.filter(({ owner }) => owner === adversary.at);
  const runs =
    own.length === 0
      ? 'It runs no part of the model.'
      : `It runs ${listed(own.map(({ name }) => code(name)))} and knows those weights at every step.`;
  const sees =
    adversary.sees.length === 0
      ? 'It looks at no message.'
      : `It sees ${listed(adversary.sees.map((word) => observations[word] ?? word))}, after the defenses.`;
  return [
    `Adversary ${code(adversary.name)} sits at ${code(adversary.at)}, follows the protocol and keeps what it gets.`,
    runs,
    sees,
    knowsWords(adversary),
    ...auxiliaryWords(adversary),
  ];
}

/** The threat model of a pipeline in sentences; names in backticks. */
export function threatSentences(pipeline: PipelinePlan): readonly string[] {
  const holders = pipeline.parties.filter(({ holds }) => holds.length > 0);
  const held = holders.map(
    ({ name, holds }) => `${code(name)} holds the ${listed(holds.map(String))}.`,
  );
  const always =
    'Lengths follow from shapes and are always public. Labels, token ids and texts never cross.';
  if (pipeline.adversaries.length === 0) {
    return [...held, 'No adversary is named, so nothing is attacked.', always];
  }
  return [
    ...held,
    ...pipeline.adversaries.flatMap((adversary) => adversarySentences(pipeline, adversary)),
    always,
  ];
}
