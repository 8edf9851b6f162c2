import type { BlockContext, ModelConfig } from '@vflair/core/contract';
import { dimOf, type Graph, type Value } from '@vflair/core/graph';
import { floatTensor } from '@vflair/core/tensor';
import { at, finding } from '@vflair/core/text';
import { configReader } from './config.js';
import { once } from './once.js';
import { type Frequencies, type ScaledRope, scaleRope } from './rope-scaling.js';

/** A rotary embedding: which elements of a head are turned, in which pairs, how fast. */
export interface Rope extends ScaledRope {
  /** What distinguishes it from others in one graph. */
  readonly name: string;
  /** The first so many elements of each head are turned. */
  readonly size: number;
  /** `half`: i with i + size/2; `interleaved`: 2i with 2i + 1. */
  readonly pairing: 'half' | 'interleaved';
  /**
   * Where positions have several axes (`[axes, batch, seq]`: time, height, width of an image): how many pairs in a row turn
   * by each. Wang et al. 2024, arXiv:2409.12191, §2.1.
   */
  readonly sections?: readonly number[];
}

/** How a family's config says what its rotary embedding is. */
export interface RopeReading {
  readonly family: string;
  readonly headSize: number;
  readonly positions: number;
  /** Base where the config names none. */
  readonly base?: number;
  /** Whether a part of each head may stay as it is (`partial_rotary_factor`), and how much is turned by default. */
  readonly partial?: number;
  readonly pairing?: Rope['pairing'];
  /** `original_max_position_embeddings` where the config says none; `positions` when absent. */
  readonly original?: number;
  /** Types the family knows, each with what it means; all when absent. */
  readonly types?: { readonly [type: string]: string };
}

/**
 * The rotary embedding of a config: `rope_parameters` (transformers 5) or `rope_theta`, `rope_scaling` and
 * `partial_rotary_factor` (transformers 4).
 */
export function readRope(config: ModelConfig, reading: RopeReading): Rope {
  const read = configReader(config, reading.family);
  const parameters = read.part('rope_scaling') ?? read.part('rope_parameters') ?? {};
  return ropeOf({ config, parameters }, reading, 'rope');
}

/** The rotary embedding that one part of a config describes, under a name of its own. */
export function ropeOf(
  { config, parameters }: { readonly config: ModelConfig; readonly parameters: ModelConfig },
  reading: RopeReading,
  name: string,
): Rope {
  const { family, positions } = reading;
  const [outer, read] = [configReader(config, family), configReader(parameters, family)];
  const spelled = read.text('rope_type', read.text('type', 'default'));
  const type = meaningOf(reading, spelled);
  const base = read.number('rope_theta', outer.number('rope_theta', reading.base ?? 10000));
  const share = read.number(
    'partial_rotary_factor',
    outer.number('partial_rotary_factor', reading.partial ?? 1),
  );
  const size = turnedSize(reading, type, share);
  const original =
    outer.optionalCount('original_max_position_embeddings') ??
    reading.original ??
    read.optionalCount('original_max_position_embeddings') ??
    positions;
  const scaled = scaleRope(type, { family, parameters, base, size, positions, original });
  return { ...scaled, name, size, pairing: reading.pairing ?? 'half' };
}

function meaningOf({ family, types }: RopeReading, spelled: string): string {
  const meaning = types ? types[spelled] : spelled;
  if (meaning !== undefined) return meaning;
  const message = `rope type \`${spelled}\` is one the ${family} family does not compute`;
  throw finding('VF532', message, `it computes ${Object.keys(types ?? {}).join(', ')}`);
}

// Families that always turn whole heads don't look at the share, and the reference fails where a scaling would.
function turnedSize(
  { family, headSize, partial }: RopeReading,
  type: string,
  share: number,
): number {
  const isWhole = partial === undefined;
  if (isWhole && type !== 'default' && share !== 1) {
    const message = `\`partial_rotary_factor\` is ${share}, and the ${family} family turns whole heads`;
    throw finding('VF532', message, 'it computes `1`');
  }
  const size = isWhole ? headSize : Math.trunc(headSize * share);
  if (size % 2 === 0 && size > 0 && size <= headSize) return size;
  throw finding(
    'VF523',
    `${size} of ${headSize} elements of a head cannot be turned in pairs`,
    'correct config.json',
  );
}

/**
 * Rows `[batch, seq, heads·headSize]` with the first `size` elements of each head turned by their position: the pair
 * (a, b) becomes (a·cos − b·sin, b·cos + a·sin). Su et al. 2021, arXiv:2104.09864, eq. 34.
 */
