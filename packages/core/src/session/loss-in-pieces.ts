import type { Tensors } from '../contract/index.js';
import { asFloat, type Tensor } from '../tensor/index.js';
import { present } from '../text/index.js';
import { addAll } from './segments.js';
import type { LossStep, Slice } from './slice.js';
import type { TokenLoss } from './token-loss.js';

/** A slice up to its final norm, and the loss of its tokens in pieces behind it. */
export class LossInPieces {
  constructor(
    readonly slice: Slice,
    readonly loss: TokenLoss,
  ) {}

  /** Forward, loss and backward. */
  async step(inputs: Tensors, labels: Tensor): Promise<LossStep> {
    const { result } = await this.slice.forwardKeeping(0, inputs);
    const { loss, gradient, trained } = await this.loss.train(
      asFloat(present(result, 'what the final norm gives')),
      labels,
    );
    const back = await this.slice.backward(0, { hidden: gradient });
    // A tied table is trained by what embeds with it and by what reads tokens off with it.
    const sums = new Map(back.trained);
    addAll(sums, trained);
    return { ...back, outputs: {}, loss, trained: sums };
  }

  /** Loss summed per row and count of labels, both `[batch]`. */
  async evaluate(inputs: Tensors, labels: Tensor): Promise<Tensors> {
    const { result } = await this.slice.forward(inputs);
    return this.loss.evaluate(asFloat(present(result, 'what the final norm gives')), labels);
  }

  /** Frees the native sessions. */
  async close(): Promise<void> {
    await Promise.all([this.slice.close(), this.loss.close()]);
  }
}
