import { expect, test } from 'vitest';
import { parse } from '../syntax/index.js';
import { format } from './format.js';

const tidy = (text: string): string => format(parse({ name: 'a', text }).ast);

test('spaces, separators and braces get one form', () => {
  const text = `pipeline   a{
seed 1 ; model "gpt2"


  party client  on cuda : 0 {
    holds data,labels
      slice head=embed..block 2
  }
  finetune lora {
    rank 4
    alpha 32,
  }
  task next-word {}
}`;
  expect(tidy(text)).toBe(`pipeline a {
  seed 1
  model "gpt2"

  party client on cuda:0 {
    holds data, labels
    slice head = embed .. block 2
  }
  finetune lora { rank 4, alpha 32 }
  task next-word {}
}
`);
});

test('comments stay with what they stand before or behind', () => {
  const text = `// top
let a = 1 // one
/// about
pipeline p { // opens
  // before
  seed 1   // behind
  data "x" {
    // in fields
    train 2, // of many
    test 3
    // last field
  } // closed
  attack c with a   // between
    |> b

  // end of pipeline
} // after
// end of file
`;
  expect(tidy(text)).toBe(`// top
let a = 1  // one

/// about
pipeline p {  // opens
  // before
  seed 1  // behind
  data "x" {
    // in fields
    train 2  // of many
    test 3
    // last field
  }  // closed
  // between
  attack c with a |> b

  // end of pipeline
}  // after

// end of file
`);
});

test('what does not fit a line is broken at chains, lists and fields', () => {
  const fields = '{ steps 100, learning-rate 0.001, restarts 4, loss squared }';
  const text = `pipeline p { attack someone with first ${fields} |> second ${fields} on test { samples 10 } }`;
  expect(tidy(text)).toBe(`pipeline p {
  attack someone with first ${fields}
    |> second ${fields} on test { samples 10 }
}
`);
  const many = Array.from({ length: 12 }, (_, i) => `pretrained thing-${i}`).join(', ');
  const lines = tidy(`pipeline p { adversary a at b { knows ${many} } }`).split('\n');
  expect(lines.every((line) => line.length <= 100)).toBe(true);
  const long = `{ ${Array.from({ length: 9 }, (_, i) => `some-long-name-${i} ${i}`).join(', ')} }`;
  expect(tidy(`pipeline p { task t ${long} }`).split('\n')).toContain('    some-long-name-8 8');
});

test('an empty file stays empty', () => {
  expect(tidy('')).toBe('');
  expect(tidy('// only this')).toBe('// only this\n');
});
