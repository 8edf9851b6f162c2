import type { Message } from '../contract/index.js';
import type { Slice } from '../session/index.js';
import type { Tensor } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import type { Channel } from './channel.js';
import type { PartyParts } from './parts.js';
import type { Batch } from './pass.js';
import { isHeadTail } from './route.js';

/** The data party's ends of a route: its first slice, the last one (its own unless head-tail), and the ways out of them. */
export class Ends {
  readonly #parts: PartyParts;
  readonly #deliver: (message: Message) => void;
  /** Names of the first and the last slice. */
  readonly first: string;
  readonly last: string;
  /** Whether one slice is the whole model. */
  readonly isWhole: boolean;
  readonly isHeadTail: boolean;

  constructor(parts: PartyParts, deliver: (message: Message) => void) {
    const { slices } = parts.route;
    this.#parts = parts;
    this.#deliver = deliver;
    this.first = at(slices, 0).name;
    this.last = at(slices, slices.length - 1).name;
    this.isWhole = slices.length === 1;
    this.isHeadTail = isHeadTail(parts.route);
  }

  /** The slice that begins with the embedding. */
  get head(): Slice {
    return present(this.#parts.slices.get(this.first), 'head');
  }

  /** The slice that ends in the loss; at another party in head-tail. */
  get tail(): Slice {
    return present(this.#parts.slices.get(this.last), 'tail');
  }

  /** Whether the head is trained, so that a gradient comes back to it. */
  get trainsHead(): boolean {
    return !this.isWhole && this.#parts.keeps.has(this.first);
  }

  /** The channel of one of our slices to its neighbour at another party. */
  outward(from: string): Channel {
    const { channels, slices } = this.#parts;
    const found = [...channels.values()].find(
      (channel) => channel.from === from && !slices.has(channel.to) && !channel.isLabelGradient,
    );
    return present(found, `channel from ${from}`);
  }

  /** In head-tail the gradient of the logits goes back over a channel of its own. */
  labelChannel(): Channel {
    const found = [...this.#parts.channels.values()].find((channel) => channel.isLabelGradient);
    return present(found, 'channel of the label gradient');
  }

  /** Lengths are public: each slice that is not ours is told which positions are real before the first activation. */
  tellMask(pass: Pick<Message, 'phase' | 'step' | 'request'>, batch: Batch): void {
    const route = { ...pass, from: this.first };
    const pooled = this.head.spec.pooling === 'last-token' && this.isHeadTail;
    for (const slice of this.#parts.route.slices) {
      if (slice.owner === this.#parts.name) continue;
      this.#deliver({ ...route, to: slice.name, kind: 'mask', tensor: copyOf(batch.mask) });
      if (pooled)
        this.#deliver({ ...route, to: slice.name, kind: 'pooled', tensor: copyOf(batch.pooled) });
    }
  }
}

function copyOf(tensor: Tensor): Tensor {
  return { ...tensor, data: tensor.data.slice() } as Tensor;
}
