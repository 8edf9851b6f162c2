import type { CodeTable } from './page.js';

/** VF1xx: the text can't be read. */
export const textCodes: CodeTable = {
  VF101: {
    title: 'a character the language has no use for',
    explanation:
      'Outside strings and comments a text has words, numbers, strings and the signs `{ } [ ] , ; = : .. -> |>`. Comments begin with `//`; strings stand in straight double quotes.',
    wrong: "model 'tiny-gpt2'",
    right: 'model "tiny-gpt2"',
  },
  VF102: {
    title: 'a string without its closing quote',
    explanation: 'A string begins and ends on one line. A line end inside it is written `\\n`.',
    wrong: 'model "tiny-gpt2',
    right: 'model "tiny-gpt2"',
  },
  VF103: {
    title: 'something that looks like a number and is none',
    explanation:
      'Numbers look like `-1`, `2000`, `1.5` or `1e-4`. They carry no unit, no thousands separator and no suffix.',
    wrong: 'data "sst2" { train 2k }',
    right: 'data "sst2" { train 2000 }',
  },
  VF104: {
    title: 'a backslash before something it does not escape',
    explanation:
      'A string knows `\\n`, `\\t`, `\\"`, `\\\\` and `\\u{…}` with the number of a character. A backslash itself is written `\\\\`.',
    wrong: 'data "./new\\rows.tsv"',
    right: 'data "./new/rows.tsv"',
  },
  VF105: {
    title: 'a brace or bracket that is never closed',
    explanation:
      'Every `{` has its `}` and every `[` its `]`. Where they don’t pair up, the indentation is used to say which one is missing.',
    wrong: 'finetune lora { rank 4, epochs 3',
    right: 'finetune lora { rank 4, epochs 3 }',
  },
  VF106: {
    title: 'a closing brace or bracket too many',
    explanation: 'It closes nothing that is open.',
    wrong: 'finetune lora { rank 4 } }',
    right: 'finetune lora { rank 4 }',
  },
  VF107: {
    title: 'an opening brace on a line of its own',
    explanation:
      'A line end ends a statement, so the `{` of a statement stands on the statement’s own line.',
    wrong: 'party server\n{\n  slice body = block 1 .. block 2\n}',
    right: 'party server {\n  slice body = block 1 .. block 2\n}',
  },
  VF108: {
    title: 'something other than what is expected here',
    explanation:
      'The message says what would fit and what stands there instead; the hint shows how the statement is written.',
    wrong: 'finetune lora { rank = 4 }',
    right: 'finetune lora { rank 4 }',
  },
  VF109: {
    title: 'a line that begins with no word known there',
    explanation:
      'A file has `let`, `import`, `use` and `pipeline`; a pipeline has `seed`, `model`, `data`, `task`, `party`, `finetune`, `infer`, `defend`, `adversary`, `attack`, `sweep` and `measure`; a party has `holds` and `slice`; an adversary has `knows`, `sees` and `auxiliary`. A misspelt word is read as the one it is nearest to, so that the rest of the line is still checked.',
    wrong: 'modle "tiny-gpt2"',
    right: 'model "tiny-gpt2"',
  },
  VF110: {
    title: 'fields that are not separated by one comma',
    explanation:
      'Fields on one line are separated by a comma; fields on lines of their own need none.',
    wrong: 'finetune lora { rank 4 epochs 3 }',
    right: 'finetune lora { rank 4, epochs 3 }',
  },
  VF112: {
    title: 'a part of the language that this version can’t run',
    explanation:
      'The text is well formed, and means something this version does not do yet: `sweep`, and `use` for third-party plugins.',
    wrong: 'sweep seed in 1..5',
    right: 'seed 1',
  },
};
