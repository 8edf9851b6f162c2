import { asFloat, asInt, type FloatTensor, intTensor } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { generate } from '../../../packages/models/src/trace/generate.js';
import {
  decided,
  inputsOf,
  logitsAt,
  promptsOf,
  surprise,
  testModel,
  worstGap,
} from './real-model.js';

interface Reference {
  readonly logits: readonly { readonly ids: readonly number[]; readonly all: string }[];
  readonly hidden: {
    readonly ids: readonly number[];
    readonly tensors: { readonly [level: string]: string };
  };
  readonly greedy: readonly {
    readonly promptIds: readonly number[];
    readonly ids: readonly number[];
    readonly margins: readonly number[];
  }[];
  readonly gradient: {
    readonly ids: readonly number[];
    readonly loss: number;
    readonly dInputsEmbeds: string;
    readonly parameterNorms: { readonly [key: string]: number };
    readonly parameterTensors: { readonly [key: string]: string };
  };
  readonly perplexity: { readonly rows: readonly { text: string; nll: number; tokens: number }[] };
}

// Of logits, hidden states and gradients, as recorded beside them.
const tolerance = 1e-4;
const embedding = 'model.embed_tokens.weight';

/** ‖data‖ in double precision. */
const norm = (data: Iterable<number>): number =>
  Math.sqrt([...data].reduce((sum, x) => sum + x * x, 0));

/** A gradient of the tied embedding less what came through the look-up of `ids`. */
function withoutLookup(
  gradient: FloatTensor,
  lookup: FloatTensor,
  ids: readonly number[],
): Float32Array {
  const width = present(gradient.shape[1], 'width');
  const left = Float32Array.from(gradient.data);
  for (const [i, dx] of lookup.data.entries()) {
    const place = at(ids, Math.floor(i / width)) * width + (i % width);
    left[place] = (left[place] ?? 0) - dx;
  }
  return left;
}

testModel<Reference>('stories260k', ({ reference, tensor, tokenizer, open }) => {
  test.each([{ cuts: [] }, { cuts: [1, 4] }])(
    'logits and hidden states, cuts $cuts',
    async ({ cuts }) => {
      const model = await open('lm', { cuts });
      for (const { ids, all } of reference.logits) {
        const { logits } = await model.forward(inputsOf(model, [ids]));
        expect(worstGap(logits.data, tensor(all).data)).toBeLessThan(tolerance);
      }
      const { ids, tensors } = reference.hidden;
      const { streams } = await model.forward(inputsOf(model, [ids]));
      expect(Object.keys(tensors)).toHaveLength(7);
      for (const [level, name] of Object.entries(tensors)) {
        const found = level === 'norm' ? 'hidden.final' : `hidden.${level.slice(1)}`;
        const { data } = asFloat(present(streams[found], found));
        expect(worstGap(data, tensor(name).data), level).toBeLessThan(tolerance);
      }
    },
  );

  test.each([{ cuts: [] }, { cuts: [2] }])(
    'greedy continuation of four prompts in one batch, cuts $cuts',
    async ({ cuts }) => {
      const model = await open('lm', { cuts });
      const prompts = promptsOf(
        model,
        reference.greedy.map(({ promptIds }) => promptIds),
      );
      const results = await generate(model, { prompts, next: undefined }, 64);
      const generated = [...asInt(present(results.get('generated'))).data].map(Number);
      for (const [row, { ids, margins }] of reference.greedy.entries()) {
        const count = decided(margins, tolerance);
        expect(count).toBe(64);
        expect(generated.slice(row * 64, row * 64 + count)).toEqual(ids.slice(0, count));
      }
    },
  );

  test.each([{ cuts: [] }, { cuts: [3] }])('loss and gradients, cuts $cuts', async ({ cuts }) => {
    const { gradient } = reference;
    const { ids } = gradient;
    const model = await open('lm', { cuts, learns: true });
    const labels = intTensor([1, ids.length], [...ids]);
    const { loss, gradients, streams } = await model.pass(inputsOf(model, [ids]), labels);
    expect(Math.abs(loss - gradient.loss)).toBeLessThan(tolerance);
    const inputs = asFloat(present(streams['grad.hidden.0']));
    expect(worstGap(inputs.data, tensor(gradient.dInputsEmbeds).data)).toBeLessThan(tolerance);
    for (const [key, name] of Object.entries(gradient.parameterTensors))
      expect(worstGap(present(gradients.get(key)).data, tensor(name).data), key).toBeLessThan(
        tolerance,
      );
    for (const [key, told] of Object.entries(gradient.parameterNorms)) {
      const found = present(gradients.get(key), key);
      const data = key === embedding ? withoutLookup(found, inputs, ids) : found.data;
      expect(Math.abs(norm(data) - told), key).toBeLessThan(tolerance);
    }
  });

  test('nats of two texts', async () => {
    const model = await open('lm');
    for (const { text, nll, tokens } of reference.perplexity.rows) {
      const { ids } = tokenizer.encode(text);
      const { logits } = await model.forward(inputsOf(model, [ids]));
      const nats = ids.slice(1).map((id, i) => surprise(logitsAt(logits, i), id));
      expect(nats).toHaveLength(tokens);
      const sum = nats.reduce((total, one) => total + one, 0);
      expect(Math.abs(sum / nll - 1)).toBeLessThan(1e-3);
    }
  });
});
