import type { ModelSpec, Tensors } from '@vflair/core/contract';
import { floatTensor, type IntTensor, intTensor, type Tensor } from '@vflair/core/tensor';
import { finding, present } from '@vflair/core/text';
import { nearestNames } from '../text/nearest-names.js';
import { type Checkpoint, openCheckpoint } from '../weights/checkpoint.js';
import { hasOwn, type InputReader, readOwnInputs } from './own-inputs.js';

/** A padded batch as slices take it, and its labels where the file has them. */
export interface TraceBatch {
  readonly inputs: Tensors;
  readonly labels: Tensor | undefined;
}

/**
 * Reads what a head needs from a safetensors file: `input_ids`, and where they are there `attention_mask` (else all 1),
 * `position_ids` (else 0, 1, …), `token_type_ids` (else 0), inputs of the family's own, labels. Throws Findings: VF580
 * tensors that are missing or don't fit each other or the model.
 */
export function readBatch(
  file: string,
  spec: ModelSpec,
  { prefix, hasTypes }: { readonly prefix: string; readonly hasTypes: boolean },
): TraceBatch {
  const checkpoint = openCheckpoint(file);
  try {
    const read = reader(checkpoint, file, prefix);
    const ids = read.int('input_ids');
    const [rows, width] = tableShape(ids, `${prefix}input_ids`);
    const grid = (name: string, value: (i: number) => number): IntTensor => {
      if (read.has(name)) return sameShape(read.int(name), ids, `${prefix}${name}`);
      return intTensor(
        [rows, width],
        Array.from({ length: rows * width }, (_, i) => value(i)),
      );
    };
    checkRange(ids, spec.vocabulary, `${prefix}input_ids`);
    const mask = grid('attention_mask', () => 1);
    checkRange(mask, 2, `${prefix}attention_mask`);
    const positions = grid(hasOwn(spec, 'position_ids') ? '' : 'position_ids', (i) => i % width);
    checkRange(positions, positionLimit(spec), `${prefix}position_ids`);
    const types = hasTypes ? grid('token_type_ids', () => 0) : zerosOf(ids);
    const sizes = new Map([
      ['batch', rows],
      ['seq', width],
    ]);
    const own = readOwnInputs(read, spec, sizes);
    const inputs = { ids, mask, positions, types, pooled: lastTokens(ids, spec.padToken), ...own };
    return prepared(spec, inputs, readLabels(read, spec, sizes));
  } finally {
    checkpoint.close();
  }
}

/** Prompts of a generation: `gen.input_ids` as `ids`, `gen.attention_mask` as `mask`, and inputs of the family's own; throws Findings VF580 as {@link readBatch}. */
export function readPrompts(file: string, spec: ModelSpec): Tensors {
  const checkpoint = openCheckpoint(file);
  try {
    const read = reader(checkpoint, file, 'gen.');
    const ids = read.int('input_ids');
    const [rows, width] = tableShape(ids, 'gen.input_ids');
    checkRange(ids, spec.vocabulary, 'gen.input_ids');
    const sizes = new Map([
      ['batch', rows],
      ['seq', width],
    ]);
    const own = readOwnInputs(read, spec, sizes);
    if (!read.has('attention_mask')) {
      const ones = new BigInt64Array(rows * width).fill(1n);
      return { ...own, ids, mask: intTensor([rows, width], ones) };
    }
    const mask = sameShape(read.int('attention_mask'), ids, 'gen.attention_mask');
    checkRange(mask, 2, 'gen.attention_mask');
    return { ...own, ids, mask };
  } finally {
    checkpoint.close();
  }
}

function prepared(spec: ModelSpec, inputs: Tensors, labels: Tensor | undefined): TraceBatch {
  if (!spec.prepare) return { inputs, labels };
  return { inputs: spec.prepare(labels ? { ...inputs, labels } : inputs), labels };
}

function reader(checkpoint: Checkpoint, file: string, prefix: string): InputReader {
  const nameOf = (name: string): string => {
    const whole = `${prefix}${name}`;
    if (checkpoint.tensors.has(whole)) return whole;
    const near = nearestNames(whole, checkpoint.tensors.keys()).join(', ');
    throw wrong(
      `\`${file}\` has no tensor \`${whole}\``,
      near === '' ? 'it is empty' : `nearest are ${near}`,
    );
  };
  return {
    has: (name) => checkpoint.tensors.has(`${prefix}${name}`),
    int: (name) => checkpoint.readInt(nameOf(name)),
    number: (name) => {
      const whole = nameOf(name);
      const isFloat = /^B?F\d/.test(checkpoint.find(whole).dtype);
      if (isFloat) return checkpoint.read(whole);
      const { shape, data } = checkpoint.readInt(whole);
      return floatTensor(shape, Float32Array.from(data, Number));
    },
  };
}

