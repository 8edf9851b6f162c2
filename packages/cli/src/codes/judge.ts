import type { CodeTable } from '@vflair/dsl';

/** VF590 to VF594: what an attack returns. They are for authors of plugins; as a user, report them to the author. */
export const judgeCodes: CodeTable = {
  VF590: {
    title: 'a guess about a row that was not attacked',
    explanation:
      'A guess names its row by the `step` of a message the attack was shown and the row’s place in it. It can’t be scored otherwise.',
    language: 'ts',
    wrong: 'guesses.push({ step: 0, row: counter++, tokens });',
    right: 'guesses.push({ step: message.step, row, tokens });',
  },
  VF591: {
    title: 'two guesses about one row',
    explanation:
      'Every row counts once; with two guesses an attack could cover more than one answer. Return the better one.',
    language: 'ts',
    wrong: 'return { tokens: [...first, ...second] };',
    right: 'return { tokens: second };',
  },
  VF592: {
    title: 'a guess of another length than the message',
    explanation:
      'A guess has one token for each position of the message, padding included; what stands at padding is not looked at.',
    language: 'ts',
    wrong: 'const tokens = found.filter((_, i) => mask[i]);',
    right: 'const tokens = found;',
  },
  VF593: {
    title: 'a guess that names no token or no class',
    explanation:
      'Token ids are whole numbers below the size of the vocabulary; classes are whole numbers below the number of labels. To abstain from a label, return null.',
    language: 'ts',
    wrong: 'labels.push({ step, row, label: -1 });',
    right: 'labels.push({ step, row, label: null });',
  },
  VF594: {
    title: 'a score that is not a finite number',
    explanation:
      'Rows are ranked by their scores, and NaN or an infinity has no place among them. Leave a row out to abstain.',
    language: 'ts',
    wrong: 'scores.push({ step, row, score: Math.log(norm) });',
    right: 'if (norm > 0) scores.push({ step, row, score: Math.log(norm) });',
  },
};
