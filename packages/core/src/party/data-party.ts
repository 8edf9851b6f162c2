import type { Message, Phase, Tensors } from '../contract/index.js';
import type { LossHead } from '../session/index.js';
import { asFloat, type FloatTensor, type Tensor } from '../tensor/index.js';
import { finding, present } from '../text/index.js';
import { Ends } from './ends.js';
import { answerTokens, type GenerationRequest, generateTokens } from './generation.js';
import type { PartyParts } from './parts.js';
import { type Batch, batchLabels, type EncodedRow, Inbox, padBatch } from './pass.js';

/** What one pass over a batch shows the data party. */
export interface Evaluation {
  /** Loss per row in nats (or squared error), and labels that counted. */
  readonly loss: readonly number[];
  readonly count: readonly number[];
  /** Class logits `[batch, labels]`; absent for token heads. */
  readonly logits?: FloatTensor;
}

interface Pass {
  readonly phase: Phase;
  readonly step: number;
  readonly batch: Batch;
  readonly inputs: Tensors;
  readonly labels: Tensor;
}

/** The party that holds text and labels: it begins every pass, computes the loss, and knows the answers. */
export class DataParty {
  readonly #parts: PartyParts;
  readonly #inbox = new Inbox();
  readonly #lossHead: LossHead;
  readonly #ends: Ends;

  constructor(
    parts: PartyParts,
    options: { readonly deliver: (message: Message) => void; readonly lossHead: LossHead },
  ) {
    this.#parts = parts;
    this.#lossHead = options.lossHead;
    this.#ends = new Ends(parts, options.deliver);
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
    const pass = await this.#begin('train', step, rows);
    const loss = this.#ends.isHeadTail
      ? await this.#trainOnLogits(pass)
      : await this.#trainTail(pass);
    await this.#trainHead(pass);
    this.#parts.learner.step();
    return loss;
  }

  /** Loss and class logits of rows, without training. */
  async evaluate(phase: Phase, step: number, rows: readonly EncodedRow[]): Promise<Evaluation> {
    const pass = await this.#begin(phase, step, rows);
    const { loss, count, logits } = await this.#evaluatePass(pass);
    return {
      loss: [...asFloat(present(loss, 'loss')).data],
      count: [...asFloat(present(count, 'count')).data],
      ...(logits ? { logits: asFloat(logits) } : {}),
    };
  }

  /** What the head would send for rows of ids, defended, without sending it: `[batch, seq, hidden]`. */
  async decoy(
    step: number,
    rows: readonly (readonly number[])[],
  ): Promise<{ readonly sent: FloatTensor; readonly batch: Batch }> {
    const { head, first } = this.#ends;
    const batch = padBatch(rows, head.spec);
    const tensor = present((await head.forward({ ...batch })).result, 'result of the head');
    const channel = this.#ends.outward(first);
    const { from, to } = channel;
    // A step no pass has: a decoy's noise is its own.
    const message = { phase: 'test', step: -1 - step, from, to, kind: 'activation' } as const;
    return { sent: channel.protect({ ...message, tensor }, batch.mask), batch };
  }

  /** Continues prompts together; gives the new tokens of each, without the one that ended the answer. */
  generate(request: GenerationRequest): Promise<number[][]> {
    return generateTokens(this.#ends, this.#inbox, request);
  }

  /** The same pass by pass, as they are asked for. */
  answer(request: GenerationRequest): AsyncGenerator<readonly (number | undefined)[], void> {
    return answerTokens(this.#ends, this.#inbox, request);
  }

  async #begin(phase: Phase, step: number, rows: readonly EncodedRow[]): Promise<Pass> {
    const { head, first, isWhole, trainsHead } = this.#ends;
    const batch = padBatch(
      rows.map(({ ids }) => ids),
      head.spec,
    );
    const inputs: Tensors = { ...batch };
    const pass = { phase, step, batch, inputs, labels: batchLabels(rows, batch, head.spec) };
    if (isWhole) return pass;
    const keep = phase === 'train' && trainsHead;
    const { result } = keep ? await head.forwardKeeping(step, inputs) : await head.forward(inputs);
    this.#ends.tellMask({ phase, step }, batch);
    const tensor = present(result, 'result of the head');
    this.#send(pass, first, { kind: 'activation', tensor, keep });
    return pass;
  }

  #send(
    { phase, step, batch }: Pass,
    slice: string,
    { kind, tensor, keep }: { kind: Message['kind']; tensor: Tensor; keep?: boolean },
  ): void {
    const channel = this.#ends.outward(slice);
    const { from, to } = channel;
    channel.send({ phase, step, from, to, kind, tensor }, batch.mask, keep);
  }

  #await({ phase, step }: Pass, kind: Message['kind'], to: string): Promise<Message> {
    return this.#inbox.next({ phase, step, to, kind });
  }

  /** What the slice with the loss works on: the ids themselves, or what came back. */
  async #tailInputs(pass: Pass): Promise<Tensors> {
    if (this.#ends.isWhole) return pass.inputs;
    const { tensor } = await this.#await(pass, 'activation', this.#ends.last);
    return { ...pass.inputs, hidden: tensor };
  }

  async #evaluatePass(pass: Pass): Promise<Tensors> {
    if (!this.#ends.isHeadTail)
      return this.#ends.tail.evaluate(await this.#tailInputs(pass), pass.labels);
    const { tensor } = await this.#await(pass, 'logits', this.#ends.first);
    return this.#lossHead.evaluate(tensor, pass.labels);
  }

  async #trainTail(pass: Pass): Promise<number> {
    const { tail, last, isWhole } = this.#ends;
    const inputs = await this.#tailInputs(pass);
    const { loss, received, trained } = await tail.lossStep(inputs, pass.labels);
    this.#refuseNaN(loss, pass);
    this.#parts.learner.collect(trained);
    const tensor = received.hidden;
    if (tensor && !isWhole) this.#send(pass, last, { kind: 'gradient', tensor });
    return loss;
  }

  async #trainOnLogits(pass: Pass): Promise<number> {
    const { phase, step } = pass;
    const { tensor } = await this.#await(pass, 'logits', this.#ends.first);
    const { loss, gradient } = await this.#lossHead.train(tensor, pass.labels);
    this.#refuseNaN(loss, pass);
    const channel = this.#ends.labelChannel();
    const { from, to } = channel;
    channel.send({ phase, step, from, to, kind: 'gradient', tensor: gradient }, pass.batch.mask);
    return loss;
  }

  async #trainHead(pass: Pass): Promise<void> {
    const { head, first, trainsHead } = this.#ends;
    if (!trainsHead) return;
    const message = await this.#await(pass, 'gradient', first);
    const gradient = this.#ends.outward(first).back(message, pass.batch.mask);
    this.#parts.learner.collect((await head.backward(pass.step, { hidden: gradient })).trained);
  }

  /** Before anything is sent or trained, so that nobody else stumbles over it first. */
  #refuseNaN(loss: number, { step }: Pass): void {
    if (Number.isFinite(loss)) return;
    throw finding(
      'VF561',
      `the loss at step ${step} is not a number (party \`${this.#parts.name}\`)`,
      'lower `learning-rate`, set `clip`, or check the weights for NaN',
    );
  }
}
