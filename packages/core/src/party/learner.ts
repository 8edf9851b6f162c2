import { AdamW, addTo, clipGlobalNorm, type FloatTensor, release } from '../tensor/index.js';
import { finding } from '../text/index.js';

/** How a party trains what it owns. */
export interface LearnerOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Bound on the joint norm of this party's gradients; none when absent. */
  readonly clip?: number;
  /** Gathers gradients without changing anything: for checks. */
  readonly probing: boolean;
}

/** One party's trained tensors and their optimiser. Gradients of one step are added up, then applied at once. */
export class Learner {
  readonly #optimizer: AdamW;
  #gradients = new Map<string, FloatTensor>();

  constructor(
    readonly party: string,
    readonly tensors: ReadonlyMap<string, FloatTensor>,
    readonly options: LearnerOptions,
  ) {
    this.#optimizer = new AdamW({
      learningRate: options.learningRate,
      weightDecay: options.weightDecay,
    });
  }

  /** Adds gradients of this step; throws VF560 where one is not a number. */
  collect(gradients: ReadonlyMap<string, FloatTensor>): void {
    for (const [name, gradient] of gradients) {
      this.#refuseNaN(name, gradient);
      const sum = this.#gradients.get(name);
      if (sum) addTo(sum, gradient);
      else this.#gradients.set(name, gradient);
    }
  }

  /** Applies what was collected, and forgets it (unless probing). */
  step(): void {
    if (this.options.probing || this.#gradients.size === 0) return;
    if (this.options.clip !== undefined) clipGlobalNorm(this.#gradients, this.options.clip);
    this.#optimizer.step(this.tensors, this.#gradients);
    for (const gradient of this.#gradients.values()) release(gradient);
    this.#gradients = new Map();
  }

  /** What was collected since the last step. */
  get gradients(): ReadonlyMap<string, FloatTensor> {
    return this.#gradients;
  }

  #refuseNaN(name: string, { data }: FloatTensor): void {
    let sum = 0;
    for (const x of data) sum += x;
    if (Number.isFinite(sum)) return;
    throw finding(
      'VF560',
      `the gradient of \`${name}\` at party \`${this.party}\` is not a number`,
      'lower `learning-rate`, clip the gradients with `clip`, or check the weights',
    );
  }
}
