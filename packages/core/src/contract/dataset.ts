/** One row of a dataset as text; `label` is a class index, undefined where the set has none. */
export interface DataRow {
  /** Stable within the dataset, for near-duplicate clusters and messages ("row 17"). */
  readonly id: string;
  readonly text: string;
  readonly label?: number;
  /** Rows of one cluster are near-duplicates or parts of one document and never straddle splits. */
  readonly cluster?: string;
}

/** Rows in two splits, plus what the set says of itself. */
export interface DataSplits {
  readonly train: readonly DataRow[];
  readonly test: readonly DataRow[];
  /** Class names by index; empty without labels. */
  readonly classes: readonly string[];
}

/** A dataset that installs with the project. */
export interface DatasetDefinition {
  readonly kind: 'dataset';
  readonly id: string;
  readonly title: string;
  readonly licence: string;
  /** Class names by index; empty without labels. */
  readonly classes: readonly string[];
  /** All rows, train and test apart by cluster. Deterministic. */
  load(): DataSplits;
}

/** Completes a dataset's declaration. */
export function defineDataset(dataset: Omit<DatasetDefinition, 'kind'>): DatasetDefinition {
  return { ...dataset, kind: 'dataset' };
}
