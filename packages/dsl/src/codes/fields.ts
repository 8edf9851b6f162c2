import type { CodeTable } from './page.js';

/** VF4xx: fields in braces, and values of statements. */
export const fieldCodes: CodeTable = {
  VF401: {
    title: 'a field its owner does not have',
    explanation:
      '`vflair show KIND ID` prints the fields of a plugin, docs/language.md those of statements.',
    wrong: 'defend head -> body with clip { nrom 10 }',
    right: 'defend head -> body with clip { norm 10 }',
  },
  VF402: {
    title: 'a field that must be there',
    explanation: 'A field without default has to be written.',
    wrong: 'defend head -> body with clip',
    right: 'defend head -> body with clip { norm 10 }',
  },
  VF403: {
    title: 'a value of another kind than the field takes',
    explanation: 'A whole number has no fraction, a text stands in quotes, a list in `[ ]`.',
    wrong: 'finetune lora { rank "4" }',
    right: 'finetune lora { rank 4 }',
  },
  VF404: {
    title: 'a number outside its range',
    explanation: 'The message says what range the field has.',
    wrong: 'defend head -> body with sparsify { rate 1.5 }',
    right: 'defend head -> body with sparsify { rate 0.95 }',
  },
  VF405: {
    title: 'a word the field does not know',
    explanation: 'Some fields take one word of a few.',
    wrong: 'defend head -> body with dp { epsilon 8, mechanism gausian }',
    right: 'defend head -> body with dp { epsilon 8, mechanism gaussian }',
  },
  VF406: {
    title: 'a field written twice',
    explanation: 'Each field stands once.',
    wrong: 'finetune lora { rank 4, rank 8 }',
    right: 'finetune lora { rank 4 }',
  },
};
