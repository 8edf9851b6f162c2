import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { encodeModel } from '@vflair/core/graph';
import { Session } from '@vflair/core/session';
import { asFloat, type FloatTensor, randomStream } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import {
  type CurvePoint,
  exportHalf,
  initialWeights,
  loadState,
  lookAtNeighbours,
  muonMatrices,
  newtonSchulzGraph,
  Optimizer,
  rateAt,
  saveState,
  startFromFrequencies,
} from '@vflair/models/pretrain';
import { batchesOf } from './batches.ts';
import type { Material } from './material.ts';
import { HEAD_SIZE, type Recipe, STEP_TOKENS } from './recipes.ts';
import { trainingModel } from './training-graph.ts';
import { Scorer } from './validate.ts';

/** Where a run keeps its state and puts its model, how long it is, and how often it looks up. */
export interface RunOptions {
  readonly seed: number;
  readonly steps: number;
  /** Step to stop at; a later call goes on from there. */
  readonly until: number;
  /** Folder of the state that a stopped run continues from. */
  readonly work: string;
  /** Folder the model is exported to at each look. */
  readonly model: string;
  readonly threads: number;
  /** Steps between looks: validation, export, state. */
  readonly every: number;
  /** Asked after each step; true ends the run early, its state saved. */
  readonly stopped: () => boolean;
  readonly log: (line: string) => void;
}

/** What a run is besides its texts and recipe: it gives weights and a loss curve. */
export interface Trained {
  readonly weights: ReadonlyMap<string, FloatTensor>;
  readonly curve: readonly CurvePoint[];
  readonly step: number;
}

/** Trains a recipe, from its saved state if there is one, to `steps` or until stopped. */
export async function train(
  recipe: Recipe,
  material: Material,
  options: RunOptions,
): Promise<Trained> {
  const run = await Run.open(recipe, material, options);
  try {
    return await run.toEnd();
  } finally {
    await run.close();
  }
}

/** Vocabulary rows of scored positions are projected in parts of this many, which stay in the processor's cache. */
const PART = 128;
/** Validation windows per look. */
const WINDOWS = 80;

class Run {
  readonly #recipe: Recipe;
  readonly #material: Material;
  readonly #options: RunOptions;
  readonly #weights: Map<string, FloatTensor>;
  readonly #session: Session;
  readonly #muon: Session;
  readonly #scorer: Scorer;
  readonly #optimizer: Optimizer;
  readonly #curve: CurvePoint[] = [];
  readonly #identity: string;
  #step = 0;

  private constructor(
    recipe: Recipe,
    material: Material,
    options: RunOptions,
    parts: { weights: Map<string, FloatTensor>; session: Session; muon: Session; scorer: Scorer },
  ) {
    this.#recipe = recipe;
    this.#material = material;
    this.#options = options;
    this.#weights = parts.weights;
    this.#session = parts.session;
    this.#muon = parts.muon;
    this.#scorer = parts.scorer;
    this.#optimizer = new Optimizer(material.spec, parts.muon, recipe.optimizer);
    const sources = material.train.map(({ stream, share }) => [digestOf(stream), share]);
    this.#identity = JSON.stringify([recipe.id, material.config, sources, options.seed]);
  }

  static async open(recipe: Recipe, material: Material, options: RunOptions): Promise<Run> {
    const { spec } = material;
    const weights = freshWeights(recipe, material, options.seed);
    const scored = recipe.masked > 0 ? recipe.masked : STEP_TOKENS;
    const shape = { tokens: STEP_TOKENS, scored, parts: scored / PART };
    const settings = { threads: options.threads, arena: true };
    const { g, outputs } = newtonSchulzGraph(muonMatrices(spec));
    const run = new Run(recipe, material, options, {
      weights,
      session: await Session.open(trainingModel(spec, weights, shape), settings),
      muon: await Session.open(encodeModel(g, outputs), settings),
      scorer: await Scorer.open(recipe, spec, weights),
    });
    run.#resume();
    return run;
  }

