import type { ModelSpec, Tensors } from '../contract/index.js';
import { type EncodedModel, encodeModel, type Value } from '../graph/index.js';
import { asFloat, release, type Tensor } from '../tensor/index.js';
import { present } from '../text/index.js';
import { fedTensors, type Part, trainedTensors, type Weights } from './bindings.js';
import { cacheEntries } from './cache.js';
import { evaluationOutputs } from './loss.js';
import { LossInPieces } from './loss-in-pieces.js';
import { Session, type SessionOptions } from './onnx.js';
import { Segments } from './segments.js';
import { labelInput, resultsOf, type SliceGraph, sliceGraph } from './slice-graph.js';
import { TokenLoss } from './token-loss.js';
import {
  type Backward,
  gradientInput,
  gradientsOf,
  type TrainingPlan,
  trainingPlan,
  wantedGradients,
  wantedValues,
} from './training-plan.js';

/** What a step that ends in the loss gives; logits and streams only where they are observed. */
export interface LossStep extends Backward {
  readonly loss: number;
  readonly outputs: Tensors;
}

/** How a slice is used besides its weights. */
export interface SliceOptions extends SessionOptions {
  /** Whether the gradient of what comes in is wanted. */
  readonly inputGradient?: boolean;
  /** Adds the residual stream at every block to the outputs (`hidden.i`, `hidden.final`, `grad.hidden.i`). */
  readonly observe?: boolean;
  /** Ends with what the final norm gives, before the logits. */
  readonly beforeLogits?: boolean;
  /** Most blocks that are trained in one session; 3 when absent. Where streams are observed, all are. */
  readonly segmentBlocks?: number;
}

/**
 * One slice of a model on one device: evaluates, and trains by a forward part that keeps what the backward part needs.
 * Sessions are compiled when first used and serve every batch and sequence size.
 */
export class Slice {
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #kept = new Map<number, { readonly inputs: Tensors; readonly stash: Tensors }>();

  constructor(
    readonly spec: ModelSpec,
    readonly part: Part,
    readonly weights: Weights,
    readonly options: SliceOptions = {},
  ) {}

