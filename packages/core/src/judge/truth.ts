import type { Goal, RowKey } from '../contract/index.js';

/** What one row of one message really was. Only the Judge reads it. */
export interface TruthRow extends RowKey {
  /** Row of the dataset; the same in every message that carries it. */
  readonly rowId: string;
  /** Ids at every position of the message, padding included. */
  readonly ids: readonly number[];
  /** True where there is a token, false at padding. */
  readonly mask: readonly boolean[];
  /** True where a user's own token stands: not special and not template. */
  readonly userMask: readonly boolean[];
  /** Class; null where the data has none. */
  readonly label: number | null;
}

/** Everything the attacked messages carried. A row that no guess is about counts as not guessed. */
export interface Truth {
  readonly rows: readonly TruthRow[];
  readonly vocabulary: number;
  /** Number of classes; 0 without labels. */
  readonly classes: number;
  /** Ids of padding and of unknown text; null where the tokenizer has none. */
  readonly padding: number | null;
  readonly unknown: number | null;
}

/** A measured figure, or with `of` a baseline or control that stands beside one. Numbers are finite or null. */
export interface Measured {
  readonly name: string;
  /** The metric it is a baseline of. */
  readonly of?: string;
  readonly goal: Goal;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Rows of the dataset. */
  readonly n: number;
  readonly tokens?: number;
  readonly unit: string;
  /** Words that belong to the figure. */
  readonly text?: string;
}

/** Positions that a token metric counts: the user's own and known. */
export function scoredPositions(row: TruthRow, unknown: number | null): boolean[] {
  return row.userMask.map((isUser, i) => isUser && row.mask[i] === true && row.ids[i] !== unknown);
}
