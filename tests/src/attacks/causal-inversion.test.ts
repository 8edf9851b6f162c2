import type { DefenseKnowledge } from '@vflair/core/contract';
import { headKnowledge, type Weights } from '@vflair/core/session';
import { floatTensor, randomStream } from '@vflair/core/tensor';
import { attackKit, runAttack, tinyWorld } from '@vflair/core/testing';
import { expect, test } from 'vitest';
import causalInversion from '../../../packages/plugins-attacks/src/causal-inversion.js';
import { tinyGpt2, tinyMamba } from '../tiny-models.js';
import { accuracy, answers, type DefenseUse, defended, generatedMessages } from './scenes.js';

const params = { beam: 1, order: 'shortlist', candidates: 0 } as const;
const spec = tinyGpt2('lm', { vocabulary: 1500, hidden: 32, heads: 4 });
const world = tinyWorld(spec, { seed: 'causal', blocks: 2, spread: 0.1 });
const text = world.text(6, [9, 9]);
const { head, tokenizer } = world;
const truth = answers(text);
const seen = await world.send(text);
const view = { activations: [seen], head, tokenizer };
const run = (
  change: Partial<typeof view> & { defense?: readonly DefenseKnowledge[] } = {},
  changed = {},
) =>
  runAttack({
    attack: causalInversion,
    view: { ...view, ...change },
    params: { ...params, ...changed },
  });

const decoys = await world.send(world.text(6, [9, 9]));
const options = {
  test: import.meta.url,
  params,
  planted: { view, truth },
  null: { view: { ...view, activations: [decoys] }, truth },
};
for (const { name, run: check } of attackKit(causalInversion, options)) test(name, check);

test('a full scan and a shortlist read the same text', async () => {
  const scan = await run({}, { order: 'scan' });
  const shortlist = await run();
  expect(scan.tokens.map(({ tokens }) => tokens)).toEqual(text);
  expect(shortlist.tokens.map(({ tokens }) => tokens)).toEqual(text);
});

test('the margin of a scan is a lower bound for that of a shortlist, and far above rounding', async () => {
  const scan = await run({}, { order: 'scan' });
  const shortlist = await run();
  for (const [row, { margin = 0, residual = 1 }] of scan.tokens.entries()) {
    expect(shortlist.tokens[row]?.margin).toBeGreaterThanOrEqual(margin * (1 - 1e-3));
    expect(margin).toBeGreaterThan(1e3 * residual);
  }
});

test.each([1, 3, 4])('rows of uneven lengths are exact behind %i blocks', async (blocks) => {
  const deep = tinyWorld(tinyGpt2('lm', { vocabulary: 1500, hidden: 32, heads: 4, blocks: 4 }), {
    seed: 'deep',
    blocks,
    spread: 0.1,
  });
  const uneven = deep.text(4, [1, 12]);
  const activations = [await deep.send(uneven)];
  const guess = await run({ activations, head: deep.head });
  expect(accuracy(guess, answers(uneven))).toBe(1);
});

test('a head that carries a state instead of rows is read as well', async () => {
  const mamba = tinyWorld(tinyMamba({ vocabulary: 300, hidden: 32 }), {
    seed: 'state',
    blocks: 2,
    spread: 0.1,
  });
  const uneven = mamba.text(4, [1, 9]);
  const activations = [await mamba.send(uneven)];
  const guess = await run({ activations, head: mamba.head, tokenizer: mamba.tokenizer });
  expect(accuracy(guess, answers(uneven))).toBe(1);
});

test('a head without blocks is read off its embedding', async () => {
  const shallow = tinyWorld(spec, { seed: 'shallow', blocks: 0, spread: 0.1 });
  const activations = [await shallow.send(text)];
  expect(accuracy(await run({ activations, head: shallow.head }), truth)).toBe(1);
});

test('two tokens with one embedding are told apart by nothing, and the margin says so', async () => {
  const { shape, data } = head.embedding;
  const copied = floatTensor(shape, data.slice());
  copied.data.copyWithin(32 * 5, 32 * 11, 32 * 12);
  const stored: Weights['stored'] = (key) =>
    key === spec.embeddingKey ? copied : world.weights.stored(key);
  const part = { embed: true, first: 0, end: 2, output: false };
  const twins = headKnowledge(spec, part, { ...world.weights, stored }, 'exact');
  // Row 11 is as it was, so what is sent for it is too.
  const activations = [await world.send([[3, 11, 4]])];
  const [guess] = (await run({ activations, head: twins })).tokens;
  expect(guess?.tokens.with(1, 11)).toEqual([3, 11, 4]);
  expect([5, 11]).toContain(guess?.tokens[1]);
  expect(guess?.margin).toBeLessThan(1e-9);
});

test.each<DefenseUse>([
  { id: 'dp', params: { mechanism: 'gaussian', epsilon: 1e9, delta: 1e-5, clip: 1 } },
  { id: 'sparsify', params: { rate: 0.5 } },
])('knowing $id $params is worth something', async (use) => {
  const activations = [defended(seen, use)];
  const aware = await run({
    activations,
    defense: [{ point: 'forward-out', ...use }],
  });
  const blind = await run({ activations });
  expect(accuracy(aware, truth)).toBeGreaterThanOrEqual(0.9);
  expect(accuracy(blind, truth)).toBeLessThan(accuracy(aware, truth));
});

test('under noise, four prefixes explain what came at least as well as one', async () => {
  const random = randomStream('noise');
  const some = await world.send(text.slice(0, 2));
  const noisy = some.tensor.data.map((x) => x + 0.25 * random.normal());
  const activations = [{ ...some, tensor: floatTensor(some.tensor.shape, noisy) }];
  const residualOf = async (beam: number): Promise<number> => {
    const { tokens } = await run({ activations }, { beam });
    return tokens.reduce((sum, { residual = 0 }) => sum + residual, 0);
  };
  expect(await residualOf(4)).toBeLessThanOrEqual(await residualOf(1));
});

test('a generation is read message by message, each position clipped on its own', async () => {
  const [row = []] = text;
  const plain = generatedMessages(await world.send([row]), 6);
  const params = { mechanism: 'gaussian', epsilon: 1e9, delta: 1e-5, clip: 1 } as const;
  const use = { id: 'dp', params } as const;
  const activations = plain.map((message) => defended(message, use));
  const defense = [{ point: 'forward-out', ...use }] as const;
  const { tokens } = await run({ activations, defense });
  expect(tokens.map(({ step, tokens: ids }) => [step, ids])).toEqual([
    [0, row.slice(0, 6)],
    [1, row.slice(6, 7)],
    [2, row.slice(7, 8)],
    [3, row.slice(8, 9)],
  ]);
});

test('it reads decoders only', () => {
  expect(causalInversion.architectures).toEqual(['decoder']);
});
