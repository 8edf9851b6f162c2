import type { Message, Phase, Tensors } from '../contract/index.js';
import { LossHead, Slice } from '../session/index.js';
import { asFloat, type FloatTensor, type Tensor } from '../tensor/index.js';
import { at, finding, present } from '../text/index.js';
import type { Channel } from './channel.js';
import { continueSequence, lastRow, type PartyParts } from './model-party.js';
import { type Batch, batchLabels, type EncodedRow, Inbox, padBatch } from './pass.js';
import { isHeadTail } from './route.js';

/** What one pass over a batch shows the data party. */
export interface Evaluation {
  /** Loss per row in nats (or squared error), and labels that counted. */
  readonly loss: readonly number[];
  readonly count: readonly number[];
  /** Class logits `[batch, labels]`; absent for token heads. */
  readonly logits?: FloatTensor;
}

/** The party that holds text and labels: it begins every pass, computes the loss, and knows the answers. */
export class DataParty {
  readonly #parts: PartyParts;
  readonly #inbox = new Inbox();
  readonly #lossHead: LossHead;
  readonly #deliver: (message: Message) => void;

  constructor(parts: PartyParts, options: { readonly deliver: (message: Message) => void; readonly lossHead: LossHead }) {
    this.#parts = parts;
    this.#deliver = options.deliver;
    this.#lossHead = options.lossHead;
  }

  /** Takes in a message of another party. */
  receive(message: Message): void {
    this.#inbox.put(message);
  }

  /** Makes every pass under way fail. */
  fail(error: Error): void {
    this.#inbox.fail(error);
  }

