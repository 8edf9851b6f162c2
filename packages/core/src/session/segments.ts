import type { ModelSpec, Tensors } from '../contract/index.js';
import { addTo, type FloatTensor, type Tensor } from '../tensor/index.js';
import { at } from '../text/index.js';
import { type Part, partParameters, type Weights } from './bindings.js';
import type { LossStep, Slice } from './slice.js';
import { crossing } from './slice-graph.js';
import type { Backward } from './training-plan.js';

/** One segment: its slice, and whether its activations are wanted again. */
interface Segment {
  readonly slice: Slice;
  readonly keeps: boolean;
}

/** What segments are made of. */
export interface SegmentsInput {
  readonly spec: ModelSpec;
  readonly part: Part;
  readonly weights: Weights;
  /** Most blocks of a segment. */
  readonly blocks: number;
  /** Whether the gradient of what comes in is wanted. */
  readonly inputGradient: boolean;
  readonly open: (part: Part, inputGradient: boolean) => Slice;
}

/**
 * A slice that trains a few blocks at a time. What a session gives is copied out of it: while one does, only its own
 * blocks are in memory twice. Segments below everything that is trained keep nothing and get no gradient.
 */
export class Segments {
  readonly #segments: readonly Segment[];

  constructor({ spec, part, weights, blocks, inputGradient, open }: SegmentsInput) {
    let below = inputGradient;
    this.#segments = segmentParts(part, blocks).map((segment): Segment => {
      const slice = open(segment, below);
      below ||= partParameters(spec, segment).some(
        ({ key }) => weights.trained.has(key) || weights.adapters.has(key),
      );
      return { slice, keeps: below };
    });
  }

  /** As {@link Slice.forwardKeeping}. */
  async forwardKeeping(step: number, inputs: Tensors): Promise<Tensors> {
    return this.#forward(this.#segments, step, inputs);
  }

  /** As {@link Slice.backward}. */
  async backward(step: number, sent: Tensors): Promise<Backward> {
    return this.#back(this.#segments, step, { gradient: sent, trained: new Map() });
  }

  /** As {@link Slice.lossStep}. */
  async lossStep(inputs: Tensors, labels: Tensor): Promise<LossStep> {
    const [earlier, last] = [
      this.#segments.slice(0, -1),
      at(this.#segments, this.#segments.length - 1),
    ];
    const sent = crossing(await this.#forward(earlier, 0, inputs));
    const step = await last.slice.lossStep({ ...inputs, ...sent }, labels);
    const { received: gradient, trained } = step;
    return { ...step, ...(await this.#back(earlier, 0, { gradient, trained })) };
  }

  /** Frees the native sessions. */
  async close(): Promise<void> {
    await Promise.all(this.#segments.map(({ slice }) => slice.close()));
  }

  async #forward(segments: readonly Segment[], step: number, inputs: Tensors): Promise<Tensors> {
    let outputs: Tensors = {};
    for (const { slice, keeps } of segments) {
      const fed = { ...inputs, ...crossing(outputs) };
      outputs = keeps ? await slice.forwardKeeping(step, fed) : await slice.forward(fed);
    }
    return outputs;
  }

  async #back(
    segments: readonly Segment[],
    step: number,
    from: { readonly gradient: Tensors; readonly trained: Backward['trained'] },
  ): Promise<Backward> {
    const trained = new Map(from.trained);
    let { gradient } = from;
    let received: Backward['received'] = {};
    for (const { slice, keeps } of segments.toReversed()) {
      if (!keeps) return { received: {}, trained };
      const back = await slice.backward(step, gradient);
      addAll(trained, back.trained);
      received = back.received;
      gradient = received;
    }
    return { received, trained };
  }
}

/** Adds gradients by name: a tensor that is used in several places has one in each. */
export function addAll(
  sums: Map<string, FloatTensor>,
  more: ReadonlyMap<string, FloatTensor>,
): void {
  for (const [name, gradient] of more) {
    const sum = sums.get(name);
    if (sum) addTo(sum, gradient);
    else sums.set(name, gradient);
  }
}

function segmentParts({ embed, first, end, output }: Part, blocks: number): Part[] {
  const count = Math.max(1, Math.ceil((end - first) / blocks));
  return Array.from({ length: count }, (_, i) => ({
    embed: embed && i === 0,
    first: first + Math.floor((i * (end - first)) / count),
    end: first + Math.floor(((i + 1) * (end - first)) / count),
    output: output && i === count - 1,
  }));
}
