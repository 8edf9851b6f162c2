import { expect, test } from 'vitest';
import type { ModelSpec } from '../contract/index.js';
import {
  AdamW,
  asFloat,
  type FloatTensor,
  floatTensor,
  randomStream,
  zeros,
} from '../tensor/index.js';
import { compositionDefects, drawFamilyCase, drawNormals, smallModel } from '../testing/index.js';
import { at, present } from '../text/index.js';
import { type Adapter, cutParts, wholePart } from './bindings.js';
import { Slice } from './slice.js';

const spec = smallModel();
const made = drawFamilyCase(spec, randomStream('slice'));
const whole = wholePart(spec);

const stored = (key: string): FloatTensor => present(made.weights.get(key), key);
const copies = (): Map<string, FloatTensor> =>
  new Map(
    [...made.weights].map(([key, { shape, data }]) => [key, floatTensor(shape, data.slice())]),
  );

test.each([[[0]], [[1]], [[3]], [[1, 2]], [[0, 3]], [[0, 1, 2, 3]]])(
  'cut before %j, slices compose to the whole',
  async (cuts) => {
    expect(await compositionDefects(made, cuts)).toEqual([]);
  },
);

test('a block that looks at what an earlier one left behind, or at a weight of another part, is found', async () => {
  const leaky: ModelSpec = {
    ...spec,
    block: (context, index, hidden) => {
      const { g, shared } = context;
      const factor = 1 + 0.01 * shared.size;
      shared.set(`block ${index}`, hidden);
      return spec.block(context, index, g.mul(hidden, factor));
    },
  };
  expect(await compositionDefects({ ...made, spec: leaky }, [1])).toContainEqual(
    expect.stringContaining('logits'),
  );
  const greedy: ModelSpec = {
    ...spec,
    block: (context, index, hidden) =>
      spec.block(context, 0, index === 0 ? hidden : context.g.neg(hidden)),
  };
  await expect(compositionDefects({ ...made, spec: greedy }, [1])).rejects.toThrow('VF990');
});

test('a frozen slice sends what a trained one sends, and has no gradient of its own', async () => {
  const frozen = new Slice(spec, whole, { stored, trained: new Map(), adapters: new Map() });
  const trained = new Slice(spec, whole, { stored, trained: copies(), adapters: new Map() });
  const [a, b] = [await frozen.forward(made.inputs), await trained.forward(made.inputs)];
  expect(asFloat(present(a.result))).toEqual(asFloat(present(b.result)));
  const step = await frozen.lossStep(made.inputs, made.labels);
  expect(step.trained.size).toBe(0);
  await Promise.all([frozen.close(), trained.close()]);
});

test('training changes what the next run computes, and lowers the loss', async () => {
  const trained = copies();
  const slice = new Slice(spec, whole, { stored, trained, adapters: new Map() });
  const adam = new AdamW({ learningRate: 0.05 });
  const losses: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { loss, trained: gradients } = await slice.lossStep(made.inputs, made.labels);
    adam.step(trained, gradients);
    losses.push(loss);
  }
  expect(losses.toSorted((a, b) => b - a)).toEqual(losses);
  await slice.close();
});

/** A LoRA pair on the weight of one block. */
function adapterOf(b: FloatTensor): Map<string, Adapter> {
  const a = drawNormals(randomStream('adapter'), [2, spec.hidden]);
  return new Map([['block.1.weight', { a, b, scale: 2 }]]);
}

test('an adapter with B = 0 changes nothing, any other adds s·B·A to the weight', async () => {
  const b = drawNormals(randomStream('b'), [spec.hidden, 2]);
  const logits = async (slice: Slice): Promise<FloatTensor> => {
    const { result } = await slice.forward(made.inputs);
    await slice.close();
    return asFloat(present(result));
  };
  const plain = await logits(
    new Slice(spec, whole, { stored, trained: new Map(), adapters: new Map() }),
  );
  const idle = adapterOf(zeros([spec.hidden, 2]));
  expect(
    await logits(new Slice(spec, whole, { stored, trained: new Map(), adapters: idle })),
  ).toEqual(plain);
  const adapters = adapterOf(b);
  const { a } = present(adapters.get('block.1.weight'));
  const { shape, data } = stored('block.1.weight');
  const merged = data.map((x, i) => {
    const [row, column] = [Math.floor(i / spec.hidden), i % spec.hidden];
    return [0, 1].reduce(
      (sum, k) =>
        sum + 2 * at([...b.data], 2 * row + k) * at([...a.data], spec.hidden * k + column),
      x,
    );
  });
  const sum = (key: string): FloatTensor =>
    key === 'block.1.weight' ? floatTensor(shape, merged) : stored(key);
  const expected = await logits(
    new Slice(spec, whole, { stored: sum, trained: new Map(), adapters: new Map() }),
  );
  const found = await logits(new Slice(spec, whole, { stored, trained: new Map(), adapters }));
  found.data.forEach((x, i) => {
    expect(x).toBeCloseTo(at([...expected.data], i), 4);
  });
  expect(found.data).not.toEqual(plain.data);
});