  /** One training step; gives the mean loss. Throws VF561 when it is not a number. */
  async train(step: number, rows: readonly EncodedRow[]): Promise<number> {
    const pass = await this.#begin('train', step, rows.map((row) => row.ids));
    const labels = batchLabels(rows, pass.batch, this.#head.spec);
    const loss = isHeadTail(this.#parts.route) ? await this.#trainOnLogits(pass, labels) : await this.#trainTail(pass, labels);
    if (!Number.isFinite(loss)) {
      throw finding('VF561', `the loss at step ${step} is not a number (party \`${this.#parts.name}\`)`, 'lower `learning-rate`, set `clip`, or check the weights for NaN');
    }
    await this.#trainHead(pass);
    this.#parts.learner.step();
    return loss;
  }

  /** Loss and class logits of rows, without training. */
  async evaluate(phase: Phase, step: number, rows: readonly EncodedRow[]): Promise<Evaluation> {
    const pass = await this.#begin(phase, step, rows.map((row) => row.ids));
    const labels = batchLabels(rows, pass.batch, this.#head.spec);
    const inputs = { ...pass.inputs, hidden: pass.sent };
    const results = isHeadTail(this.#parts.route)
      ? await this.#lossHead.evaluate((await this.#await(pass, 'logits', this.#firstName)).tensor, labels)
      : await this.#tail.evaluate(this.#alone ? pass.inputs : { ...inputs, hidden: (await this.#await(pass, 'activation', this.#lastName)).tensor }, labels);
    const { loss, count, logits } = results;
    return {
      loss: [...asFloat(present(loss, 'loss')).data],
      count: [...asFloat(present(count, 'count')).data],
      ...(logits ? { logits: asFloat(logits) } : {}),
    };
  }

  /** What the head would send for rows of ids, defended, without sending it: `[batch, seq, hidden]`. */
  async decoy(step: number, rows: readonly (readonly number[])[]): Promise<{ readonly sent: FloatTensor; readonly batch: Batch }> {
    const batch = padBatch(rows, this.#head.spec);
    const { result } = await this.#head.forward({ ...batch });
    const channel = this.#outward(this.#firstName);
    const message = { phase: 'test', step, from: channel.from, to: channel.to, kind: 'activation', tensor: present(result) } as const;
    return { sent: channel.protect({ ...message, phase: 'test', step: -1 - step }, batch.mask), batch };
  }

  /**
   * Greedy continuation of one prompt with a cache at every party: `limit` new tokens, or fewer at a stop token. Passes
   * are numbered from `step`; gives the tokens and the number of passes.
   */
  async generate(request: number, prompt: readonly number[], options: { step: number; limit: number; stop: ReadonlySet<number> }): Promise<number[]> {
    const answer: number[] = [];
    let caches: SequenceCaches = { length: 0 };
    let fresh = [...prompt];
    for (let i = 0; i < options.limit; i++) {
      const { logits, after } = await this.#continue({ request, step: options.step + i, ids: fresh }, caches);
      const token = largest(logits.data);
      if (options.stop.has(token)) break;
      answer.push(token);
      caches = after;
      fresh = [token];
    }
    return answer;
  }

  async #continue({ request, step, ids }: { request: number; step: number; ids: readonly number[] }, caches: SequenceCaches): Promise<{ logits: FloatTensor; after: SequenceCaches }> {
    const batch = padBatch([ids], this.#head.spec);
    const positions = batch.positions.data.map((position) => position + BigInt(caches.length));
    const inputs: Tensors = { ...batch, positions: { ...batch.positions, data: positions } };
    const head = await continueSequence(this.#head, caches.head, inputs);
    const channel = this.#outward(this.#firstName);
    const route = { phase: 'generate', step, request, from: channel.from } as const;
    this.#tellMask(route, batch);
    channel.send({ ...route, to: channel.to, kind: 'activation', tensor: head.result }, batch.mask);
    const length = caches.length + ids.length;
    if (isHeadTail(this.#parts.route)) {
      const { tensor } = await this.#inbox.next({ phase: 'generate', step, to: this.#firstName, kind: 'logits' });
      return { logits: asFloat(tensor), after: { length, head: head.cache } };
    }
    const { tensor } = await this.#inbox.next({ phase: 'generate', step, to: this.#lastName, kind: 'activation' });
    const tail = await continueSequence(this.#tail, caches.tail, { ...inputs, hidden: tensor });
    return { logits: lastRow(tail.result), after: { length, head: head.cache, tail: tail.cache } };
  }

  get #alone(): boolean {
    return this.#parts.route.slices.length === 1;
  }

  get #firstName(): string {
    return at(this.#parts.route.slices, 0).name;
  }

  get #lastName(): string {
    return at(this.#parts.route.slices, this.#parts.route.slices.length - 1).name;
  }

  get #head(): Slice {
    return present(this.#parts.slices.get(this.#firstName), 'head');
  }

  get #tail(): Slice {
    return present(this.#parts.slices.get(this.#lastName), 'tail');
  }

  /** The channel of one of our slices to its neighbour at another party. */
  #outward(from: string): Channel {
    const { channels, slices } = this.#parts;
    const found = [...channels.values()].find((channel) => channel.from === from && !slices.has(channel.to) && !channel.isLabelGradient);
    return present(found, `channel from ${from}`);
  }

  /** In head-tail the gradient of the logits goes back over a channel of its own. */
  #labelChannel(): Channel {
    return present([...this.#parts.channels.values()].find((channel) => channel.isLabelGradient), 'channel of the label gradient');
  }

  async #begin(phase: Phase, step: number, rows: readonly (readonly number[])[]): Promise<Pass> {
    const batch = padBatch(rows, this.#head.spec);
    const inputs: Tensors = { ...batch };
    if (this.#alone) return { phase, step, batch, inputs, sent: batch.mask };
    const keep = phase === 'train' && this.#parts.keeps.has(this.#firstName);
    const { result } = keep ? await this.#head.forwardKeeping(step, inputs) : await this.#head.forward(inputs);
    const channel = this.#outward(this.#firstName);
    this.#tellMask({ phase, step, from: channel.from }, batch);
    const sent = present(result, 'result of the head');
    channel.send({ phase, step, from: channel.from, to: channel.to, kind: 'activation', tensor: sent }, batch.mask, keep);
    return { phase, step, batch, inputs, sent };
  }

  /** Lengths are public: each slice that is not ours is told which positions are real before the first activation. */
  #tellMask(route: Pick<Message, 'phase' | 'step' | 'from' | 'request'>, batch: Batch): void {
    const pooled = this.#head.spec.pooling === 'last-token' && isHeadTail(this.#parts.route);
    for (const slice of this.#parts.route.slices) {
      if (slice.owner === this.#parts.name) continue;
      this.#deliver({ ...route, to: slice.name, kind: 'mask', tensor: copyOf(batch.mask) });
      if (pooled) this.#deliver({ ...route, to: slice.name, kind: 'pooled', tensor: copyOf(batch.pooled) });
    }
  }

  #await({ phase, step }: Pass, kind: Message['kind'], to: string): Promise<Message> {
    return this.#inbox.next({ phase, step, to, kind });
  }

  async #trainTail(pass: Pass, labels: Tensor): Promise<number> {
    if (this.#alone) {
      const { loss, trained } = await this.#tail.lossStep(pass.inputs, labels);
      this.#parts.learner.collect(trained);
      return loss;
    }
    const { tensor } = await this.#await(pass, 'activation', this.#lastName);
    const { loss, received, trained } = await this.#tail.lossStep({ ...pass.inputs, hidden: tensor }, labels);
    this.#parts.learner.collect(trained);
    if (received) {
      const channel = this.#outward(this.#lastName);
      channel.send({ phase: pass.phase, step: pass.step, from: channel.from, to: channel.to, kind: 'gradient', tensor: received }, pass.batch.mask);
    }
    return loss;
  }

  async #trainOnLogits(pass: Pass, labels: Tensor): Promise<number> {
    const { from, tensor } = await this.#await(pass, 'logits', this.#firstName);
    const { loss, gradient } = await this.#lossHead.train(tensor, labels);
    const channel = this.#labelChannel();
    channel.send({ phase: pass.phase, step: pass.step, from: this.#firstName, to: from, kind: 'gradient', tensor: gradient }, pass.batch.mask);
    return loss;
  }

  async #trainHead(pass: Pass): Promise<void> {
    if (this.#alone || !this.#parts.keeps.has(this.#firstName)) return;
    const message = await this.#await(pass, 'gradient', this.#firstName);
    const gradient = this.#outward(this.#firstName).back(message, pass.batch.mask);
    this.#parts.learner.collect((await this.#head.backward(pass.step, gradient)).trained);
  }
}

interface Pass {
  readonly phase: Phase;
  readonly step: number;
  readonly batch: Batch;
  readonly inputs: Tensors;
  readonly sent: Tensor;
}

interface SequenceCaches {
  readonly length: number;
  readonly head?: Map<string, FloatTensor>;
  readonly tail?: Map<string, FloatTensor>;
}

function copyOf(tensor: Tensor): Tensor {
  return { ...tensor, data: tensor.data.slice() } as Tensor;
}

function largest(values: Float32Array<ArrayBufferLike>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}
