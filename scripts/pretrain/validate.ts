import type { ModelSpec, Tensors } from '@vflair/core/contract';
import { Session } from '@vflair/core/session';
import { asFloat, type FloatTensor, intTensor, randomStream } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import { maskTokens, type ScoredWindow, scoredWindows } from '@vflair/models/pretrain';
import { inputsOf } from './batches.ts';
import { LENGTH, type Recipe } from './recipes.ts';
import { scoringModel } from './training-graph.ts';

/** Mean loss in nats over `count` scored tokens. */
export interface Score {
  readonly loss: number;
  readonly count: number;
}

/** Tokens a scored one has before it, where its document has them. */
const CONTEXT = LENGTH / 2;
const MASK = 4;

/** Scores text with the weights as they are at the moment of asking. */
export class Scorer {
  readonly #session: Session;
  readonly #weights: ReadonlyMap<string, FloatTensor>;
  readonly #recipe: Recipe;
  readonly #vocabulary: number;

  private constructor(
    session: Session,
    recipe: Recipe,
    { vocabulary, weights }: { vocabulary: number; weights: ReadonlyMap<string, FloatTensor> },
  ) {
    this.#session = session;
    this.#recipe = recipe;
    this.#vocabulary = vocabulary;
    this.#weights = weights;
  }

  static async open(
    recipe: Recipe,
    spec: ModelSpec,
    weights: ReadonlyMap<string, FloatTensor>,
  ): Promise<Scorer> {
    const session = await Session.open(scoringModel(spec, weights), { threads: 1, arena: false });
    return new Scorer(session, recipe, { vocabulary: spec.vocabulary, weights });
  }

  /** Mean −ln p of a stream's tokens; of at most `limit` windows, evenly spread. */
  async score(stream: Int32Array, limit = Number.POSITIVE_INFINITY): Promise<Score> {
    const all = scoredWindows(stream, LENGTH + 1, CONTEXT + 1);
    const stride = Math.max(1, Math.ceil(all.length / limit));
    let sum = 0;
    let count = 0;
    for (let i = 0; i < all.length; i += stride) {
      const window = present(all[i]);
      const losses =
        this.#recipe.head === 'lm' ? await this.#causal(window) : await this.#masked(window, i);
      for (const loss of losses) sum += loss;
      count += losses.length;
    }
    return { loss: sum / count, count };
  }

  async #causal({ tokens, from }: ScoredWindow): Promise<Float32Array> {
    const seq = tokens.length - 1;
    const labels = intTensor([1, seq], tokens.subarray(1));
    const inputs = { ...inputsOf(tokens.subarray(0, seq), { batch: 1, seq }), labels };
    return (await this.#run(inputs)).subarray(from - 1).map((score) => -score);
  }

  // One ordinary token in seven is hidden, the same ones each time.
  async #masked({ tokens }: ScoredWindow, index: number): Promise<Float32Array> {
    const ids = tokens.slice(0, LENGTH);
    ids[0] = 2;
    ids[ids.length - 1] = 3;
    const vocabulary = { mask: MASK, firstWord: MASK + 1, size: this.#vocabulary };
    const masked = maskTokens(
      ids,
      Math.floor(ids.length / 7),
      vocabulary,
      randomStream(`validation ${index}`),
    );
    const shape = { batch: 1, seq: ids.length };
    const inputs = { ...inputsOf(masked.ids, shape), labels: intTensor([1, ids.length], ids) };
    const scores = await this.#run(inputs);
    return Float32Array.from(masked.places, (place) => -present(scores[place]));
  }

  async #run(inputs: Tensors): Promise<Float32Array<ArrayBufferLike>> {
    const outputs = await this.#session.run({ ...inputs, ...Object.fromEntries(this.#weights) });
    return asFloat(present(outputs.scores)).data;
  }

  /** Frees the session. */
  close(): Promise<void> {
    return this.#session.close();
  }
}
