/** Which cell of an experiment a fact belongs to. */
export interface Cell {
  readonly pipeline: string;
  readonly defense: readonly string[];
  readonly attack: readonly string[];
  readonly seed: number;
  readonly sweep: { readonly [field: string]: string | number | boolean };
}

/** What kind of fact a record states; `timing` alone is left out of `recordsDigest`. */
export type RecordKind =
  | 'task'
  | 'attack'
  | 'oracle'
  | 'privacy'
  | 'bytes'
  | 'timing'
  | 'baseline'
  | 'note'
  | 'example';

/** One fact of a run: a line of `records.jsonl`. Absent keys are absent facts; numbers are finite or null. */
export interface RunRecord {
  readonly schema: 1;
  readonly plan: string;
  readonly cell: Cell;
  readonly kind: RecordKind;
  readonly name: string;
  /** For kind `baseline`: the metric it stands beside. */
  readonly of?: string;
  readonly goal?: string;
  readonly value: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  /** Samples. */
  readonly n?: number;
  /** Tokens, where the metric counts tokens. */
  readonly tokens?: number;
  readonly unit?: string;
  /** Split the figure is about. */
  readonly at?: string;
  readonly step?: number;
  /** Oracle: the bound and whether it holds. */
  readonly bound?: number;
  readonly ok?: boolean;
  /** Words that belong to the figure ("at least; the attack did not converge"). */
  readonly text?: string;
  /** Structured facts of kinds `privacy`, `note`, `example`; plain JSON with sorted meaning. */
  readonly data?: unknown;
}
