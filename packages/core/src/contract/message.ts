import type { Tensor } from '../tensor/index.js';

/**
 * What a message carries: an activation or a gradient of the residual stream, the logits of head-tail, which positions
 * are real (`mask`), or which position a classification head reads (`pooled`, it follows from the lengths).
 */
export type MessageKind = 'activation' | 'gradient' | 'logits' | 'mask' | 'pooled';

/** The phase of a run a message belongs to. */
export type Phase = 'train' | 'test' | 'generate';

/**
 * What crosses a cut, after the defense chain of its channel. `tensor`: activation and gradient `[batch, seq, hidden]`,
 * logits `[batch, labels]` or `[batch, seq, vocabulary]`, mask int64 `[batch, seq]` (1 = token; lengths are public).
 */
export interface Message {
  readonly phase: Phase;
  /** Counts the passes of a phase from 0; messages of one pass share it. */
  readonly step: number;
  /** Slice names. */
  readonly from: string;
  readonly to: string;
  readonly kind: MessageKind;
  /** At generation: which prompts this pass continues, one a row, padded on the left (public: the receiver keeps their cache). */
  readonly request?: number;
  readonly tensor: Tensor;
}
