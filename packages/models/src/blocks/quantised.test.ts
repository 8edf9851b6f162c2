import type { FamilyDefinition, ModelConfig, Tensors } from '@vflair/core/contract';
import { type Adapter, crossing, cutParts, Slice, type Weights } from '@vflair/core/session';
import { asFloat, type FloatTensor, floatTensor, randomStream } from '@vflair/core/tensor';
import {
  drawFamilyCase,
  drawNormals,
  type FamilyCase,
  numbersOf,
  worstDifference,
} from '@vflair/core/testing';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import gpt2 from '../families/gpt2.js';
import llama from '../families/llama.js';
import { unpackedWeight } from '../testing/unpacked.js';
import { blocksInMemory } from '../weights/packed-weights.js';

const cases: readonly (readonly [FamilyDefinition, ModelConfig])[] = [
  [
    gpt2,
    { model_type: 'gpt2', n_embd: 64, n_layer: 3, n_head: 4, n_positions: 16, vocab_size: 40 },
  ],
  [
    llama,
    {
      model_type: 'llama',
      hidden_size: 64,
      num_hidden_layers: 3,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      intermediate_size: 96,
      max_position_embeddings: 16,
      vocab_size: 40,
      rms_norm_eps: 1e-5,
      rope_theta: 10000,
      hidden_act: 'silu',
      tie_word_embeddings: true,
    },
  ],
];
const forms = cases.flatMap(([family, config]) =>
  ([4, 8] as const).map((bits) => ({ name: `${family.id} of ${bits} bits`, family, config, bits })),
);

type Form = (typeof forms)[number];

/** A case whose maps have adapters where the family wants them, quantised or, for comparison, with the same numbers in float32. */
function weightsOf({ spec, weights }: FamilyCase, bits: 4 | 8, isPacked: boolean): Weights {
  const stored = (key: string): FloatTensor => present(weights.get(key), key);
  const spaces = new Map(spec.parameters.map((parameter) => [parameter.key, parameter]));
  const packed = (key: string) => {
    const { layout = 'out-in' } = present(spaces.get(key), key);
    return blocksInMemory(stored(key), { bits, layout });
  };
  const adapters = spec.defaultTargets.map((key): [string, Adapter] => {
    const { shape, layout } = present(spaces.get(key), key);
    const [output, input] = layout === 'in-out' ? [...shape].reverse() : shape;
    const random = randomStream(key);
    const a = drawNormals(random, [2, present(input)]);
    return [key, { a, b: drawNormals(random, [present(output), 2]), scale: 0.02 }];
  });
  const common = { trained: new Map(), adapters: new Map(adapters) };
  if (isPacked) return { stored, packed, ...common };
  return { stored: (key) => rounded(stored(key), packed, key, spaces.get(key)?.layout), ...common };
}

/** A matrix with the numbers its blocks stand for, as the family stores it; anything else as it is. */
function rounded(
  tensor: FloatTensor,
  packed: (key: string) => ReturnType<typeof blocksInMemory>,
  key: string,
  layout: string | undefined,
): FloatTensor {
  const [rows = 0, columns = 0] = tensor.shape;
  if (tensor.shape.length !== 2) return tensor;
  const numbers = unpackedWeight(packed(key));
  const place = (i: number): number =>
    layout === 'in-out' ? (i % columns) * rows + Math.floor(i / columns) : i;
  return floatTensor(
    tensor.shape,
    Float32Array.from(numbers, (_, i) => numbers[place(i)] ?? Number.NaN),
  );
}

/** Logits and gradients of the adapters, through slices cut before `cuts`. */
async function run(made: FamilyCase, weights: Weights, cuts: readonly number[]) {
  const slices = cutParts(made.spec, cuts).map((part, i) => {
    const own = new Set(
      made.spec.parameters.flatMap(({ key, places }) =>
        places.some((place) => typeof place === 'number' && place >= part.first && place < part.end)
          ? [key]
          : [],
      ),
    );
    const adapters = new Map([...weights.adapters].filter(([key]) => own.has(key)));
    return new Slice(
      made.spec,
      part,
      { ...weights, adapters },
      { inputGradient: i > 0, observe: true },
    );
  });
  let sent: Tensors = {};
  for (const slice of slices.slice(0, -1))
    sent = crossing(await slice.forwardKeeping(0, { ...made.inputs, ...sent }));
  const last = at(slices, slices.length - 1);
  const step = await last.lossStep({ ...made.inputs, ...sent }, made.labels);
  const { outputs, trained, received } = step;
  const gradients = new Map(trained);
  let gradient = received;
  for (const slice of slices.slice(0, -1).reverse()) {
    const back = await slice.backward(0, gradient);
    for (const entry of back.trained) gradients.set(...entry);
    gradient = back.received;
  }
  await Promise.all(slices.map((slice) => slice.close()));
  return new Map([['logits', asFloat(present(outputs.logits, 'logits'))], ...gradients]);
}

function worst(
  found: ReadonlyMap<string, FloatTensor>,
  expected: ReadonlyMap<string, FloatTensor>,
): number {
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  return Math.max(
    ...[...expected].map(([name, tensor]) =>
      worstDifference(numbersOf(present(found.get(name), name)), numbersOf(tensor)),
    ),
  );
}

const draw = ({ family, config, name }: Form): FamilyCase =>
  drawFamilyCase(family.read(config, 'lm'), randomStream(name));

// The same kernels on the same numbers; where a fused one rounds otherwise in the last bit, so does what is made of it.
test.each(forms)('$name, cut into three, is the model in one piece, adapters too', async (form) => {
  const made = draw(form);
  const weights = weightsOf(made, form.bits, true);
  const whole = await run(made, weights, []);
  expect(whole.size).toBeGreaterThan(6);
  expect(worst(await run(made, weights, [1, 2]), whole)).toBeLessThan(1e-5);
});

// The kernels round what goes into a map to 8 bits: up to 1/254 of the largest of 32, on the way through three blocks.
test.each(forms)('$name is what it is in float32, up to rounded inputs', async (form) => {
  const made = draw(form);
  const found = await run(made, weightsOf(made, form.bits, true), [2]);
  const exact = await run(made, weightsOf(made, form.bits, false), [2]);
  const difference = worst(found, exact);
  expect(difference).toBeLessThan(0.05);
  expect(difference).toBeGreaterThan(1e-6);
});

test.each(forms)('$name needs no weight of a linear map in float32', async (form) => {
  const made = draw(form);
  const weights = weightsOf(made, form.bits, true);
  const asked = new Set<string>();
  const stored: Weights['stored'] = (key) => {
    asked.add(key);
    return weights.stored(key);
  };
  await run(made, { ...weights, stored }, [1]);
  const matrices = made.spec.parameters.filter(({ shape }) => shape.length === 2);
  expect(matrices.map(({ key }) => key).filter((key) => asked.has(key))).toEqual([]);
});
