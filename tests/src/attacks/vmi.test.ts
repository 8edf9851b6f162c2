import { attackKit, runAttack, tinyWorld } from '@vflair/core/testing';
import { expect, test } from 'vitest';
import vmi from '../../../packages/plugins-attacks/src/vmi.js';
import { tinyAlbert, tinyBert, tinyGpt2, tinyRoberta } from '../tiny-models.js';
import { accuracy, answers, type DefenseUse, defended, generatedMessages } from './scenes.js';

const sizes = { vocabulary: 1000, hidden: 64, heads: 4 };
const params = {
  steps: 100,
  'learning-rate': 0.2,
  rounds: 4,
  restarts: 1,
  loss: 'squared',
} as const;

const world = tinyWorld(tinyBert('cls', sizes), { seed: 'vmi', blocks: 2 });
const text = world.text(8, [12, 12]);
const { head, tokenizer } = world;
const truth = answers(text);
const seen = await world.send(text);
const decoys = await world.send(world.text(8, [12, 12]));
const view = { activations: [seen], head, tokenizer };

// The frozen planted case: seeded head, N(0, 0.02²) matrices, 100 steps, one start.
const options = {
  test: import.meta.url,
  params,
  planted: { view, truth },
  atLeast: 0.99,
  null: { view: { ...view, activations: [decoys] }, truth },
};
for (const { name, run } of attackKit(vmi, options)) test(name, run);

test('rows of any length are found, padded or not', async () => {
  const uneven = world.text(6, [1, 14]);
  const activations = [await world.send(uneven)];
  const guess = await runAttack({ attack: vmi, params, view: { ...view, activations } });
  expect(accuracy(guess, answers(uneven))).toBeGreaterThanOrEqual(0.99);
});

test.each([
  // Embeddings narrower than what is sent, and positions counted from the mask.
  ['albert', tinyAlbert('cls', sizes)],
  ['roberta', tinyRoberta('cls', sizes)],
])('a head of %s is searched in the space of its embeddings', async (_, spec) => {
  const other = tinyWorld(spec, { seed: 'vmi', blocks: 1 });
  const rows = other.text(3, [1, 8]);
  const activations = [await other.send(rows)];
  const own = { activations, head: other.head, tokenizer: other.tokenizer };
  const guess = await runAttack({ attack: vmi, params, view: own });
  expect(accuracy(guess, answers(rows))).toBeGreaterThanOrEqual(0.99);
});

test('the angle finds what the square finds', async () => {
  const guess = await runAttack({ attack: vmi, params: { ...params, loss: 'cosine' }, view });
  expect(accuracy(guess, truth)).toBeGreaterThanOrEqual(0.99);
});

test('a found row has no residual, and a row that was not found has one', async () => {
  const long = await runAttack({ attack: vmi, params, view });
  const short = await runAttack({ attack: vmi, params: { ...params, steps: 1, rounds: 1 }, view });
  expect(accuracy(short, truth)).toBeLessThan(0.5);
  for (const { residual } of long.tokens) expect(residual).toBeLessThan(1e-9);
  for (const { residual } of short.tokens) expect(residual).toBeGreaterThan(1e-3);
});

test('more starts never end with a larger residual', async () => {
  const hard = { ...params, steps: 12 };
  const one = await runAttack({ attack: vmi, params: hard, view });
  const three = await runAttack({ attack: vmi, params: { ...hard, restarts: 3 }, view });
  for (const [row, { residual }] of three.tokens.entries())
    expect(residual).toBeLessThanOrEqual(one.tokens[row]?.residual ?? 0);
});

test('it goes on from what the attack before it guessed', async () => {
  const previous = { tokens: truth.map(({ step, row, tokens }) => ({ step, row, tokens })) };
  const one = { ...params, steps: 1, rounds: 1 };
  const guess = await runAttack({ attack: vmi, params: one, view, previous });
  expect(accuracy(guess, truth)).toBe(1);
  expect(accuracy(await runAttack({ attack: vmi, params: one, view }), truth)).toBeLessThan(0.5);
});

test('tokens that stand at every beginning and end need not be searched', async () => {
  const framed = text.map((row) => [7, ...row, 9]);
  const known = { ...tokenizer, special: [7, 9], prefix: [7], suffix: [9] };
  const activations = [await world.send(framed)];
  const guess = await runAttack({
    attack: vmi,
    params: { ...params, steps: 1 },
    view: { ...view, activations, tokenizer: known },
  });
  for (const { tokens } of guess.tokens) {
    expect([tokens[0], tokens.at(-1)]).toEqual([7, 9]);
    expect(tokens.slice(1, -1)).not.toContain(7);
  }
});

test.each<DefenseUse>([
  { id: 'dp', params: { mechanism: 'gaussian', epsilon: 1e7, delta: 1e-5, clip: 1 } },
  { id: 'dp', params: { mechanism: 'laplace', epsilon: 1e8, delta: 1e-5, clip: 1 } },
  { id: 'sparsify', params: { rate: 0.5 } },
])('with $id $params known the text is found and explains what came', async (use) => {
  const activations = [defended(seen, use)];
  const defense = [{ point: 'forward-out', ...use }] as const;
  const blind = await runAttack({ attack: vmi, params, view: { ...view, activations } });
  const aware = await runAttack({ attack: vmi, params, view: { ...view, activations, defense } });
  expect(accuracy(aware, truth)).toBeGreaterThanOrEqual(0.95);
  expect(accuracy(aware, truth)).toBeGreaterThanOrEqual(accuracy(blind, truth));
  const residuals = (guess: typeof aware) => guess.tokens.map(({ residual = 0 }) => residual);
  expect(Math.max(...residuals(aware))).toBeLessThan(Math.min(...residuals(blind)) / 10);
});

test('the messages of one request are read as one text', async () => {
  const decoder = tinyWorld(tinyGpt2('lm', sizes), { seed: 'vmi', blocks: 2 });
  const [row = []] = decoder.text(1, [10, 10]);
  const activations = generatedMessages(await decoder.send([row]), 7);
  const whole = { activations, head: decoder.head, tokenizer };
  const { tokens } = await runAttack({ attack: vmi, params, view: whole });
  expect(tokens.map(({ step, tokens: ids }) => [step, ids])).toEqual([
    [0, row.slice(0, 7)],
    [1, row.slice(7, 8)],
    [2, row.slice(8, 9)],
    [3, row.slice(9, 10)],
  ]);
});

test('the view holds what was declared and nothing else', () => {
  const attack: typeof vmi = {
    ...vmi,
    // @ts-expect-error  `gradients` was not declared in `needs` or `wants`
    run: async (opened) => ({ tokens: opened.gradients }),
  };
  expect(attack.needs).not.toContain('gradients');
});
