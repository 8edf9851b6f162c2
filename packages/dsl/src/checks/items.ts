/** What a party can hold. */
export const holdings: readonly string[] = ['data', 'labels'];

/** What an adversary can know. */
export const knowledge: readonly string[] = [
  'architecture',
  'tokenizer',
  'embedding',
  'pretrained head',
  'pretrained body',
  'pretrained tail',
  'exact head',
  'exact tail',
  'defense',
];

/** What an adversary can see. */
export const sights: readonly string[] = ['activations', 'gradients', 'responses'];

/** What never crosses, and so can't be granted. */
export const secrets: readonly string[] = ['labels', 'ids', 'text', 'truth'];
