import { compileGraph, headKnowledge, Slice, tailKnowledge, wholePart } from '@vflair/core/session';
import { asFloat, floatTensor, intTensor, randomStream, rows, zeros } from '@vflair/core/tensor';
import { padded, randomWeights, tinyWorld } from '@vflair/core/testing';
import { present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { tinyAlbert, tinyBert, tinyGpt2, tinyMamba, tinyRoberta } from './tiny-models.js';

const largestGap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(0, ...Array.from(a, (x, i) => Math.abs(x - (b[i] ?? Number.NaN))));

test.each([
  ['gpt2', tinyGpt2('lm')],
  ['bert', tinyBert('cls')],
  ['mamba', tinyMamba()],
  ['roberta', tinyRoberta('cls')],
  ['albert', tinyAlbert('cls')],
])('the %s head an adversary knows sends what the victim sends', async (_, spec) => {
  const world = tinyWorld(spec, { seed: 'knowledge', blocks: 2, spread: 0.3 });
  const text = [
    [5, 2, 9, 1],
    [7, 3],
  ];
  const sent = await world.send(text);
  const known = await compileGraph((g) => {
    const ids = g.input('ids', 'int64', ['batch', 'seq']);
    const mask = g.input('mask', 'int64', ['batch', 'seq']);
    const tokens = g.gather(g.constant(world.head.embedding), ids);
    return { sent: world.head.forward(g, tokens, mask) };
  });
  const result = asFloat(present((await known.run(padded(text))).sent));
  await known.close();
  expect(largestGap(result.data, sent.tensor.data)).toBeLessThan(1e-5);
});

test('one step after a prefix gives what the whole sequence gives there', async () => {
  const world = tinyWorld(tinyGpt2('lm'), { seed: 'step', blocks: 2, spread: 0.3 });
  const { head } = world;
  const text = [5, 2, 9, 1];
  const whole = (await world.send([text])).tensor;
  const width = present(head.cache(0)[0]?.shape[0]);
  const session = await compileGraph((g) => {
    const input = (name: string) => g.input(name, 'int64', ['batch', 1]);
    const past = Array.from({ length: head.blocks }, (_, i) => ({
      key: g.input(`key.${i}`, 'float32', [1, 'past', width]),
      value: g.input(`value.${i}`, 'float32', [1, 'past', width]),
    }));
    const next = { ids: input('ids'), positions: input('positions'), mask: input('mask') };
    const { hidden, rows } = head.step(g, next, past);
    const named = rows.flatMap(({ key, value }, i) => [
      [`k${i}`, key],
      [`v${i}`, value],
    ]);
    return { hidden, ...Object.fromEntries(named) };
  });
  const cache = new Map<string, number[]>();
  for (const [s, id] of text.entries()) {
    const past = Object.fromEntries(
      ['key.0', 'key.1', 'value.0', 'value.1'].map((name) => [
        name,
        floatTensor([1, s, width], Float32Array.from(cache.get(name) ?? [])),
      ]),
    );
    // The same candidate twice: the prefix is shared by the rows of a batch.
    const result = await session.run({
      ids: intTensor([2, 1], [id, id]),
      positions: intTensor([2, 1], [s, s]),
      mask: intTensor([2, 1], [1, 1]),
      ...past,
    });
    const hidden = asFloat(present(result.hidden));
    for (const row of [0, 1]) {
      const expected = whole.data.subarray(s * head.hidden, (s + 1) * head.hidden);
      expect(largestGap(rows(hidden, row, row + 1).data, expected)).toBeLessThan(1e-5);
    }
    for (const i of [0, 1]) {
      for (const [short, long] of [
        ['k', 'key'],
        ['v', 'value'],
      ] as const) {
        const fresh = rows(asFloat(present(result[`${short}${i}`])), 0, 1).data;
        cache.set(`${long}.${i}`, [...(cache.get(`${long}.${i}`) ?? []), ...fresh]);
      }
    }
  }
  await session.close();
});

test('one step after a carried state gives what the whole sequence gives there', async () => {
  const { head, send } = tinyWorld(tinyMamba(), { seed: 'state', blocks: 2, spread: 0.3 });
  const text = [5, 2, 9, 1, 7, 3];
  const whole = (await send([text])).tensor;
  const carried = Array.from({ length: head.blocks }, (_, block) =>
    head.cache(block).map(({ name, shape }) => ({ block, name, shape: [1, ...shape] })),
  ).flat();
  const session = await compileGraph((g) => {
    const input = (name: string) => g.input(name, 'int64', ['batch', 1]);
    const past = Array.from({ length: head.blocks }, (_, block) => {
      const own = carried.filter((entry) => entry.block === block);
      const inputs = own.map(({ name, shape }) => [
        name,
        g.input(`${name}.${block}`, 'float32', shape),
      ]);
      return Object.fromEntries(inputs);
    });
    const next = { ids: input('ids'), positions: input('positions'), mask: input('mask') };
    const { hidden, rows } = head.step(g, next, past);
    const fresh = carried.map(({ block, name }) => [`${name}.${block}`, rows[block]?.[name]]);
    return { hidden, ...Object.fromEntries(fresh) };
  });
  let state = carried.map(({ block, name, shape }) => [`${name}.${block}`, zeros(shape)] as const);
  for (const [s, id] of text.entries()) {
    // The same candidate twice: the state before is shared by the rows of a batch.
    const twice = (value: number) => intTensor([2, 1], [value, value]);
    const fed = { ids: twice(id), positions: twice(s), mask: twice(1) };
    const result = await session.run({ ...fed, ...Object.fromEntries(state) });
    const expected = whole.data.subarray(s * head.hidden, (s + 1) * head.hidden);
    for (const row of [0, 1])
      expect(
        largestGap(rows(asFloat(present(result.hidden)), row, row + 1).data, expected),
      ).toBeLessThan(1e-5);
    state = state.map(([name]) => [name, rows(asFloat(present(result[name])), 0, 1)] as const);
  }
  await session.close();
});

test('what is known of trained weights does not follow their training', async () => {
  const spec = tinyGpt2('lm');
  const stored = randomWeights(spec, randomStream('trained'), 0.3);
  const table = floatTensor(
    [20, 8],
    (stored.stored(spec.embeddingKey) as { data: Float32Array }).data,
  );
  const key = spec.defaultTargets[0] ?? '';
  const a = floatTensor([1, 8], new Float32Array(8).fill(0.5));
  const b = floatTensor([24, 1], new Float32Array(24).fill(0.5));
  const weights = {
    ...stored,
    trained: new Map([[spec.embeddingKey, table]]),
    adapters: new Map([[key, { a, b, scale: 2 }]]),
  };
  const part = { embed: true, first: 0, end: 1, output: false };
  const text = padded([[3, 1, 4]]);
  const slice = new Slice(spec, part, weights);
  const before = asFloat(present((await slice.forward(text)).result)).data.slice();
  const head = headKnowledge(spec, part, weights, 'exact');
  table.data.fill(0);
  a.data.fill(0);
  const known = await compileGraph((g) => {
    const ids = g.input('ids', 'int64', ['batch', 'seq']);
    const mask = g.input('mask', 'int64', ['batch', 'seq']);
    return { sent: head.forward(g, g.gather(g.constant(head.embedding), ids), mask) };
  });
  const sent = asFloat(present((await known.run(text)).sent)).data;
  expect(largestGap(sent, before)).toBeLessThan(1e-5);
  await Promise.all([known.close(), slice.close()]);
});

test.each([
  ['gpt2', tinyGpt2('cls'), [1, 3]],
  ['bert', tinyBert('cls'), [0, 0]],
])('the %s tail an adversary knows reads the position the task reads', async (_, spec, pooled) => {
  const weights = randomWeights(spec, randomStream('tail'), 0.3);
  const text = padded([
    [5, 2],
    [7, 3, 1, 1],
  ]);
  const whole = new Slice(spec, wholePart(spec), weights);
  const expected = await whole.forward({ ...text, pooled: intTensor([2], pooled) });
  const head = headKnowledge(
    spec,
    { embed: true, first: 0, end: 1, output: false },
    weights,
    'exact',
  );
  const tail = tailKnowledge(
    spec,
    { embed: false, first: 1, end: 2, output: true },
    weights,
    'exact',
  );
  const known = await compileGraph((g) => {
    const ids = g.input('ids', 'int64', ['batch', 'seq']);
    const mask = g.input('mask', 'int64', ['batch', 'seq']);
    const hidden = head.forward(g, g.gather(g.constant(head.embedding), ids), mask);
    return { logits: tail.forward(g, hidden, mask) };
  });
  const { logits } = await known.run(text);
  const result = asFloat(present(expected.result)).data;
  expect(largestGap(asFloat(present(logits)).data, result)).toBeLessThan(1e-5);
  await Promise.all([known.close(), whole.close()]);
});
