import { gradients } from '../autodiff/index.js';
import type { ModelSpec, Tensors } from '../contract/index.js';
import { type EncodedModel, encodeModel, type Graph, type Value } from '../graph/index.js';
import { asFloat, type FloatTensor, type Tensor } from '../tensor/index.js';
import { present } from '../text/index.js';
import { type Part, trainedTensors, type Weights } from './bindings.js';
import { Session, type SessionOptions } from './onnx.js';
import { cacheEntries, labelInput, resultsOf, type SliceGraph, sliceGraph } from './slice-graph.js';
import {
  gradientInput,
  type TrainingPlan,
  trainingPlan,
  wantedGradients,
} from './training-plan.js';

/** What a backward pass gives: gradients of what came in, by input name (if somebody needs them), and of every trained tensor. */
export interface Backward {
  readonly received: { readonly [name: string]: FloatTensor };
  readonly trained: ReadonlyMap<string, FloatTensor>;
}

/** How a slice is used besides its weights. */
export interface SliceOptions extends SessionOptions {
  /** Whether the gradient of what comes in is wanted. */
  readonly inputGradient?: boolean;
  /** Adds the residual stream at every block to the outputs (`hidden.i`, `hidden.final`, `grad.hidden.i`). */
  readonly observe?: boolean;
  /** Names of inputs that the family may do without and that are fed. */
  readonly given?: ReadonlySet<string>;
}

/**
 * One slice of a model on one device: evaluates, and trains by a forward part that keeps what the backward part needs.
 * Sessions are compiled when first used and serve every batch and sequence size.
 */
export class Slice {
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #kept = new Map<number, Tensors>();

  constructor(
    readonly spec: ModelSpec,
    readonly part: Part,
    readonly weights: Weights,
    readonly options: SliceOptions = {},
  ) {}

