import { randomStream } from '@vflair/core/tensor';
import { runAttack } from '@vflair/core/testing';
import { expect, test } from 'vitest';
import causalInversion from '../../../packages/plugins-attacks/src/causal-inversion.js';
import vmi from '../../../packages/plugins-attacks/src/vmi.js';
import { embeddedHead } from './embedded-heads.js';
import { accuracy, answers, defended } from './scenes.js';

const exact = { beam: 1, order: 'shortlist', candidates: 1000 } as const;

test.each([1, 2, 4])(
  'mails behind %i blocks of tiny-gpt2 are read without a mistake',
  async (blocks) => {
    const { text, seen, head, tokenizer } = await embeddedHead('tiny-gpt2', 'lm', {
      blocks,
      rows: 4,
      length: 32,
    });
    const view = { activations: [seen], head, tokenizer };
    const guess = await runAttack({ attack: causalInversion, params: exact, view });
    expect(accuracy(guess, answers(text))).toBe(1);
    for (const { residual = 1, margin = 0 } of guess.tokens)
      expect(margin).toBeGreaterThan(1e3 * residual);
  },
);

test('a tenth of the coordinates is enough for who knows that it is a tenth', async () => {
  const { text, seen, head, tokenizer } = await embeddedHead('tiny-gpt2', 'lm', {
    blocks: 2,
    rows: 4,
    length: 32,
  });
  const use = { id: 'sparsify', params: { rate: 0.9 } } as const;
  const activations = [defended(seen, use)];
  const defense = [{ point: 'forward-out', ...use }] as const;
  const view = { activations, head, tokenizer, defense };
  const guess = await runAttack({ attack: causalInversion, params: exact, view });
  expect(accuracy(guess, answers(text))).toBe(1);
});

test('under noise the most likely candidates are as good as the whole vocabulary', async () => {
  const { seen, head, tokenizer } = await embeddedHead('tiny-gpt2', 'lm', {
    blocks: 1,
    rows: 2,
    length: 10,
  });
  const random = randomStream('noise');
  const data = seen.tensor.data.map((x) => x + 2 * random.normal());
  const view = { activations: [{ ...seen, tensor: { ...seen.tensor, data } }], head, tokenizer };
  const few = await runAttack({ attack: causalInversion, params: exact, view });
  const all = await runAttack({
    attack: causalInversion,
    params: { ...exact, candidates: 0 },
    view,
  });
  expect(few.tokens.map(({ tokens }) => tokens)).toEqual(all.tokens.map(({ tokens }) => tokens));
});

test('on tiny-bert a residual of zero certifies the mail, and a mistake shows in it', async () => {
  const { text, seen, head, tokenizer } = await embeddedHead('tiny-bert', 'mlm', {
    blocks: 2,
    rows: 4,
    length: 32,
  });
  const params = {
    steps: 100,
    'learning-rate': 0.2,
    rounds: 4,
    restarts: 1,
    loss: 'squared',
  } as const;
  const view = { activations: [seen], head, tokenizer };
  const { tokens } = await runAttack({ attack: vmi, params, view });
  for (const [row, { tokens: ids, residual = 0 }] of tokens.entries()) {
    const isRight = text[row]?.every((id, s) => id === ids[s]);
    if (isRight) expect(residual).toBeLessThan(1e-8);
    else expect(residual).toBeGreaterThan(1e-5);
  }
});
