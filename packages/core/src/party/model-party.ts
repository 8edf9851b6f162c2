import type { Message, Tensors } from '../contract/index.js';
import { Slice } from '../session/index.js';
import { asFloat, asInt, type FloatTensor, floatTensor, type IntTensor, intTensor } from '../tensor/index.js';
import { Bug, at, present } from '../text/index.js';
import type { Channel } from './channel.js';
import type { Learner } from './learner.js';
import { type Route, sliceIndex } from './route.js';

/** What every party is made of. */
export interface PartyParts {
  readonly name: string;
  readonly route: Route;
  /** This party's slices by name. */
  readonly slices: ReadonlyMap<string, Slice>;
  /** Channels from this party's slices, by `from -> to`. */
  readonly channels: ReadonlyMap<string, Channel>;
  readonly learner: Learner;
  /** Slices (by name) below which something is trained, so that a gradient must travel on. */
  readonly trainsBelow: ReadonlySet<string>;
  /** Whether a slice or one below it is trained, so that it must keep what a backward pass needs. */
  readonly keeps: ReadonlySet<string>;
}

/** Rows of keys and values of one sequence so far, by cache input name. */
type Cache = Map<string, FloatTensor>;

/** A party without data: it answers what arrives, in order, and updates what it trains as gradients pass. */
export class ModelParty {
  readonly #parts: PartyParts;
  readonly #passes = new Map<string, Map<string, IntTensor>>();
  readonly #caches = new Map<string, { readonly request: number | undefined; readonly cache: Cache }>();
  #queue: Promise<void> = Promise.resolve();

  constructor(parts: PartyParts) {
    this.#parts = parts;
  }

  /** Handles a message after all earlier ones. */
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
    if (message.kind === 'activation') return this.#forward(message);
    if (message.kind === 'gradient') return this.#backward(message);
    throw new Bug('VF932', `a model party received ${message.kind}`);
  }

  #open(message: Message): void {
    const key = passKey(message);
    const known = this.#passes.get(key) ?? new Map<string, IntTensor>();
    this.#passes.set(key, known.set(message.kind, asInt(message.tensor)));
  }

  async #forward(message: Message): Promise<void> {
    const { route, keeps } = this.#parts;
    const slice = present(this.#parts.slices.get(message.to), `slice ${message.to}`);
    const pass = present(this.#passes.get(passKey(message)), 'mask of the pass');
    const inputs: Tensors = { hidden: message.tensor, ...Object.fromEntries(pass) };
    const result = await this.#run(slice, message, { inputs, keep: keeps.has(message.to) });
    const index = sliceIndex(route, message.to);
    const next = route.slices[index + 1];
    const kind = next ? 'activation' : 'logits';
    const to = next?.name ?? at(route.slices, 0).name;
    const channel = present(this.#parts.channels.get(`${message.to} -> ${to}`), `channel to ${to}`);
    const mask = present(pass.get('mask'), 'mask');
    channel.send({ ...message, from: message.to, to, kind, tensor: result }, mask, message.phase === 'train');
    if (message.phase !== 'train' || !keeps.has(message.to)) this.#passes.delete(passKey(message));
  }

  async #run(slice: Slice, message: Message, { inputs, keep }: { inputs: Tensors; keep: boolean }): Promise<FloatTensor> {
    if (message.phase === 'generate') return this.#step(slice, message, inputs);
    const results = message.phase === 'train' && keep ? await slice.forwardKeeping(message.step, inputs) : await slice.forward(inputs);
    return asFloat(present(results.result, 'result'));
  }

  async #step(slice: Slice, message: Message, inputs: Tensors): Promise<FloatTensor> {
    const known = this.#caches.get(message.to);
    const before = known?.request === message.request ? known?.cache : undefined;
    const { result, cache } = await continueSequence(slice, before, inputs);
    this.#caches.set(message.to, { request: message.request, cache });
    return slice.part.output ? lastRow(result) : result;
  }

  async #backward(message: Message): Promise<void> {
    const { route, learner, trainsBelow } = this.#parts;
    const slice = present(this.#parts.slices.get(message.to), `slice ${message.to}`);
    const pass = present(this.#passes.get(passKey(message)), 'mask of the pass');
    const mask = present(pass.get('mask'), 'mask');
    const forward = this.#parts.channels.get(`${message.to} -> ${message.from}`);
    const gradient = forward ? forward.back(message, mask) : asFloat(message.tensor);
    const { received, trained } = await slice.backward(message.step, gradient);
    learner.collect(trained);
    this.#passes.delete(passKey(message));
    if (trainsBelow.has(message.to)) {
      const before = at(route.slices, sliceIndex(route, message.to) - 1);
      const channel = present(this.#parts.channels.get(`${message.to} -> ${before.name}`), `channel to ${before.name}`);
      channel.send({ ...message, from: message.to, to: before.name, tensor: present(received, 'gradient') }, mask);
    }
    learner.step();
  }
}

function passKey({ phase, step }: Message): string {
  return `${phase}/${step}`;
}

/** Runs new positions of one sequence after its cached rows; gives the result and the grown cache. */
export async function continueSequence(slice: Slice, before: Cache | undefined, inputs: Tensors): Promise<{ result: FloatTensor; cache: Cache }> {
  const width = slice.spec.cacheWidth;
  const past = before ?? emptyCache(slice);
  const length = present(past.values().next().value?.shape[1] ?? 0);
  const results = await slice.step({ ...inputs, ...Object.fromEntries(past), 'past.mask': intTensor([1, length], Array.from({ length }, () => 1)) });
  const cache: Cache = new Map();
  for (const [name, rows] of past) {
    const added = asFloat(present(results[name.replace('past.', '')], name));
    const data = new Float32Array(rows.data.length + added.data.length);
    data.set(rows.data);
    data.set(added.data, rows.data.length);
    cache.set(name, floatTensor([1, data.length / width, width], data));
  }
  return { result: asFloat(present(results.result, 'result')), cache };
}

function emptyCache({ part, spec }: Slice): Cache {
  const blocks = Array.from({ length: part.end - part.first }, (_, i) => part.first + i);
  const none = (): FloatTensor => floatTensor([1, 0, spec.cacheWidth], new Float32Array());
  return new Map(blocks.flatMap((block) => [[`past.key.${block}`, none()], [`past.value.${block}`, none()]] as const));
}

/** Logits of the last position: `[1, seq, vocabulary]` → `[1, 1, vocabulary]`. */
export function lastRow(logits: FloatTensor): FloatTensor {
  const width = present(logits.shape[2], 'vocabulary');
  return floatTensor([1, 1, width], logits.data.slice(logits.data.length - width));
}
