import type { Tensor } from '../tensor/index.js';

/** What a message carries: an activation or a gradient of the residual stream, logits of head-tail, or which positions are real. */
export type MessageKind = 'activation' | 'gradient' | 'logits' | 'mask';

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
  readonly tensor: Tensor;
}
