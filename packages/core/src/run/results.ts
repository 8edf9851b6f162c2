import type { FloatTensor } from '../tensor/index.js';

/** What training gave: the loss of every step. */
export interface TrainingResult {
  readonly losses: readonly number[];
}

/** What an evaluation gave, row by row in the order of the split. */
export interface EvaluationResult {
  readonly loss: readonly number[];
  readonly count: readonly number[];
  /** Most likely class per row; empty for token heads. */
  readonly predicted: readonly number[];
}

/** What generation gave: new tokens per prompt, and the pass each prompt began with. */
export interface GenerationResult {
  readonly answers: readonly (readonly number[])[];
  readonly firstStep: readonly number[];
}

/** One decoy message: what the head would have sent for public rows. */
export interface DecoyMessage {
  readonly tensor: FloatTensor;
  readonly lengths: readonly number[];
}

/** What one pass of a check gave: loss, class logits, and gradients by trained tensor. */
export interface ProbeResult {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, FloatTensor>;
}

/** Digests of what must and what must not change in training. */
export interface WeightDigests {
  readonly trained: string;
  readonly frozen: string;
  readonly trainedCount: number;
}
