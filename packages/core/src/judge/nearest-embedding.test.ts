import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FloatTensor, floatTensor, randomStream } from '../tensor/index.js';
import { nearestEmbedding } from './nearest-embedding.js';

test('the nearest embedding has the largest cosine, whatever the lengths', async () => {
  const table = floatTensor([4, 2], Float32Array.of(0, 0, 1, 0, 5, 5, 0, 0.1));
  const sent = floatTensor([2, 2, 2], Float32Array.of(9, 1, 0.1, 0.11, -1, 3, 0, 0));
  expect(await nearestEmbedding([sent], table)).toEqual([
    [
      [1, 2],
      [3, 0],
    ],
  ]);
});

test('the embeddings themselves are read back exactly, over more than one block', async () => {
  const rng = randomStream('table');
  const [vocabulary, hidden] = [3000, 64];
  const table = floatTensor(
    [vocabulary, hidden],
    Float32Array.from({ length: vocabulary * hidden }, () => rng.normal()),
  );
  const sent = floatTensor([1, vocabulary, hidden], table.data);
  expect(await nearestEmbedding([sent], table)).toEqual([[[...Array(vocabulary).keys()]]]);
});

test('other widths than the table has are refused', async () => {
  const table = floatTensor([1, 3], new Float32Array(3));
  const sent = floatTensor([1, 2, 2], new Float32Array(4));
  await expect(nearestEmbedding([sent], table)).rejects.toThrow('VF975');
});

/** Small integers, so that dot products are exact and ties are real. */
const numbers = (length: number): fc.Arbitrary<Float32Array> =>
  fc
    .array(fc.integer({ min: -2, max: 2 }), { minLength: length, maxLength: length })
    .map((values) => Float32Array.from(values));

const cases = fc
  .record({
    batch: fc.nat(3),
    length: fc.nat(4),
    vocabulary: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ batch, length, vocabulary, width }) =>
    fc.record({
      sent: numbers(batch * length * width).map((data) =>
        floatTensor([batch, length, width], data),
      ),
      table: numbers(vocabulary * width).map((data) => floatTensor([vocabulary, width], data)),
    }),
  );

// By the definition, in float64; vectors this small have no cosines that differ by less than float32 can tell.
function nearestPlainly({ shape, data }: FloatTensor, table: FloatTensor): number[][] {
  const [batch = 0, length = 0, width = 0] = shape;
  const vectors = (of: Float32Array): Float32Array[] =>
    Array.from({ length: of.length / width }, (_, i) => of.subarray(i * width, (i + 1) * width));
  const best = vectors(data).map((x) => {
    const cosines = vectors(table.data).map(
      (e) => e.reduce((dot, value, j) => dot + value * (x[j] ?? 0), 0) / (Math.hypot(...e) || 1),
    );
    return cosines.indexOf(Math.max(...cosines));
  });
  return Array.from({ length: batch }, (_, row) => best.slice(row * length, (row + 1) * length));
}

test('it is the argmax of the cosines, ties to the smaller id', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ sent, table }) => {
      expect(await nearestEmbedding([sent], table)).toEqual([nearestPlainly(sent, table)]);
    }),
    { numRuns: 100 },
  );
});