test('both halves of an adapter have the slope of the loss as gradient', async () => {
  const adapters = adapterOf(drawNormals(randomStream('b'), [spec.hidden, 2]));
  const slice = new Slice(spec, whole, { stored, trained: new Map(), adapters });
  const { trained } = await slice.lossStep(made.inputs, made.labels);
  const { a, b } = present(adapters.get('block.1.weight'));
  for (const [name, tensor] of [
    ['block.1.weight#lora_A', a],
    ['block.1.weight#lora_B', b],
  ] as const) {
    const gradient = present(trained.get(name), name);
    const direction = drawNormals(randomStream(name), tensor.shape).data;
    const start = tensor.data.slice();
    // Central differences at h and 2h, extrapolated: the error falls with h⁴, so h may be large enough for float32.
    const slope = async (h: number): Promise<number> => {
      const side = async (sign: number): Promise<number> => {
        tensor.data.set(start.map((x, i) => x + sign * h * (direction[i] ?? 0)));
        return (await slice.lossStep(made.inputs, made.labels)).loss;
      };
      return ((await side(1)) - (await side(-1))) / (2 * h);
    };
    const numeric = (4 * (await slope(0.004)) - (await slope(0.008))) / 3;
    tensor.data.set(start);
    const product = gradient.data.reduce((sum, x, i) => sum + x * (direction[i] ?? 0), 0);
    expect(Math.abs(product - numeric)).toBeLessThan(1e-3 * Math.max(0.1, Math.abs(product)));
  }
  await slice.close();
});

test('observed streams and their gradients are those that cross a cut there', async () => {
  const weights = { stored, trained: copies(), adapters: new Map() };
  const observed = new Slice(spec, whole, weights, { observe: true });
  const { outputs } = await observed.lossStep(made.inputs, made.labels);
  const [head, tail] = cutParts(spec, [2]).map(
    (part, i) => new Slice(spec, part, weights, { inputGradient: i > 0 }),
  ) as [Slice, Slice];
  const sent = asFloat(present((await head.forwardKeeping(7, made.inputs)).result));
  expect(outputs['hidden.2']).toEqual(sent);
  const { received } = await tail.lossStep({ ...made.inputs, hidden: sent }, made.labels);
  expect(outputs['grad.hidden.2']?.shape).toEqual(sent.shape);
  present(received.hidden).data.forEach((x, i) => {
    expect(x).toBeCloseTo(Number(outputs['grad.hidden.2']?.data[i]), 6);
  });
  expect(Object.keys(outputs).filter((name) => name.startsWith('hidden.'))).toEqual([
    'hidden.0',
    'hidden.1',
    'hidden.2',
    'hidden.3',
    'hidden.final',
  ]);
  await Promise.all([observed.close(), head.close(), tail.close()]);
});

test('steps are kept apart, and gone once they went back', async () => {
  const [head] = cutParts(spec, [1]).map(
    (part) => new Slice(spec, part, { stored, trained: copies(), adapters: new Map() }),
  ) as [Slice];
  const other = {
    ...made.inputs,
    ids: {
      ...present(made.inputs.ids),
      data: present(made.inputs.ids).data.map(() => 1n as never),
    } as never,
  };
  const sent = present((await head.forwardKeeping(0, made.inputs)).result);
  const one = drawNormals(randomStream('gradient'), sent.shape);
  const alone = await head.backward(0, { hidden: one });
  await head.forwardKeeping(1, made.inputs);
  await head.forwardKeeping(2, other);
  expect((await head.backward(1, { hidden: one })).trained).toEqual(alone.trained);
  expect((await head.backward(2, { hidden: one })).trained).not.toEqual(alone.trained);
  await expect(head.backward(1, { hidden: one })).rejects.toThrow('VF901');
  await head.close();
});
