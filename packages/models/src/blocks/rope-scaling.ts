import type { ModelConfig } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';
import { type ConfigReader, configReader } from './config.js';

/** Inverse frequencies of a rotary embedding, one per pair, and when they change with the current length. */
export type Frequencies =
  | { readonly kind: 'fixed'; readonly inverse: readonly number[] }
  /** Above `limit` positions the base grows with the length. */
  | {
      readonly kind: 'dynamic';
      readonly inverse: readonly number[];
      readonly limit: number;
      readonly factor: number;
    }
  /** One set up to `limit` positions, another above. */
  | {
      readonly kind: 'longrope';
      readonly inverse: readonly number[];
      readonly long: readonly number[];
      readonly limit: number;
    };

/** Frequencies and what cosine and sine are multiplied by. */
export interface ScaledRope {
  readonly frequencies: Frequencies;
  readonly attentionFactor: number;
}

/** What a scaling starts from: the rope part of a config and the sizes around it. */
export interface RopeInput {
  readonly family: string;
  readonly parameters: ModelConfig;
  readonly base: number;
  /** Number of elements that are turned, even. */
  readonly size: number;
  /** `max_position_embeddings`. */
  readonly positions: number;
  /** `original_max_position_embeddings`. */
  readonly original: number;
}

type Scaling = (input: RopeInput, read: ConfigReader) => ScaledRope;

const single = Math.fround;

// bᵢ = base^(2i/d), each step rounded to float32 as the reference does.
const periods = ({ base, size }: Pick<RopeInput, 'base' | 'size'>): number[] =>
  Array.from({ length: size / 2 }, (_, i) => single(base ** single((2 * i) / size)));

// fᵢ = base^(−2i/d). Su et al. 2021, arXiv:2104.09864, §3.2.2.
const plain = (input: RopeInput): number[] => periods(input).map((period) => single(1 / period));

const fixed = (inverse: readonly number[], attentionFactor = 1): ScaledRope => ({
  frequencies: { kind: 'fixed', inverse },
  attentionFactor,
});

// fᵢ/factor.
const linear: Scaling = (input, read) => {
  const factor = read.number('factor');
  return fixed(plain(input).map((f) => single(f / factor)));
};

// Unchanged up to P positions; a text of L > P has base·(factor·L/P − (factor − 1))^(d/(d−2)).
const dynamic: Scaling = (input, read) => {
  if (input.size <= 2) {
    const message = 'rope type `dynamic` needs more than one pair of turned elements';
    throw finding('VF523', message, 'correct config.json');
  }
  const frequencies = {
    kind: 'dynamic',
    inverse: plain(input),
    limit: input.positions,
    factor: read.number('factor'),
  } as const;
  return { frequencies, attentionFactor: 1 };
};

/** m(s) = 0.1·s·ln(factor) + 1, and 1 for factors up to 1: YaRN's temperature (Peng et al. 2023, arXiv:2309.00071, §3.4). */
export function yarnScale(factor: number, share = 1): number {
  return factor <= 1 ? 1 : 0.1 * share * Math.log(factor) + 1;
}

// fᵢ where a pair turns often within P₀ positions, fᵢ/factor where it turns rarely, a ramp in between.
const yarn: Scaling = (input, read) => {
  const { base, size, positions, original } = input;
  const factor = read.optionalNumber('factor') ?? positions / original;
  const truncate = read.flag('truncate', true);
  const pairOf = (turns: number): number =>
    (size * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const first = pairOf(read.optionalNumber('beta_fast') || 32);
  const last = pairOf(read.optionalNumber('beta_slow') || 1);
  const low = Math.max(truncate ? Math.floor(first) : first, 0);
  const high = Math.min(truncate ? Math.ceil(last) : last, size - 1);
  const width = high === low ? 0.001 : high - low;
  const inverse = periods(input).map((period, i) => {
    const ramp = Math.min(Math.max((i - low) / width, 0), 1);
    return single((1 - ramp) / period + ramp / (factor * period));
  });
  return fixed(inverse, read.optionalNumber('attention_factor') ?? yarnFactor(read, factor));
};

function yarnFactor(read: ConfigReader, factor: number): number {
  const [scale, all] = [read.optionalNumber('mscale'), read.optionalNumber('mscale_all_dim')];
  return scale && all ? yarnScale(factor, scale) / yarnScale(factor, all) : yarnScale(factor);
}

// Wavelengths λ = 2π/f below P₀/high stay, above P₀/low are divided by factor, and in between are mixed. Llama 3.1.
const llama3: Scaling = (input, read) => {
  const factor = read.number('factor');
  const [low, high] = [read.number('low_freq_factor'), read.number('high_freq_factor')];
  const { original } = input;
  const inverse = plain(input).map((f) => {
    const length = (2 * Math.PI) / f;
    if (length > original / low) return single(f / factor);
    if (length < original / high) return f;
    const smooth = (original / length - low) / (high - low);
    return single(((1 - smooth) * f) / factor + smooth * f);
  });
  return fixed(inverse);
};

// fᵢ/short[i] up to P₀ positions, fᵢ/long[i] above; cos and sin times √(1 + ln(P/P₀)/ln P₀). arXiv:2402.13753.
const longrope: Scaling = (input, read) => {
  const { original, positions } = input;
  const stretched = (name: string): number[] => {
    const factors = read.numbers(name) ?? [];
    if (factors.length !== input.size / 2) {
      const message = `\`${name}\` has ${factors.length} numbers for ${input.size / 2} pairs`;
      throw finding('VF523', message, 'take config.json from the checkpoint');
    }
    return periods(input).map((period, i) =>
      single(1 / single(single(factors[i] ?? Number.NaN) * period)),
    );
  };
  const factor = read.optionalNumber('factor') ?? positions / original;
  const grown = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
  const [inverse, long] = [stretched('short_factor'), stretched('long_factor')];
  return {
    frequencies: { kind: 'longrope', inverse, long, limit: original },
    attentionFactor: read.optionalNumber('attention_factor') ?? grown,
  };
};

const scalings: { readonly [type: string]: Scaling } = {
  default: (input) => fixed(plain(input)),
  linear,
  dynamic,
  yarn,
  llama3,
  longrope,
};

/** Frequencies of a rope type; throws Findings VF532 for one nobody built, VF530 or VF523 where its numbers are missing. */
export function scaleRope(type: string, input: RopeInput): ScaledRope {
  const scaling = Object.hasOwn(scalings, type) ? scalings[type] : undefined;
  if (!scaling) {
    throw finding(
      'VF532',
      `rope type \`${type}\` is one the ${input.family} family does not compute`,
      `it computes ${Object.keys(scalings).join(', ')}`,
    );
  }
  return scaling(input, configReader(input.parameters, input.family));
}
