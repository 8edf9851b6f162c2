import type {
  DefenseContext,
  DefenseDefinition,
  Fields,
  Message,
  PlanParams,
} from '../contract/index.js';
import {
  asFloat,
  type FloatTensor,
  type IntTensor,
  intTensor,
  type Random,
} from '../tensor/index.js';
import { at, Bug, Findings, finding } from '../text/index.js';

/** A defense with its parameters and the stream it draws from. */
export interface BoundDefense {
  readonly definition: DefenseDefinition;
  readonly params: PlanParams;
  readonly rng: Random;
}

/** What passed one link of the chain, for the way back. */
interface Link {
  readonly received: FloatTensor;
  readonly sent: FloatTensor;
}

/**
 * A one-way line from one slice to another. Every message passes the whole defense chain before it leaves: there is no
 * other way out. The tap sits behind the chain, at the receiver of `deliver`.
 */
export class Channel {
  readonly #chain: readonly BoundDefense[];
  readonly #deliver: (message: Message) => void;
  readonly #passed = new Map<string, readonly Link[]>();
  /** Whether it carries the gradient of the logits in head-tail, which equals the labels up to what is public. */
  readonly isLabelGradient: boolean;

  constructor(
    readonly from: string,
    readonly to: string,
    options: {
      readonly chain: readonly BoundDefense[];
      readonly deliver: (message: Message) => void;
      readonly isLabelGradient?: boolean;
    },
  ) {
    this.isLabelGradient = options.isLabelGradient ?? false;
    this.#chain = options.chain;
    this.#deliver = options.deliver;
  }

  /** Defends and sends; `keep` remembers what {@link back} needs. */
  send(message: Message, mask: IntTensor, keep = false): void {
    const { tensor, links } = this.#defend(message, mask);
    if (keep && links.length > 0) this.#passed.set(`${message.phase}/${message.step}`, links);
    this.#deliver({ ...message, tensor });
  }

  /** What would be sent, without sending it: for decoys made of public rows. */
  protect(message: Message, mask: IntTensor): FloatTensor {
    return this.#defend(message, mask).tensor;
  }

  /** Gradient of what was sent in a step → gradient of what the sender put in. */
  back(message: Message, mask: IntTensor): FloatTensor {
    const key = `${message.phase}/${message.step}`;
    const links = this.#passed.get(key) ?? [];
    this.#passed.delete(key);
    let gradient = asFloat(message.tensor);
    for (let i = links.length - 1; i >= 0; i--) {
      const { definition } = at(this.#chain, i);
      const { received, sent } = at(links, i);
      const context = this.#context({ ...message, kind: 'activation' }, mask, i);
      const before = gradient;
      gradient =
        attempt(definition.id, () => definition.backward?.(before, sent, received, context)) ??
        gradient;
    }
    return gradient;
  }

  #defend(message: Message, mask: IntTensor): { tensor: FloatTensor; links: Link[] } {
    let tensor = asFloat(message.tensor);
    const links: Link[] = [];
    for (const [i, { definition }] of this.#chain.entries()) {
      const received = tensor;
      const context = this.#context(message, mask, i);
      const sent = attempt(definition.id, () => definition.apply(received, context));
      if (sent.data.length !== tensor.data.length)
        throw new Bug('VF931', `defense ${definition.id} changed the shape of a message`);
      links.push({ received, sent });
      tensor = sent;
    }
    return { tensor, links };
  }

  #context(message: Message, mask: IntTensor, link: number): DefenseContext<Fields> {
    const { params, rng } = at(this.#chain, link);
    const rows = message.tensor.shape[0] ?? 0;
    const flat = message.tensor.shape.length === 2;
    return {
      params: params as DefenseContext<Fields>['params'],
      point: message.kind === 'gradient' ? 'backward-out' : 'forward-out',
      phase: message.phase,
      step: message.step,
      mask: flat
        ? intTensor(
            [rows, 1],
            Array.from({ length: rows }, () => 1),
          )
        : mask,
      rng: rng.stream(`${message.phase}/${message.step}`),
    };
  }
}

/** What a plugin throws is told as a finding that names the plugin. */
function attempt<T>(id: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Bug || error instanceof Findings) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw finding(
      'VF569',
      `defense \`${id}\` failed: ${text}`,
      'the plugin threw an error: report it to its author, or leave the defense out',
    );
  }
}
