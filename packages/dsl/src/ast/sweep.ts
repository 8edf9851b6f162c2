import type { Item, SourceSpan, Value } from './ast.js';

/** `1..5`, `1e-3..1 step 0.1`, `log 1e-3..1 step 4`. */
export interface SweepRange {
  readonly kind: 'range';
  readonly log: boolean;
  readonly from: Value;
  readonly to: Value;
  readonly step: Value | undefined;
}

/** `mid.weight in [0.01, 0.1]`, `seed in 1..5`. */
export interface SweepAxis {
  readonly path: Item;
  readonly values: { readonly kind: 'list'; readonly list: Value } | SweepRange | undefined;
  readonly span: SourceSpan;
}

/** `dp.epsilon < 8`. */
export interface SweepCondition {
  readonly path: Item;
  readonly comparison: string;
  readonly value: Value;
  readonly span: SourceSpan;
}

/** `sweep AXIS, AXIS where CONDITION and CONDITION`. */
export interface SweepNode {
  readonly kind: 'sweep';
  readonly axes: readonly SweepAxis[];
  readonly where: readonly SweepCondition[];
  readonly span: SourceSpan;
}
