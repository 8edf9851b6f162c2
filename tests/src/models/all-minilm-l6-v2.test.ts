import { readFileSync } from 'node:fs';
import type { Tensors } from '@vflair/core/contract';
import { asFloat, asInt, type FloatTensor } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { inputsOf, isFull, type OpenReal, testModel, worstGap } from './real-model.js';

interface Embedded {
  readonly texts: readonly string[];
  readonly inputIds: readonly (readonly number[])[];
  readonly attentionMask: readonly (readonly number[])[];
  readonly embeddings: string;
}

interface Reference {
  readonly batch: Embedded & { readonly tensors: { readonly [level: string]: string } };
  readonly more: Embedded & { readonly cosine: readonly (readonly number[])[] };
  readonly sts: {
    readonly file: string;
    readonly pearson: number;
    readonly spearman: number;
    readonly first20: readonly { readonly row: number; score: number; cosine: number }[];
  };
}

// As recorded beside the numbers: hidden states, embeddings and correlations.
const ofHidden = 5e-4;
const ofEmbeddings = 1e-4;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

/** Mean of the last hidden states over real positions, of length 1: one row per text. */
function pooled({ shape, data }: FloatTensor, inputs: Tensors): Float32Array[] {
  const [rows = 0, seq = 0, width = 0] = shape;
  const mask = asInt(present(inputs.mask, 'mask')).data;
  return Array.from({ length: rows }, (_, row) => {
    const sum = new Float32Array(width);
    for (let s = 0; s < seq; s++) {
      if (mask[row * seq + s] !== 1n) continue;
      const from = (row * seq + s) * width;
      for (let i = 0; i < width; i++) sum[i] = (sum[i] ?? 0) + (data[from + i] ?? 0);
    }
    // A mean and a sum differ by a factor, which the length takes away.
    const length = Math.sqrt(dot(sum, sum));
    return sum.map((x) => x / length);
  });
}

async function embed(
  model: OpenReal,
  rows: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const inputs = inputsOf(model, rows);
  const { streams } = await model.forward(inputs);
  return pooled(asFloat(present(streams['hidden.6'])), inputs);
}

/** Pearson's r. */
function correlation(x: readonly number[], y: readonly number[]): number {
  const centred = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [a, b] = [centred(x), centred(y)];
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Ranks from 1, equals sharing the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

testModel<Reference>('all-minilm-l6-v2', ({ reference, tensor, tokenizer, file, open }) => {
  const encode = (texts: readonly string[]): number[][] =>
    texts.map((text) => [...tokenizer.encode(text, { maxLength: 256 }).ids]);

  test.each([{ cuts: [] }, { cuts: [2, 4] }])(
    'hidden states of a padded batch, cuts $cuts',
    async ({ cuts }) => {
      const model = await open('cls', { cuts });
      const { texts, inputIds, tensors } = reference.batch;
      const inputs = inputsOf(model, encode(texts));
      expect([...asInt(present(inputs.ids)).data].map(Number)).toEqual(inputIds.flat());
      const { streams } = await model.forward(inputs);
      const levels = Object.entries(tensors).filter(([level]) => level !== 'pooler');
      expect(levels).toHaveLength(7);
      for (const [level, name] of levels) {
        const found = asFloat(present(streams[`hidden.${level.slice(1)}`], level));
        expect(worstGap(found.data, tensor(name).data), level).toBeLessThan(ofHidden);
      }
    },
  );

  test('embeddings of two batches and their cosines', async () => {
    const model = await open('cls');
    for (const { texts, embeddings } of [reference.batch, reference.more]) {
      const found = (await embed(model, encode(texts))).flatMap((row) => [...row]);
      expect(worstGap(found, tensor(embeddings).data)).toBeLessThan(ofEmbeddings);
    }
    const rows = await embed(model, encode(reference.more.texts));
    const cosines = rows.flatMap((a) => rows.map((b) => dot(a, b)));
    expect(worstGap(cosines, reference.more.cosine.flat())).toBeLessThan(ofEmbeddings);
  });

  test(`similarity of ${isFull ? 'all' : 'the first 20'} pairs of STS`, async () => {
    const { sts } = reference;
    const lines = readFileSync(file(sts.file), 'utf8').trimEnd().split('\n');
    const pairs = lines.slice(0, isFull ? undefined : 20).map((line) => line.split('\t'));
    const model = await open('cls');
    const cosines: number[] = [];
    for (const [, a = '', b = ''] of pairs) {
      const [x, y] = await embed(model, encode([a, b]));
      cosines.push(dot(present(x), present(y)));
    }
    const scores = pairs.map(([score]) => Number(score));
    for (const { row, score, cosine } of sts.first20) {
      expect(at(scores, row)).toBe(score);
      expect(Math.abs(at(cosines, row) - cosine)).toBeLessThan(ofEmbeddings);
    }
    if (!isFull) return;
    expect(Math.abs(correlation(cosines, scores) - sts.pearson)).toBeLessThan(1e-4);
    expect(Math.abs(correlation(ranks(cosines), ranks(scores)) - sts.spearman)).toBeLessThan(1e-4);
  });
});
