/** So many of so many, of one row: sums of both over resampled rows are what intervals are made of. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** A ratio and the row of the dataset it was measured on, which may come in several messages. */
export interface RowRatio extends Ratio {
  readonly rowId: string;
}

/** Nothing of nothing: what a row without scored tokens contributes. */
export const nothing: Ratio = { numerator: 0, denominator: 0 };

/** The number, or null for 0/0. */
export function quotient({ numerator, denominator }: Ratio): number | null {
  return denominator === 0 ? null : numerator / denominator;
}

/** Sum of numerators over sum of denominators. */
export function pooled(ratios: readonly Ratio[]): Ratio {
  return ratios.reduce(
    (sum, ratio) => ({
      numerator: sum.numerator + ratio.numerator,
      denominator: sum.denominator + ratio.denominator,
    }),
    nothing,
  );
}

/** A ratio as one observation of weight 1, for means over rows; 0/0 stays nothing. */
export function asObservation(ratio: Ratio): Ratio {
  const value = quotient(ratio);
  return value === null ? nothing : { numerator: value, denominator: 1 };
}

/** One ratio per row of the dataset, in the order of first appearance; rows with nothing to measure are left out. */
export function byRow(ratios: readonly RowRatio[]): readonly RowRatio[] {
  const rows = new Map<string, RowRatio>();
  for (const ratio of ratios) {
    if (ratio.denominator === 0) continue;
    const earlier = rows.get(ratio.rowId);
    rows.set(ratio.rowId, {
      rowId: ratio.rowId,
      ...(earlier ? pooled([earlier, ratio]) : ratio),
    });
  }
  return [...rows.values()];
}