  /** Inputs → `result` (logits or residual stream), with observed streams if asked for. No memory is kept. */
  async forward(inputs: Tensors): Promise<Tensors> {
    const session = await this.#session('forward', () => {
      const slice = this.#graph();
      return encodeModel(slice.g, new Map([...resultsOf(slice), ...this.#observed(slice)]));
    });
    return session.run(this.#feeds(inputs));
  }

  /** Like {@link forward}, and keeps under `step` what {@link backward} needs. */
  async forwardKeeping(step: number, inputs: Tensors): Promise<Tensors> {
    const plan = this.#plan();
    const outputs = new Map([
      ...plan.results,
      ...plan.observed,
      ...plan.stash.map((value) => [`keep:${value.name}`, value] as const),
    ]);
    const session = await this.#session('keeping', () => encodeModel(plan.g, outputs));
    const results = await session.run(this.#feeds(inputs));
    const kept = plan.stash.map(
      (value) => [value.name, present(results[`keep:${value.name}`], value.name)] as const,
    );
    this.#kept.set(step, { ...inputs, ...Object.fromEntries(kept) });
    return results;
  }

  /** Gradients of what was sent in `step`, by the name the next slice has for it (`hidden`) → gradients; forgets what was kept. */
  async backward(step: number, sent: Tensors): Promise<Backward & { readonly outputs: Tensors }> {
    const kept = present(this.#kept.get(step), `what step ${step} kept`);
    this.#kept.delete(step);
    const plan = this.#plan();
    if (plan.backward.size === 0) return { received: {}, trained: new Map(), outputs: {} };
    const session = await this.#session('backward', () =>
      encodeModel(plan.g, plan.backward, plan.stash),
    );
    const late = Object.entries(sent).map(([name, gradient]) => [
      gradientInput(name.replace('hidden', 'result')),
      gradient,
    ]);
    const outputs = await session.run(this.#feeds({ ...kept, ...Object.fromEntries(late) }));
    return { ...this.#split(outputs), outputs };
  }

  /** A slice that ends in the loss: forward, loss and backward in one run. */
  async lossStep(
    inputs: Tensors,
    labels: Tensor,
  ): Promise<
    Backward & { readonly loss: number; readonly logits: FloatTensor; readonly outputs: Tensors }
  > {
    const session = await this.#session('loss', () => this.#lossModel());
    const outputs = await session.run(this.#feeds({ ...inputs, labels }));
    const loss = asFloat(present(outputs.loss, 'loss')).data[0];
    return {
      ...this.#split(outputs),
      loss: present(loss, 'loss'),
      logits: asFloat(present(outputs.logits, 'logits')),
      outputs,
    };
  }

  /** Logits, and loss per row (`loss` summed, `count` of labels; both `[batch]`), without gradients. */
  async evaluate(inputs: Tensors, labels: Tensor): Promise<Tensors> {
    const session = await this.#session('evaluate', () => {
      const slice = this.#graph();
      return encodeModel(
        slice.g,
        evaluationOutputs(this.spec, slice.g, present(slice.logits, 'logits')),
      );
    });
    return session.run(this.#feeds({ ...inputs, labels }));
  }

  /** New positions after cached ones: feeds `past.*`, gives `result` and what is new of each {@link cacheEntries}. */
  async step(inputs: Tensors): Promise<Tensors> {
    const session = await this.#session('cached', () => {
      const slice = this.#graph(true);
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
    await Promise.all(open.map((session) => session.close()));
  }

  #session(name: string, build: () => EncodedModel): Promise<Session> {
    const known = this.#sessions.get(name);
    if (known) return known;
    const opened = Session.open(build(), this.options);
    this.#sessions.set(name, opened);
    return opened;
  }

  #feeds(inputs: Tensors): Tensors {
    return { ...inputs, ...Object.fromEntries(trainedTensors(this.weights)) };
  }

  #planned: TrainingPlan | undefined;

  #plan(): TrainingPlan {
    this.#planned ??= trainingPlan(this.#graph(), this.#trained(), this.options);
    return this.#planned;
  }

  #lossModel(): EncodedModel {
    const slice = this.#graph();
    const logits = present(slice.logits, 'logits');
    const loss = this.spec.loss(slice.g, logits, labelInput(slice.g, this.spec));
    const wanted = wantedGradients(slice, this.#trained(), this.options);
    const found = gradients(
      slice.g,
      [{ of: loss }],
      wanted.map(([, value]) => value),
    );
    const outputs = new Map<string, Value>([
      ['loss', loss],
      ['logits', logits],
      ...this.#observed(slice),
    ]);
    wanted.forEach(([name], i) => {
      const value = found[i];
      if (value) outputs.set(name, value);
    });
    return encodeModel(slice.g, outputs);
  }

  #observed(slice: SliceGraph): [string, Value][] {
    return this.options.observe ? [...slice.observed] : [];
  }

  #graph(cached = false): SliceGraph {
    const { given } = this.options;
    return sliceGraph(this.spec, this.part, this.weights, { cached, ...(given ? { given } : {}) });
  }

  #trained(): ReadonlySet<string> {
    return new Set(trainedTensors(this.weights).keys());
  }

  #split(outputs: Tensors): Backward {
    const trained = new Map<string, FloatTensor>();
    for (const name of trainedTensors(this.weights).keys()) {
      const gradient = outputs[`grad:${name}`];
      if (gradient) trained.set(name, asFloat(gradient));
    }
    const received = Object.entries(outputs).flatMap(([name, gradient]) =>
      name.startsWith('received:')
        ? [[name.slice('received:'.length), asFloat(gradient)] as const]
        : [],
    );
    return { received: Object.fromEntries(received), trained };
  }
}

/** Logits, loss and label count per row, and the most likely class or token. */
export function evaluationOutputs(spec: ModelSpec, g: Graph, logits: Value): Map<string, Value> {
  const { sum, count } = spec.rowLoss(g, logits, labelInput(g, spec));
  const outputs = new Map([
    ['loss', sum],
    ['count', count],
  ]);
  // Token logits are large and nobody reads them here; class logits are small and wanted.
  if (logits.shape.length === 2) outputs.set('logits', g.identity(logits));
  return outputs;
}