export function rotate(
  context: BlockContext,
  rows: Value,
  { rope, headSize }: { readonly rope: Rope; readonly headSize: number },
): Value {
  const { g } = context;
  const [batch, seq, width] = [dimOf(rows, 0), dimOf(rows, 1), Number(dimOf(rows, 2))];
  const heads = g.reshape(rows, [batch, seq, width / headSize, headSize]);
  const { size } = rope;
  if (size === headSize) return g.reshape(turn(context, heads, rope), [batch, seq, width]);
  const parts = g.split(heads, [size, headSize - size], -1);
  const turned = g.concat([turn(context, at(parts, 0), rope), at(parts, 1)], -1);
  return g.reshape(turned, [batch, seq, width]);
}

/** All of `[batch, seq, heads, size]` turned. */
function turn(context: BlockContext, x: Value, rope: Rope): Value {
  const { g } = context;
  const { cos, sin } = tables(context, rope);
  const [a, b] = pairs(g, x, rope);
  const first = g.sub(g.mul(a, cos), g.mul(b, sin));
  const second = g.add(g.mul(b, cos), g.mul(a, sin));
  if (rope.pairing === 'half') return g.concat([first, second], -1);
  const together = g.concat([g.unsqueeze(first, [-1]), g.unsqueeze(second, [-1])], -1);
  return g.reshape(together, x.shape);
}

function pairs(g: Graph, x: Value, { size, pairing }: Rope): readonly [Value, Value] {
  const half = size / 2;
  if (pairing === 'half') {
    const parts = g.split(x, [half, half], -1);
    return [at(parts, 0), at(parts, 1)];
  }
  const apart = g.reshape(x, [...x.shape.slice(0, -1), half, 2]);
  const parts = g.split(apart, [1, 1], -1).map((part) => g.squeeze(part, [-1]));
  return [at(parts, 0), at(parts, 1)];
}

/** Cosine and sine of each position's angles, `[batch or 1, seq, 1, size/2]`; computed once per graph. */
function tables(context: BlockContext, rope: Rope): { readonly cos: Value; readonly sin: Value } {
  const { g } = context;
  const { name, attentionFactor: factor } = rope;
  const angles = (): Value =>
    once(context, `${name}/angles`, () => anglesOf(g, context.positions(), rope));
  const scaled = (x: Value): Value => (factor === 1 ? x : g.mul(x, factor));
  return {
    cos: once(context, `${name}/cos`, () => scaled(g.cos(angles()))),
    sin: once(context, `${name}/sin`, () => scaled(g.sin(angles()))),
  };
}

/** Each position times each frequency: `[batch or 1, seq, 1, size/2]`. */
function anglesOf(g: Graph, positions: Value, { frequencies, sections }: Rope): Value {
  const inverse = inverseFrequencies(g, positions, frequencies);
  const places = (own: Value): Value => g.unsqueeze(g.cast(own, 'float32'), [2, 3]);
  if (!sections || positions.shape.length === 2) return g.mul(places(positions), inverse);
  const parts = g.split(inverse, sections, 0).map((part, axis) => {
    const own = g.slice(positions, 0, { start: axis, end: axis + 1 });
    return g.mul(places(g.squeeze(own, [0])), part);
  });
  return g.concat(parts, -1);
}

function inverseFrequencies(g: Graph, positions: Value, frequencies: Frequencies): Value {
  const inverse = vector(g, frequencies.inverse);
  if (frequencies.kind === 'fixed') return inverse;
  const { limit } = frequencies;
  // The current length: the largest position + 1.
  const length = g.add(
    g.reduceMax(
      positions,
      positions.shape.map((_, axis) => axis),
    ),
    1,
  );
  if (frequencies.kind === 'longrope')
    return g.where(g.greater(length, limit), vector(g, frequencies.long), inverse);
  // With t = factor·L/P − (factor − 1) = 1 + factor·(L − P)/P the base grows by t^(d/(d−2)), so fᵢ by t^(−2i/(d−2)).
  const beyond = g.max(g.sub(g.cast(length, 'float32'), limit), 0);
  const growth = g.log(g.add(g.mul(beyond, frequencies.factor / limit), 1));
  const size = 2 * frequencies.inverse.length;
  const powers = frequencies.inverse.map((_, i) => (-2 * i) / (size - 2));
  return g.mul(inverse, g.exp(g.mul(growth, vector(g, powers))));
}

function vector(g: Graph, values: readonly number[]): Value {
  return g.constant(floatTensor([values.length], Float32Array.from(values)));
}