  /** Inputs → `result` (logits or residual stream), with observed streams if asked for. No memory is kept. */
  async forward(inputs: Tensors): Promise<Tensors> {
    const session = await this.#session('forward', inputs, (given) => {
      const slice = this.#graph(given);
      return encodeModel(slice.g, new Map([...resultsOf(slice), ...this.#observed(slice)]));
    });
    return session.run(this.#feeds(inputs));
  }

  /** Like {@link forward}, and keeps under `step` what {@link backward} needs. */
  async forwardKeeping(step: number, inputs: Tensors): Promise<Tensors> {
    const segments = this.#segments();
    if (segments) return segments.forwardKeeping(step, inputs);
    const plan = this.#plan(inputs);
    const outputs = new Map([
      ...plan.results,
      ...plan.observed,
      ...plan.stash.map((value) => [`keep:${value.name}`, value] as const),
    ]);
    const session = await this.#session('keeping', inputs, () => encodeModel(plan.g, outputs));
    const entries = Object.entries(await session.run(this.#feeds(inputs)));
    const stash = entries.flatMap(([name, tensor]) =>
      name.startsWith('keep:') ? [[name.slice('keep:'.length), tensor] as const] : [],
    );
    this.#kept.set(step, { inputs, stash: Object.fromEntries(stash) });
    return Object.fromEntries(entries.filter(([name]) => !name.startsWith('keep:')));
  }

  /** Gradients of what was sent in `step`, by the name the next slice has for it (`hidden`) → gradients; forgets what was kept. */
  async backward(step: number, sent: Tensors): Promise<Backward & { readonly outputs: Tensors }> {
    const segments = this.#segments();
    if (segments) return { ...(await segments.backward(step, sent)), outputs: {} };
    const kept = present(this.#kept.get(step), `what step ${step} kept`);
    this.#kept.delete(step);
    const plan = this.#plan(kept.inputs);
    if (plan.backward.size === 0) return { received: {}, trained: new Map(), outputs: {} };
    const session = await this.#session('backward', kept.inputs, () =>
      encodeModel(plan.g, plan.backward, plan.stash),
    );
    const late = Object.entries(sent).map(([name, gradient]) => [
      gradientInput(name.replace('hidden', 'result')),
      gradient,
    ]);
    const feeds = { ...kept.inputs, ...kept.stash, ...Object.fromEntries(late) };
    const outputs = await session.run(this.#feeds(feeds));
    // What a result shares memory with (the stream itself) belongs to whoever got it.
    for (const [name, tensor] of Object.entries(kept.stash))
      if (!plan.shown.has(name)) release(tensor);
    return { ...gradientsOf(outputs, this.weights), outputs };
  }

  /** A slice that ends in the loss: forward, loss and backward. `outputs` has the `logits` where streams are observed. */
  async lossStep(inputs: Tensors, labels: Tensor): Promise<LossStep> {
    const pieces = this.#inPieces(inputs);
    if (pieces) return pieces.step(inputs, labels);
    const segments = this.#segments();
    if (segments) return segments.lossStep(inputs, labels);
    const session = await this.#session('loss', inputs, (given) => this.#lossModel(given));
    const outputs = await session.run(this.#feeds({ ...inputs, labels }));
    const loss = asFloat(present(outputs.loss, 'loss')).data[0];
    return { ...gradientsOf(outputs, this.weights), loss: present(loss, 'loss'), outputs };
  }

  /** Class logits, and loss per row (`loss` summed, `count` of labels; both `[batch]`), without gradients. */
  async evaluate(inputs: Tensors, labels: Tensor): Promise<Tensors> {
    const pieces = this.#inPieces(inputs);
    if (pieces) return pieces.evaluate(inputs, labels);
    const session = await this.#session('evaluate', inputs, (given) => {
      const slice = this.#graph(given);
      return encodeModel(
        slice.g,
        evaluationOutputs(this.spec, slice.g, present(slice.logits, 'logits')),
      );
    });
    return session.run(this.#feeds({ ...inputs, labels }));
  }

  /**
   * New positions after cached ones: feeds `past.*`, gives `result` and what is new of each {@link cacheEntries}. Logits are
   * those of the last position, `[batch, 1, vocabulary]`.
   */
  async step(inputs: Tensors): Promise<Tensors> {
    const session = await this.#session('cached', inputs, (given) => {
      const slice = this.#graph(given, true);
      const fresh = cacheEntries(this.spec, this.part).map(
        ({ block, entry, fresh }) =>
          [fresh, present(slice.cache.get(block)?.[entry.name], fresh)] as const,
      );
      return encodeModel(slice.g, new Map([...resultsOf(slice), ...fresh]));
    });
    return session.run(this.#feeds(inputs));
  }

  /** Frees all native sessions. */
  async close(): Promise<void> {
    const open = await Promise.all(this.#sessions.values());
    this.#sessions.clear();
    await Promise.all([...open, this.#pieces, this.#segmented].map((session) => session?.close()));
    this.#pieces = undefined;
    this.#segmented = undefined;
  }

  #pieces: LossInPieces | undefined;
  #segmented: Segments | undefined;

  /** The segments of a slice that is trained in more than one. */
  #segments(): Segments | undefined {
    const { spec, part, weights, options } = this;
    const { observe, segmentBlocks: blocks = 3, inputGradient = false } = options;
    if (observe || part.end - part.first <= blocks) return undefined;
    const open = (segment: Part, inputGradient: boolean): Slice =>
      new Slice(spec, segment, weights, { ...options, inputGradient, segmentBlocks: Infinity });
    this.#segmented ??= new Segments({ spec, part, weights, blocks, inputGradient, open });
    return this.#segmented;
  }

  /** How a loss of tokens is computed when nobody watches: piece by piece. */
  #inPieces(inputs: Tensors): LossInPieces | undefined {
    const { spec, part, weights, options } = this;
    if (options.observe || !TokenLoss.fits(spec, this.#given(inputs))) return undefined;
    this.#pieces ??= new LossInPieces(
      new Slice(spec, part, weights, { ...options, beforeLogits: true }),
      new TokenLoss(spec, weights, options),
    );
    return this.#pieces;
  }

  /** The session of that name for those of the family's own inputs that are fed. */
  #session(
    name: string,
    inputs: Tensors,
    build: (given: ReadonlySet<string>) => EncodedModel,
  ): Promise<Session> {
    const given = this.#given(inputs);
    const key = [name, ...given].join(' ');
    const known = this.#sessions.get(key);
    if (known) return known;
    const opened = Session.open(build(given), this.options);
    this.#sessions.set(key, opened);
    return opened;
  }

  #given(inputs: Tensors): ReadonlySet<string> {
    const own = this.spec.inputs ?? [];
    return new Set(own.flatMap(({ name }) => (inputs[name] ? [name] : [])));
  }

  #feeds(inputs: Tensors): Tensors {
    return { ...inputs, ...Object.fromEntries(fedTensors(this.weights)) };
  }

  readonly #planned = new Map<string, TrainingPlan>();

  #plan(inputs: Tensors): TrainingPlan {
    const given = this.#given(inputs);
    const key = [...given].join(' ');
    const plan =
      this.#planned.get(key) ?? trainingPlan(this.#graph(given), this.#trained(), this.options);
    this.#planned.set(key, plan);
    return plan;
  }

  #lossModel(given: ReadonlySet<string>): EncodedModel {
    const slice = this.#graph(given);
    const logits = present(slice.logits, 'logits');
    const loss = this.spec.loss(slice.g, logits, labelInput(slice.g, this.spec, logits));
    const wanted = wantedGradients(slice, this.#trained(), this.options);
    const found = wantedValues(slice.g, [{ of: loss }], wanted);
    const shown: [string, Value][] = this.options.observe ? [['logits', logits]] : [];
    const outputs = [['loss', loss], ...shown, ...this.#observed(slice), ...found] as const;
    return encodeModel(slice.g, new Map<string, Value>(outputs));
  }

  #observed(slice: SliceGraph): [string, Value][] {
    return this.options.observe ? [...slice.observed] : [];
  }

  #graph(given: ReadonlySet<string>, cached = false): SliceGraph {
    const { beforeLogits = false } = this.options;
    return sliceGraph(this.spec, this.part, this.weights, { cached, given, beforeLogits });
  }

  #trained(): ReadonlySet<string> {
    return new Set(trainedTensors(this.weights).keys());
  }
}
