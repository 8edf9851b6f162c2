import type {
  HeadKnowledge,
  ModelSpec,
  SeenMessage,
  TokenizerKnowledge,
} from '../contract/index.js';
import { headKnowledge, type Part, Slice, type Weights } from '../session/index.js';
import {
  asFloat,
  type FloatTensor,
  floatTensor,
  intTensor,
  type Random,
  randomStream,
  sizeOf,
} from '../tensor/index.js';
import { present } from '../text/index.js';

/** Rows of ids, to be padded on the right. */
export type IdRows = readonly (readonly number[])[];

/** A seeded model of which one party runs the head, and what an adversary at the next party may hold of it. */
export interface TinyWorld {
  readonly spec: ModelSpec;
  readonly weights: Weights;
  readonly head: HeadKnowledge;
  readonly tokenizer: TokenizerKnowledge;
  /** `count` rows of random ids with lengths in [shortest, longest]. */
  readonly text: (
    count: number,
    lengths: readonly [shortest: number, longest: number],
  ) => number[][];
  /** What the head sends for these rows: H1 `[batch, seq, hidden]`, undefended. */
  readonly send: (rows: IdRows, step?: number) => Promise<SeenMessage>;
}

/** Weights of a spec drawn from `random`: matrices N(0, spread²), norms ones, biases zeros. */
export function randomWeights(spec: ModelSpec, random: Random, spread = 0.02): Weights {
  const drawn = new Map<string, FloatTensor>();
  const stored = (key: string): FloatTensor => {
    const known = drawn.get(key);
    if (known) return known;
    const { shape, init } = present(
      spec.parameters.find((parameter) => parameter.key === key),
      `parameter ${key}`,
    );
    const stream = random.stream(key);
    const data = new Float32Array(sizeOf(shape));
    if (init === 'normal') for (let i = 0; i < data.length; i++) data[i] = spread * stream.normal();
    if (init === 'ones') data.fill(1);
    const tensor = floatTensor(shape, data);
    drawn.set(key, tensor);
    return tensor;
  };
  return { stored, trained: new Map(), adapters: new Map() };
}

/** The world of one spec and seed; the head is the embedding and the first `blocks` blocks. */
export function tinyWorld(
  spec: ModelSpec,
  options: { readonly seed: string; readonly blocks: number; readonly spread?: number },
): TinyWorld {
  const random = randomStream(`tiny-world/${options.seed}`);
  const part: Part = { embed: true, first: 0, end: options.blocks, output: false };
  const weights = randomWeights(spec, random.stream('weights'), options.spread);
  const slice = new Slice(spec, part, weights);
  const text = random.stream('text');
  const length = ([shortest, longest]: readonly [number, number]): number =>
    shortest + text.integer(longest - shortest + 1);
  return {
    spec,
    weights,
    head: headKnowledge(spec, part, weights, 'exact'),
    tokenizer: { vocabulary: spec.vocabulary, special: [], prefix: [], suffix: [] },
    text: (count, lengths) =>
      Array.from({ length: count }, () =>
        Array.from({ length: length(lengths) }, () => text.integer(spec.vocabulary)),
      ),
    send: async (rows, step = 0) => {
      const inputs = padded(rows);
      const { result } = await slice.forward(inputs);
      const tensor = asFloat(present(result, 'what the head sends'));
      return { phase: 'test', step, tensor, mask: inputs.mask };
    },
  };
}

/** Rows padded on the right with id 0, with the inputs a slice reads. */
export function padded(rows: IdRows) {
  const width = Math.max(1, ...rows.map((row) => row.length));
  const shape = [rows.length, width];
  const fill = (value: (row: readonly number[], s: number) => number) =>
    intTensor(
      shape,
      rows.flatMap((row) => Array.from({ length: width }, (_, s) => value(row, s))),
    );
  return {
    ids: fill((row, s) => row[s] ?? 0),
    mask: fill((row, s) => Number(s < row.length)),
    positions: fill((_, s) => s),
    types: fill(() => 0),
  };
}
