import type { Message, Tensors } from '../contract/index.js';
import type { Slice } from '../session/index.js';
import { asFloat, asInt, type FloatTensor, type IntTensor, intTensor } from '../tensor/index.js';
import { at, Bug, present } from '../text/index.js';
import type { Channel } from './channel.js';
import type { PartyParts } from './parts.js';
import { sliceIndex } from './route.js';
import { SequenceCache } from './sequence.js';

/** A party without data: it answers what arrives, in order, and updates what it trains as gradients pass. */
export class ModelParty {
  readonly #parts: PartyParts;
  /** What is public of each pass to a slice (`mask`, `pooled`), until the pass is over. */
  readonly #passes = new Map<string, Map<string, IntTensor>>();
  readonly #caches = new Map<
    string,
    { readonly request?: number; readonly cache: SequenceCache }
  >();
  /** Activations by slice that came before the gradient of the step before them. */
  readonly #held = new Map<string, Message[]>();
  /** The first of our slices that gets a gradient, which is the last to get it. */
  readonly #lowest: string | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(parts: PartyParts) {
    this.#parts = parts;
    this.#lowest = parts.route.slices.find(
      ({ name }) => parts.slices.has(name) && parts.keeps.has(name),
    )?.name;
  }

  /** Handles a message after all earlier ones; after a failure it handles nothing more. */
  receive(message: Message): Promise<void> {
    this.#queue = this.#queue.then(() => this.#handle(message));
    return this.#queue;
  }

  /** Resolves when everything received so far is done. */
  settled(): Promise<void> {
    return this.#queue;
  }

  async #handle(message: Message): Promise<void> {
    if (message.kind === 'mask' || message.kind === 'pooled') return this.#open(message);
    if (message.kind === 'activation') return this.#forwardInTurn(message);
    if (message.kind === 'gradient') return this.#backward(message);
    throw new Bug('VF932', `a model party received ${message.kind}`);
  }

  #open(message: Message): void {
    const key = passKey(message);
    const known = this.#passes.get(key) ?? new Map<string, IntTensor>();
    this.#passes.set(key, known.set(message.kind, asInt(message.tensor)));
  }

  /**
   * With a frozen head and several model parties, the data party begins a step before the gradient of the last one has
   * come down to everybody. A slice that will train waits for it: every step sees the weights of the step before.
   */
  async #forwardInTurn(message: Message): Promise<void> {
    const held = this.#held.get(message.to);
    if (held) held.push(message);
    else await this.#forward(message);
  }

  async #forward(message: Message): Promise<void> {
    const { phase, to: name } = message;
    const slice = this.#slice(name);
    const pass = this.#pass(message);
    const keep = phase === 'train' && this.#parts.keeps.has(name);
    if (keep) this.#held.set(name, []);
    else this.#passes.delete(passKey(message));
    const positions = positionsOf(message.tensor.shape);
    const inputs: Tensors = { hidden: message.tensor, positions, ...Object.fromEntries(pass) };
    const tensor = await this.#run(slice, message, { inputs, keep });
    const { slices } = this.#parts.route;
    const next = slices[sliceIndex(this.#parts.route, name) + 1];
    const to = next?.name ?? at(slices, 0).name;
    const sent = {
      ...message,
      from: name,
      to,
      kind: next ? 'activation' : 'logits',
      tensor,
    } as const;
    this.#channel(name, to).send(sent, present(pass.get('mask'), 'mask'), keep);
  }

  async #run(
    slice: Slice,
    message: Message,
    { inputs, keep }: { inputs: Tensors; keep: boolean },
  ): Promise<FloatTensor> {
    if (message.phase === 'generate') return this.#step(slice, message, inputs);
    const { result } = keep
      ? await slice.forwardKeeping(message.step, inputs)
      : await slice.forward(inputs);
    return asFloat(present(result, 'result'));
  }

  async #step(slice: Slice, { to, request }: Message, inputs: Tensors): Promise<FloatTensor> {
    const known = this.#caches.get(to);
    const cache = known && known.request === request ? known.cache : new SequenceCache(slice);
    this.#caches.set(to, { ...(request === undefined ? {} : { request }), cache });
    return cache.run(inputs);
  }

  async #backward(message: Message): Promise<void> {
    const { to: name, from } = message;
    const { learner, trainsBelow, keeps, route } = this.#parts;
    // The last cut's gradient is always sent; where nothing is trained on this side, nobody reads it.
    if (!keeps.has(name)) return;
    const pass = this.#pass(message);
    const mask = present(pass.get('mask'), 'mask');
    this.#passes.delete(passKey(message));
    const forward = this.#parts.channels.get(`${name} -> ${from}`);
    const gradient = forward ? forward.back(message, mask) : asFloat(message.tensor);
    const sent = { hidden: gradient };
    const { received, trained } = await this.#slice(name).backward(message.step, sent);
    learner.collect(trained);
    if (trainsBelow.has(name)) {
      const before = at(route.slices, sliceIndex(route, name) - 1).name;
      const tensor = present(received.hidden, 'gradient');
      this.#channel(name, before).send({ ...message, from: name, to: before, tensor }, mask);
    }
    if (name === this.#lowest) learner.step();
    await this.#release(name);
  }

  /** Lets in what waited for the gradient that has just been handled; the first of it waits for its own in turn. */
  async #release(name: string): Promise<void> {
    const held = this.#held.get(name) ?? [];
    this.#held.delete(name);
    for (const message of held) await this.#forwardInTurn(message);
  }

  #slice(name: string): Slice {
    return present(this.#parts.slices.get(name), `slice ${name}`);
  }

  #channel(from: string, to: string): Channel {
    return present(this.#parts.channels.get(`${from} -> ${to}`), `channel to ${to}`);
  }

  #pass(message: Message): Map<string, IntTensor> {
    return present(this.#passes.get(passKey(message)), 'mask of the pass');
  }
}

/** 0, 1, … of each row: int64 `[batch, seq]`. */
function positionsOf([batch = 0, seq = 0]: readonly number[]): IntTensor {
  const data = Array.from({ length: batch * seq }, (_, i) => i % seq);
  return intTensor([batch, seq], data);
}

/** Each slice is told of a pass by itself, also where one party owns several. */
function passKey({ phase, step, to }: Message): string {
  return `${phase}/${step}/${to}`;
}