/** Labels of a head in the shape its loss takes; undefined where the file has none. */
function readLabels(
  read: InputReader,
  spec: ModelSpec,
  sizes: ReadonlyMap<string, number>,
): Tensor | undefined {
  const [rows = 0, width = 0] = [sizes.get('batch'), sizes.get('seq')];
  if (spec.head === 'qa') return readSpans(read, rows, width);
  if (!read.has('labels')) return undefined;
  if (spec.head === 'reg') return shaped(read.number('labels'), [rows]);
  const isPerRow = spec.head === 'cls';
  const labels = read.int('labels');
  const tokens = sizes.get('target') ?? (spec.head === 'seq2seq' ? labels.shape[1] : width) ?? 0;
  shaped(labels, isPerRow ? [rows] : [rows, tokens]);
  checkRange(labels, isPerRow ? spec.labels : spec.vocabulary, 'labels', true);
  return labels;
}

/** First and last position of each answer: `[batch, 2]`. */
function readSpans(read: InputReader, rows: number, width: number): Tensor | undefined {
  if (!read.has('start_positions') && !read.has('end_positions')) return undefined;
  const [start, end] = ['start_positions', 'end_positions'].map((name) => {
    const tensor = read.int(name);
    checkRange(tensor, width, name);
    return shaped(tensor, [rows]);
  });
  const pairs = Array.from({ length: 2 * rows }, (_, i) =>
    Number(present(i % 2 === 0 ? start : end, 'span').data[i >> 1]),
  );
  return intTensor([rows, 2], pairs);
}

function zerosOf({ shape, data }: IntTensor): IntTensor {
  return intTensor(shape, new BigInt64Array(data.length));
}

/** Last position of each row whose token is not the padding token; the mask is not consulted, as in transformers. */
function lastTokens(ids: IntTensor, padToken: number | undefined): IntTensor {
  const [rows = 0, width = 0] = ids.shape;
  const last = Array.from({ length: rows }, (_, row) => {
    if (padToken === undefined) return width - 1;
    const own = ids.data.subarray(row * width, (row + 1) * width);
    return Math.max(
      0,
      own.findLastIndex((id) => Number(id) !== padToken),
    );
  });
  return intTensor([rows], last);
}

/** How many positions the embedding has; without a table of positions there is no limit. */
function positionLimit({ parameters, maxLength, embeddingKey }: ModelSpec): number {
  const isTable = parameters.some(
    ({ key, shape, places }) =>
      key !== embeddingKey &&
      places.includes('embed') &&
      shape.length === 2 &&
      shape[0] === maxLength,
  );
  return isTable ? maxLength : Number.POSITIVE_INFINITY;
}

function tableShape({ shape }: Tensor, name: string): [number, number] {
  const [rows, width] = shape;
  if (shape.length === 2 && rows && width) return [rows, width];
  throw wrong(`\`${name}\` has shape [${shape.join(', ')}]`, 'it should be [batch, seq]');
}

function sameShape(tensor: IntTensor, like: Tensor, name: string): IntTensor {
  if (`${tensor.shape}` === `${like.shape}`) return tensor;
  const [found, wanted] = [tensor, like].map(({ shape }) => `[${shape.join(', ')}]`);
  throw wrong(`\`${name}\` has shape ${found}, the ids have ${wanted}`, 'both belong to one batch');
}

function shaped<T extends Tensor>(tensor: T, shape: readonly number[]): T {
  if (`${tensor.shape}` === `${shape}`) return tensor;
  throw wrong(
    `labels have shape [${tensor.shape.join(', ')}]`,
    `this head and batch take [${shape.join(', ')}]`,
  );
}

function checkRange({ data }: IntTensor, below: number, name: string, isLabel = false): void {
  const bad = data.find(
    (value) => !(value >= 0n && value < below) && !(isLabel && value === -100n),
  );
  if (bad === undefined) return;
  const ignored = isLabel ? ', or −100 where nothing counts' : '';
  throw wrong(`\`${name}\` holds ${bad}`, `values are 0 to ${below - 1}${ignored}`);
}

function wrong(message: string, hint: string): Error {
  return finding('VF580', message, hint);
}
