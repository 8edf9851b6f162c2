import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HeadKind, ModelSpec, Tensors } from '@vflair/core/contract';
import { padBatch } from '@vflair/core/party';
import { belongs, type Part } from '@vflair/core/session';
import { type FloatTensor, type IntTensor, randomStream } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { loadModel, loadTokenizer, openCheckpoint, type Tokenizer } from '@vflair/models';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../../packages/models/src/testing/temporary-folder.js';
import { localModel, type TracedModel } from '../../../packages/models/src/trace/local-model.js';

const beside = fileURLToPath(new URL('../../../../shared', import.meta.url));
const shared = resolve(process.env.VFLAIR_SHARED ?? beside);

/** Whether the long forms of the tests are asked for. */
export const isFull = process.env.VFLAIR_FULL === '1';

/** A real model and what was recorded of it. */
export interface RealModel<Reference> {
  readonly folder: string;
  /** A file of the shared folder. */
  readonly file: (path: string) => string;
  readonly reference: Reference;
  /** A tensor of reference.safetensors. */
  readonly tensor: (name: string) => FloatTensor;
  readonly tokenizer: Tokenizer;
  /** The model with one head, all of it or cut before some blocks; closed after all tests. */
  readonly open: (head: HeadKind, options?: OpenOptions) => Promise<OpenReal>;
}

/** A running model. */
export interface OpenReal extends TracedModel {
  readonly spec: ModelSpec;
}

interface OpenOptions {
  readonly cuts?: readonly number[];
  /** Whether its parameters get gradients. */
  readonly learns?: boolean;
}

/** Defines the tests of a model, or where the shared folder lacks it one that says so. */
export function testModel<Reference>(
  name: string,
  tests: (real: RealModel<Reference>) => void,
): void {
  const needed = [`models/${name}`, `golden/models/${name}`].map((path) => join(shared, path));
  const absent = needed.filter((path) => !existsSync(path));
  test.skipIf(absent.length > 0)(
    `${name} and what was recorded of it are there ${absent.map((path) => `(no ${path})`).join(' ')}`,
    () => expect(absent).toEqual([]),
  );
  if (absent.length === 0) tests(realModel<Reference>(name));
}

/** Opens what is in the shared folder of a model; its weights are converted once per file of tests. */
function realModel<Reference>(name: string): RealModel<Reference> {
  const folder = join(shared, 'models', name);
  const golden = join(shared, 'golden/models', name);
  const recorded = openCheckpoint(join(golden, 'reference.safetensors'));
  const cache = temporaryFolder(afterAll);
  const closing: (() => Promise<void>)[] = [() => Promise.resolve(recorded.close())];
  afterAll(async () => {
    for (const close of closing) await close();
  });
  return {
    folder,
    file: (path) => join(shared, path),
    reference: JSON.parse(readFileSync(join(golden, 'reference.json'), 'utf8')),
    tensor: (key) => recorded.read(key),
    tokenizer: loadTokenizer(folder),
    open: async (head, { cuts = [], learns = false } = {}) => {
      const random = randomStream(`real-model/${name}`);
      const loaded = await loadModel(folder, head, { cache, random });
      const { spec } = loaded;
      const trainedBy = (part: Part) =>
        spec.parameters.filter(({ places, untrained }) => belongs(part, places) && !untrained);
      const trained = (part: Part) =>
        new Map(learns ? trainedBy(part).map(({ key }) => [key, loaded.read(key)]) : []);
      const model = localModel({
        ...{ spec, cuts, optimizer: { learningRate: 0, weightDecay: 0 }, session: {} },
        weights: (part) => ({
          stored: loaded.stored,
          trained: trained(part),
          adapters: new Map(),
        }),
      });
      closing.push(async () => {
        await model.close();
        loaded.close();
      });
      return { ...model, spec };
    },
  };
}

/** Rows of ids, padded on the right, as a model takes them. */
export function inputsOf({ spec }: OpenReal, rows: readonly (readonly number[])[]): Tensors {
  return { ...padBatch(rows, spec) };
}

/** The same padded on the left, for a continuation. */
export function promptsOf({ spec }: OpenReal, rows: readonly (readonly number[])[]): Tensors {
  const padToken = spec.padToken ?? 0;
  const width = Math.max(...rows.map(({ length }) => length));
  const table = (value: (row: readonly number[], i: number) => number): IntTensor => ({
    dtype: 'int64',
    shape: [rows.length, width],
    data: BigInt64Array.from(
      rows.flatMap((row) =>
        Array.from({ length: width }, (_, i) => BigInt(value(row, i - (width - row.length)))),
      ),
    ),
  });
  return {
    ids: table((row, i) => (i < 0 ? padToken : at(row, i))),
    mask: table((_, i) => Number(i >= 0)),
  };
}

/** Largest |found − expected| − relative · |expected|; both have to be of one length. */
export function worstGap(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative = 0,
): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Array.from(expected).reduce((worst, value, i) => {
    const gap = Math.abs((found[i] ?? Number.NaN) - value) - relative * Math.abs(value);
    return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(worst, gap);
  }, Number.NEGATIVE_INFINITY);
}

/** Nats of the token `target` under logits: log Σ exp − its own. */
export function surprise(logits: Float32Array, target: number): number {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return most + Math.log(total) - (logits[target] ?? Number.NaN);
}

/** The logits of one position, `[vocabulary]`. */
export function logitsAt({ shape, data }: FloatTensor, position: number): Float32Array {
  const width = present(shape.at(-1), 'vocabulary');
  return data.subarray(position * width, (position + 1) * width);
}

/** How many greedy tokens can be compared: those before a decision that two logits off by `tolerance` could turn. */
export function decided(margins: readonly number[], tolerance: number): number {
  const close = margins.findIndex((margin) => margin <= 2 * tolerance);
  return close < 0 ? margins.length : close;
}