  async toEnd(): Promise<Trained> {
    const { steps, until, seed, every, stopped, log } = this.#options;
    const { coolDownShare, warmUp } = this.#recipe;
    const schedule = { steps, warmUp, coolDown: Math.round(steps * coolDownShare) };
    const random = randomStream(`pretrain/${this.#recipe.id}/${seed}/batches`);
    const batches = batchesOf(this.#recipe, this.#material, random);
    const before = this.#curve.at(-1)?.seconds ?? 0;
    const start = performance.now();
    let losses: number[] = [];
    while (this.#step < Math.min(steps, until)) {
      losses.push(await this.#one(batches(this.#step), rateAt(schedule, this.#step)));
      this.#step++;
      const last = stopped() || this.#step === until;
      if (this.#step % every !== 0 && this.#step < steps && !last) continue;
      await this.#look(losses, before + (performance.now() - start) / 1000);
      losses = [];
      if (last) break;
    }
    log(`${this.#recipe.id}: stopped at step ${this.#step} of ${steps}`);
    return { weights: this.#weights, curve: this.#curve, step: this.#step };
  }

  async close(): Promise<void> {
    await Promise.all([this.#session.close(), this.#muon.close(), this.#scorer.close()]);
  }

  async #one(inputs: Parameters<Session['run']>[0], rate: number): Promise<number> {
    const outputs = await this.#session.run({ ...inputs, ...Object.fromEntries(this.#weights) });
    const { loss, ...gradients } = outputs;
    const found = Object.entries(gradients).map(
      ([name, tensor]) => [name, asFloat(tensor)] as const,
    );
    await this.#optimizer.step(this.#weights, new Map(found), rate);
    return present(asFloat(present(loss)).data[0], 'loss');
  }

  async #look(losses: readonly number[], seconds: number): Promise<void> {
    const { loss } = await this.#scorer.score(this.#material.validation, WINDOWS);
    const mean = losses.reduce((sum, x) => sum + x, 0) / losses.length;
    const pace = (losses.length * STEP_TOKENS) / (seconds - (this.#curve.at(-1)?.seconds ?? 0));
    this.#curve.push({ step: this.#step, train: mean, validation: loss, seconds });
    this.#options.log(
      [
        `${this.#recipe.id} step ${this.#step}`,
        `train ${mean.toFixed(4)} validation ${loss.toFixed(4)} perplexity ${Math.exp(loss).toFixed(1)}`,
        `${seconds.toFixed(0)} s, ${pace.toFixed(0)} tokens/s`,
      ].join(': '),
    );
    saveState(this.#stateFile(), this.#identity, {
      step: this.#step,
      weights: this.#weights,
      optimizer: this.#optimizer.state(),
      curve: this.#curve,
    });
    exportHalf(join(this.#options.model, 'model.safetensors'), this.#weights, {
      table: this.#material.spec.embeddingKey,
      metadata: { format: 'pt', steps: String(this.#step) },
    });
  }

  #resume(): void {
    const state = loadState(this.#stateFile(), this.#identity);
    if (!state) return;
    // The sessions and the optimizer hold the same tensors: their data change, not they.
    for (const [key, tensor] of this.#weights)
      tensor.data.set(present(state.weights.get(key), key).data);
    this.#optimizer.restore(state.optimizer.time, state.optimizer.tensors);
    this.#curve.push(...state.curve);
    this.#step = state.step;
    this.#options.log(`${this.#recipe.id}: continues at step ${state.step}`);
  }

  #stateFile(): string {
    return join(this.#options.work, `${this.#recipe.id}.state.safetensors`);
  }
}

function freshWeights(
  recipe: Recipe,
  { spec, train: sources }: Material,
  seed: number,
): Map<string, FloatTensor> {
  const random = randomStream(`pretrain/${recipe.id}/${seed}`);
  const weights = initialWeights(spec, random, recipe.positions);
  const streams = sources.map(({ stream }) => stream);
  startFromFrequencies(weights, streams);
  if (recipe.neighbours.length > 0) {
    const map = (name: string): FloatTensor =>
      present(weights.get(`bert.encoder.layer.0.attention.self.${name}.weight`), name);
    const maps = { query: map('query'), key: map('key'), headSize: HEAD_SIZE };
    lookAtNeighbours(maps, recipe.neighbours, recipe.positions.fastest);
  }
  return weights;
}

function digestOf(stream: Int32Array): string {
  return createHash('sha256').update(stream).digest('hex');
}
