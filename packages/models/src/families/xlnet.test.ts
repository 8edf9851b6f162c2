import type { HeadKind, ModelConfig, Tensors } from '@vflair/core/contract';
import { Slice, wholePart } from '@vflair/core/session';
import { asFloat, floatTensor, intTensor, randomStream } from '@vflair/core/tensor';
import { compositionDefects, drawFamilyCase, type FamilyCase } from '@vflair/core/testing';
import { Findings, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import xlnet from './xlnet.js';

const config = {
  model_type: 'xlnet',
  d_model: 8,
  n_head: 2,
  n_layer: 2,
  d_inner: 10,
  vocab_size: 11,
  pad_token_id: 0,
};

const codeOf = (wrong: ModelConfig): string => {
  try {
    xlnet.read({ ...config, ...wrong }, 'cls');
    return 'none';
  } catch (error) {
    return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
  }
};

const types = intTensor([2, 5], [0, 0, 1, 1, 2, 0, 1, 1, 0, 0]);
/** Position j is hidden from all positions of a smaller number, and each is asked for. */
const asked: Tensors = {
  perm_mask: floatTensor(
    [2, 5, 5],
    Float32Array.from({ length: 50 }, (_, i) => Number(i % 5 >= Math.floor(i / 5) % 5)),
  ),
  target_mapping: floatTensor(
    [2, 5, 5],
    Float32Array.from({ length: 50 }, (_, i) => Number(i % 5 === Math.floor(i / 5) % 5)),
  ),
};

/** Without a query stream nobody reads where it starts. */
const withoutStart = (made: FamilyCase): FamilyCase => ({
  ...made,
  weights: new Map([...made.weights].filter(([key]) => !key.endsWith('mask_emb'))),
  spec: {
    ...made.spec,
    parameters: made.spec.parameters.filter(({ key }) => !key.endsWith('mask_emb')),
  },
});

const heads: readonly HeadKind[] = ['lm', 'cls', 'reg', 'qa'];
const cases = heads.flatMap((head) => [[0], [1], [2], [0, 1, 2]].map((cuts) => ({ head, cuts })));

test.each(cases)('a $head model cut before blocks $cuts is the model in one piece', async (one) => {
  const spec = xlnet.read({ ...config, attn_type: 'uni', clamp_len: 2 }, one.head, 3);
  const made = drawFamilyCase(spec, randomStream(`xlnet/${one.head}`), { token_type_ids: types });
  expect(await compositionDefects(withoutStart(made), one.cuts)).toEqual([]);
});

test.each([[0], [1], [2], [0, 1, 2]])(
  'so is one with a query stream, cut before block %i',
  async (...cuts) => {
    const spec = xlnet.read({ ...config, tie_word_embeddings: false }, 'lm');
    const given = { token_type_ids: types, ...asked };
    const made = drawFamilyCase(spec, randomStream('xlnet/query'), given);
    expect(await compositionDefects(made, cuts)).toEqual([]);
  },
);

/** Logits of a language model on the tokens of a case. */
async function logitsOf(extra: ModelConfig, given: Tensors = {}) {
  const spec = xlnet.read({ ...config, ...extra }, 'lm');
  const { weights, inputs } = drawFamilyCase(spec, randomStream('xlnet/logits'), given);
  const stored = (key: string) => present(weights.get(key), key);
  const slice = new Slice(spec, wholePart(spec), {
    stored,
    trained: new Map(),
    adapters: new Map(),
  });
  const { result } = await slice.forward(inputs);
  await slice.close();
  return asFloat(present(result, 'logits')).data;
}

const ids = (last: number) => intTensor([2, 5], [4, 7, 2, 9, last, 8, 3, 1, 0, 0]);

test('in one direction nobody sees ahead, in both everybody does', async () => {
  for (const direction of ['uni', 'bi']) {
    const [one, other] = await Promise.all(
      [3, 6].map((last) => logitsOf({ attn_type: direction }, { ids: ids(last) })),
    );
    const first = (data: ArrayLike<number> | undefined) => Array.from(data ?? []).slice(0, 4 * 11);
    if (direction === 'uni') expect(first(one)).toEqual(first(other));
    else expect(first(one)).not.toEqual(first(other));
  }
});

// The first query may see nobody, and then all scores are alike: it reads the mean of all.
test('a query that sees others does not see the token it asks for', async () => {
  const [one, other] = await Promise.all(
    [3, 6].map((last) => logitsOf({}, { ids: ids(last), ...asked })),
  );
  expect(one?.slice(11, 5 * 11)).toEqual(other?.slice(11, 5 * 11));
});

// With distances the other way round a text read backwards gives what it gives forwards.
test('with both directions the second half of a batch is read backwards', async () => {
  const text = [4, 7, 2, 9, 6];
  const [given, mask] = [
    intTensor([2, 5], [...text, ...text.toReversed()]),
    intTensor([2, 5], Array(10).fill(1)),
  ];
  const data = await logitsOf({ bi_data: true }, { ids: given, mask });
  const row = (place: number): number[] => [...data.slice(place * 11, (place + 1) * 11)];
  for (const place of text.keys())
    for (const [i, value] of row(place).entries()) expect(row(9 - place)[i]).toBeCloseTo(value, 5);
  const same = await logitsOf({}, { ids: given, mask });
  expect(Math.abs((same[9 * 11] ?? 0) - (same[0] ?? 0))).toBeGreaterThan(1e-3);
});

test('distances beyond the clamp are alike', async () => {
  const [none, wide, narrow] = await Promise.all(
    [-1, 5, 1].map((clamp_len) => logitsOf({ clamp_len })),
  );
  expect(wide).toEqual(none);
  expect(narrow).not.toEqual(none);
});

test('a segment of the same length sees each position alone', async () => {
  const extra = { attn_type: 'uni', same_length: true };
  const [one, other] = await Promise.all([3, 6].map((last) => logitsOf(extra, { ids: ids(last) })));
  expect(one?.slice(0, 44)).toEqual(other?.slice(0, 44));
  const changed = intTensor([2, 5], [5, 7, 2, 9, 3, 8, 3, 1, 0, 0]);
  const third = await logitsOf(extra, { ids: changed });
  expect(third.slice(11, 55)).toEqual(one?.slice(11, 55));
});

test('types that are all the same change nothing, whatever they are', async () => {
  const same = intTensor([2, 5], new BigInt64Array(10).fill(3n));
  const [none, one] = [await logitsOf({}), await logitsOf({}, { token_type_ids: same })];
  for (const [i, value] of none.entries()) expect(one[i]).toBeCloseTo(value, 5);
  const [some] = [await logitsOf({}, { token_type_ids: types })];
  expect(Math.max(...some.map((value, i) => Math.abs(value - (none[i] ?? 0))))).toBeGreaterThan(
    1e-3,
  );
});

test('a generation asks for one token more, which nobody sees', () => {
  const spec = xlnet.read(config, 'lm');
  const prompt = { ids: intTensor([1, 2], [4, 5]), mask: intTensor([1, 2], [1, 1]) };
  const { inputs } = present(spec.next?.(prompt, intTensor([1, 1], [7])), 'next');
  expect(inputs.ids).toEqual(intTensor([1, 4], [4, 5, 7, 0]));
  expect(inputs.mask).toEqual(intTensor([1, 4], [1, 1, 1, 1]));
  expect(inputs.target_mapping).toEqual(floatTensor([1, 1, 4], Float32Array.of(0, 0, 0, 1)));
  expect([...(inputs.perm_mask?.data ?? [])]).toEqual([...Array(4)].flatMap(() => [0, 0, 0, 1]));
});

test('a config that leaves out or contradicts what it needs is a finding', () => {
  expect(codeOf({})).toBe('none');
  expect(codeOf({ d_inner: undefined })).toBe('VF530');
  expect(codeOf({ d_head: 3 })).toBe('VF523');
  expect(codeOf({ n_head: 3 })).toBe('VF523');
  expect(codeOf({ ff_activation: 'swoosh' })).toBe('VF531');
  expect(codeOf({ attn_type: 'tri' })).toBe('VF532');
  expect(codeOf({ summary_type: 'attn' })).toBe('VF532');
  expect(codeOf({ summary_proj_to_labels: true })).toBe('VF532');
});
