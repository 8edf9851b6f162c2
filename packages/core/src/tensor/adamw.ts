import { present } from '../text/index.js';
import { type AdamWFactors, type AdamWKernel, adamWKernel, blockSize } from './adamw-kernel.js';
import type { FloatTensor } from './tensor.js';

/** Settings of {@link AdamW}; the defaults are those of PyTorch. */
export interface AdamWOptions {
  readonly learningRate: number;
  readonly weightDecay?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** First and second moments of one parameter. */
interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

interface Updated {
  readonly p: Float32Array<ArrayBufferLike>;
  readonly gradient: Float32Array<ArrayBufferLike>;
}

/**
 * AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2), updating parameters in place:
 *   p ← p − η·λ·p;  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  p ← p − η·(m/(1−β₁ᵗ))/(√(v/(1−β₂ᵗ)) + ε).
 */
export class AdamW {
  readonly #options: Required<AdamWOptions>;
  readonly #moments = new Map<string, Moments>();
  #time = 0;
  #kernel: AdamWKernel | undefined;

  constructor(options: AdamWOptions) {
    this.#options = { weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...options };
  }

  /** One step over all parameters that have a gradient; `rate` scales the learning rate (a schedule). */
  step(
    parameters: ReadonlyMap<string, FloatTensor>,
    gradients: ReadonlyMap<string, FloatTensor>,
    rate = 1,
  ): void {
    this.#time++;
    for (const [name, gradient] of gradients) {
      this.#update(name, present(parameters.get(name), `parameter ${name}`).data, {
        gradient: gradient.data,
        rate,
      });
    }
  }

  /** Moments and step count as tensors, for a checkpoint. */
  state(): { readonly time: number; readonly moments: ReadonlyMap<string, Moments> } {
    return { time: this.#time, moments: this.#moments };
  }

  /** Continues from {@link state}. */
  restore(time: number, moments: Iterable<readonly [string, Moments]>): void {
    this.#time = time;
    this.#moments.clear();
    for (const [name, { first, second }] of moments) {
      this.#moments.set(name, {
        first: Float32Array.from(first),
        second: Float32Array.from(second),
      });
    }
  }

  #update(
    name: string,
    p: Float32Array<ArrayBufferLike>,
    { gradient, rate }: { gradient: Float32Array<ArrayBufferLike>; rate: number },
  ): void {
    const { learningRate, weightDecay, beta1, beta2, epsilon } = this.#options;
    const known = this.#moments.get(name);
    const { first, second } = known ?? {
      first: new Float32Array(p.length),
      second: new Float32Array(p.length),
    };
    if (!known) this.#moments.set(name, { first, second });
    const eta = learningRate * rate;
    const decay = 1 - eta * weightDecay;
    const firstScale = eta / (1 - beta1 ** this.#time);
    const secondScale = 1 / Math.sqrt(1 - beta2 ** this.#time);
    const factors = { beta1, beta2, decay, firstScale, secondScale, epsilon };
    for (let from = 0; from < p.length; from += blockSize)
      this.#updateBlock({ p, gradient, first, second }, from, factors);
  }

  #updateBlock(
    { p, gradient, first, second }: Moments & Updated,
    from: number,
    factors: AdamWFactors,
  ): void {
    const to = Math.min(p.length, from + blockSize);
    this.#kernel ??= adamWKernel();
    const kernel = this.#kernel;
    kernel.parameters.set(p.subarray(from, to));
    kernel.gradient.set(gradient.subarray(from, to));
    kernel.first.set(first.subarray(from, to));
    kernel.second.set(second.subarray(from, to));
    kernel.update(to - from, factors);
    p.set(kernel.parameters.subarray(0, to - from), from);
    first.set(kernel.first.subarray(0, to - from), from);
    second.set(kernel.second.subarray(0, to - from), from);
  }
}

/** Scales all gradients so that their joint Euclidean norm is at most `bound`; gives the norm before. */
export function clipGlobalNorm(gradients: ReadonlyMap<string, FloatTensor>, bound: number): number {
  let squares = 0;
  for (const { data } of gradients.values()) for (const x of data) squares += x * x;
  const norm = Math.sqrt(squares);
  if (norm > bound) {
    const factor = bound / norm;
    for (const { data } of gradients.values())
      for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * factor;
  }
  return norm;
}
