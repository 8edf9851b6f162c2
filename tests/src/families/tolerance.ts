import type { Tensor } from '@vflair/core/tensor';

/** How far a tensor is off, in units of what is allowed: above 1 it is wrong. */
export interface Deviation {
  readonly name: string;
  readonly share: number;
  /** Largest absolute difference. */
  readonly difference: number;
}

/** Gives the share of the allowed difference that a tensor uses up; `infinite` shares are shapes or values that don't compare. */
export type Rule = (found: Tensor, expected: Tensor, name: string) => Omit<Deviation, 'name'>;

const numbers = ({ data }: Tensor): readonly number[] =>
  Array.from(data as ArrayLike<number | bigint>, Number);

/** Largest difference over the places that count, and the largest expected value. */
function compare(
  found: Tensor,
  expected: Tensor,
  counts: (i: number) => boolean,
): { difference: number; scale: number } {
  if (`${found.shape}` !== `${expected.shape}`)
    return { difference: Number.POSITIVE_INFINITY, scale: 0 };
  const own = numbers(found);
  let [difference, scale] = [0, 0];
  numbers(expected).forEach((value, i) => {
    if (!counts(i)) return;
    const one = Math.abs((own[i] ?? Number.NaN) - value);
    difference = Number.isNaN(one) ? Number.POSITIVE_INFINITY : Math.max(difference, one);
    scale = Math.max(scale, Math.abs(value));
  });
  return { difference, scale };
}

/** Streams and logits: 1e-4 · max(1, max|b|), where `mask` says a position is real (everywhere without one). */
export function valueRule(mask?: Tensor): Rule {
  return (found, expected) => {
    const positions = mask?.data.length ?? 0;
    const isPerPosition = mask !== undefined && `${expected.shape.slice(0, 2)}` === `${mask.shape}`;
    const width = isPerPosition ? expected.data.length / positions : 1;
    const counts = (i: number): boolean =>
      !isPerPosition || Number(mask.data[Math.floor(i / width)]) === 1;
    const { difference, scale } = compare(found, expected, counts);
    return { difference, share: difference / (1e-4 * Math.max(1, scale)) };
  };
}

/** Losses: 1e-5 relative. */
export const lossRule: Rule = (found, expected) => {
  const { difference, scale } = compare(found, expected, () => true);
  return { difference, share: difference / (1e-5 * scale) };
};

/** Gradients: 1e-4 · max|b| + 2e-7; 1e-3 · max|b| where the largest value is below 1e-4. */
export const gradientRule: Rule = (found, expected) => {
  const { difference, scale } = compare(found, expected, () => true);
  const small = scale < 1e-4 ? 1e-3 * scale : 0;
  return { difference, share: difference / Math.max(1e-4 * scale + 2e-7, small) };
};

/**
 * Parameters after steps of AdamW: the larger of 1e-4 and five times what float32 and float64 differ by. Where the
 * gradient is noise (`unstable`), twice the recorded share of elements may be off, by at most three learning rates.
 */
export function stepRule(
  precision: { readonly [key: string]: readonly [number, number, number] },
  unstable: ReadonlySet<string>,
  learningRate = 1e-2,
): Rule {
  return (found, expected, name) => {
    const [noise, , off] = precision[name] ?? [0, 0, 0];
    const { difference } = compare(found, expected, () => true);
    const allowed = Math.max(1e-4, 5 * noise);
    if (!unstable.has(name)) return { difference, share: difference / allowed };
    const [own, other] = [numbers(found), numbers(expected)];
    const far = own.filter((value, i) => Math.abs(value - (other[i] ?? Number.NaN)) > 1e-4).length;
    const share = Math.max(far / own.length / (2 * off), difference / (3 * learningRate));
    return { difference, share };
  };
}

/** How each expected tensor compares with the one found under the same name; a missing one is infinitely off. */
export function deviations(
  found: ReadonlyMap<string, Tensor>,
  expected: Iterable<readonly [string, Tensor]>,
  rule: Rule,
): Deviation[] {
  return [...expected].map(([name, tensor]) => {
    const own = found.get(name);
    const missing = { share: Number.POSITIVE_INFINITY, difference: Number.POSITIVE_INFINITY };
    return { name, ...(own ? rule(own, tensor, name) : missing) };
  });
}

/** Those that are outside what is allowed, as lines. */
export function offences(list: readonly Deviation[]): string[] {
  return list
    .filter(({ share }) => !(share <= 1))
    .map(
      ({ name, share, difference }) => `${name}: off by ${difference}, ${share} of what is allowed`,
    );
}
