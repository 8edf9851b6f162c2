import type { Executable, ModelSpec } from '@vflair/core/contract';
import { AdamW, asFloat, clipGlobalNorm, type FloatTensor, zeros } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import type { MatrixSpec } from './newton-schulz.js';

/** Learning rates by kind of parameter, and decay of matrices; factors of a schedule come on top. */
export interface OptimizerOptions {
  /** Of matrices (Muon), in units that match AdamW's. */
  readonly matrixRate: number;
  /** Of the table of tokens (AdamW). */
  readonly tokenRate: number;
  /** Of positions and token types (AdamW): every step has a gradient for all of them, so that they drift where tokens rest. */
  readonly positionRate: number;
  /** Of norms and biases (AdamW). */
  readonly vectorRate: number;
  readonly weightDecay: number;
}

type Tensors = ReadonlyMap<string, FloatTensor>;

const MOMENTUM = 0.95;
/** Root mean square of an update's entries per unit of learning rate: what AdamW typically has (Liu et al. 2025, arXiv:2502.16982, 2.2). */
const UPDATE_SIZE = 0.2;

/** The matrices Muon trains: all but tables of tokens, positions and types. GPT-2 stores query, key and value as one. */
export function muonMatrices(spec: ModelSpec): MatrixSpec[] {
  return spec.parameters.flatMap(({ key, shape: [rows, columns, ...rest], places }) => {
    const isTable = places.includes('embed') || rows === spec.vocabulary;
    if (isTable || rows === undefined || columns === undefined || rest.length > 0) return [];
    return [{ name: key, shape: [rows, columns], pieces: key.includes('c_attn') ? 3 : 1 }];
  });
}

/** Muon for matrices, AdamW for the rest; state can be saved and restored. */
export class Optimizer {
  readonly #matrices: readonly MatrixSpec[];
  readonly #orthogonalise: Executable;
  readonly #options: OptimizerOptions;
  readonly #momenta = new Map<string, FloatTensor>();
  readonly #groups: readonly { readonly keys: ReadonlySet<string>; readonly adam: AdamW }[];

  /** `orthogonalise` runs the graph of `newtonSchulzGraph(muonMatrices(spec))`. */
  constructor(spec: ModelSpec, orthogonalise: Executable, options: OptimizerOptions) {
    this.#matrices = muonMatrices(spec);
    this.#orthogonalise = orthogonalise;
    this.#options = options;
    for (const { name, shape } of this.#matrices) this.#momenta.set(name, zeros(shape));
    const rateOf = ({ shape }: ModelSpec['parameters'][number]): number => {
      if (shape.length < 2) return options.vectorRate;
      return shape[0] === spec.vocabulary ? options.tokenRate : options.positionRate;
    };
    const rest = spec.parameters.filter(({ key }) => !this.#momenta.has(key));
    const rates = [...new Set(rest.map(rateOf))];
    this.#groups = rates.map((learningRate) => ({
      keys: new Set(rest.filter((one) => rateOf(one) === learningRate).map(({ key }) => key)),
      adam: new AdamW({ learningRate, beta1: 0.9, beta2: 0.98, epsilon: 1e-10 }),
    }));
  }

  /** One step in place on `weights`, with the learning rates times `rate`; gradients are clipped to norm 1. Gives their norm before. */
  async step(weights: Tensors, gradients: Tensors, rate: number): Promise<number> {
    const norm = clipGlobalNorm(gradients, 1);
    for (const { keys, adam } of this.#groups)
      adam.step(weights, new Map([...gradients].filter(([key]) => keys.has(key))), rate);
    await this.#stepMatrices(weights, gradients, rate);
    return norm;
  }

  /** All state as tensors by name, with the number of steps done. */
  state(): { readonly time: number; readonly tensors: Map<string, FloatTensor> } {
    const tensors = new Map(
      [...this.#momenta].map(([name, tensor]) => [`momentum:${name}`, tensor]),
    );
    const states = this.#groups.map(({ adam }) => adam.state());
    for (const [name, { first, second }] of states.flatMap(({ moments }) => [...moments])) {
      tensors.set(`first:${name}`, { dtype: 'float32', shape: [first.length], data: first });
      tensors.set(`second:${name}`, { dtype: 'float32', shape: [second.length], data: second });
    }
    return { time: present(states[0], 'state').time, tensors };
  }

  /** Continues from {@link state}. */
  restore(time: number, tensors: Tensors): void {
    for (const name of this.#momenta.keys()) {
      this.#momenta.set(name, present(tensors.get(`momentum:${name}`), `momentum of ${name}`));
    }
    for (const { keys, adam } of this.#groups) {
      const moments = [...keys].flatMap((key) => {
        const [first, second] = [tensors.get(`first:${key}`), tensors.get(`second:${key}`)];
        if (!first || !second) return [];
        const data = {
          first: Float32Array.from(first.data),
          second: Float32Array.from(second.data),
        };
        return [[key, data] as const];
      });
      adam.restore(time, moments);
    }
  }

  // m ← μm + (1−μ)g;  U·Vᵀ of (1−μ)g + μm;  p ← p − η·λ·p − η·0.2·√max(rows, columns)·U·Vᵀ.
  async #stepMatrices(weights: Tensors, gradients: Tensors, rate: number): Promise<void> {
    const ahead: Record<string, FloatTensor> = {};
    for (const [name, momentum] of this.#momenta) {
      const g = present(gradients.get(name), `gradient of ${name}`).data;
      const m = momentum.data;
      const sum = new Float32Array(m.length);
      for (let i = 0; i < m.length; i++) {
        const fresh = (1 - MOMENTUM) * (g[i] as number);
        m[i] = MOMENTUM * (m[i] as number) + fresh;
        sum[i] = fresh + MOMENTUM * (m[i] as number);
      }
      ahead[name] = { ...momentum, data: sum };
    }
    const directions = await this.#orthogonalise.run(ahead);
    const eta = this.#options.matrixRate * rate;
    const keep = 1 - eta * this.#options.weightDecay;
    for (const { name, shape, pieces } of this.#matrices) {
      const p = present(weights.get(name), `parameter ${name}`).data;
      const u = asFloat(present(directions[name], `direction of ${name}`)).data;
      const size = eta * UPDATE_SIZE * Math.sqrt(Math.max(shape[0], shape[1] / pieces));
      for (let i = 0; i < p.length; i++) p[i] = keep * (p[i] as number) - size * (u[i] as number);
    }
  }
}
