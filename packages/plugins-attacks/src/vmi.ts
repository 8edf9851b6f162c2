import { type AttackContext, defineAttack } from '@vflair/core/contract';
import { AdamW, floatTensor, type Random } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { tokensOf } from './shared/inversion.js';
import {
  begin,
  type Candidate,
  openSearch,
  type Progress,
  type Search,
  settle,
} from './shared/search.js';
import { guessesOf, type SeenBatch, seenBatches } from './shared/sequences.js';

const fields = {
  steps: {
    type: 'integer',
    minimum: 1,
    default: 100,
    description: 'Optimiser steps per restart, shared out among the rounds.',
  },
  'learning-rate': {
    type: 'number',
    exclusiveMinimum: 0,
    default: 0.2,
    description: "Step of Adam, in standard deviations of the embedding table's coordinates.",
  },
  rounds: {
    type: 'integer',
    minimum: 1,
    default: 4,
    description: 'How often tokens are read off; positions that fit are then held fixed.',
  },
  restarts: {
    type: 'integer',
    minimum: 1,
    default: 1,
    description: 'Independent starts; each row keeps the best.',
  },
  loss: {
    type: 'string',
    enum: ['squared', 'cosine'],
    default: 'squared',
    description: 'Distance that is minimised: ‖M(e) − H1‖²/d or 1 − cos, mean over positions.',
  },
} as const;

type Context = AttackContext<typeof fields>;

/**
 * Looks for the input whose head output is what was seen: min over e of D(M(e), H1) by Adam, for all rows of a message
 * at once (rows are independent). After each round tokens are read off; a position whose token alone explains what came
 * is held at it, the others go on. A row's answer is the tokens with the smallest D of all rounds and restarts.
 */
export default defineAttack({
  id: 'vmi',
  title: 'Model inversion by optimising embeddings',
  paper: 'Fredrikson, Jha & Ristenpart 2015, doi:10.1145/2810103.2813677',
  needs: ['activations', 'head', 'tokenizer'],
  wants: ['defense'],
  guesses: 'tokens',
  params: fields,
  async run(view, context) {
    const batches = seenBatches(view.activations).filter(({ rows }) => rows.length > 0);
    const search = await openSearch(view, context.compile, context.params.loss);
    const tokens = [];
    for (const [i, batch] of batches.entries()) {
      const found = await invert(search, batch, context, context.rng.stream(i));
      tokens.push(...found.flatMap((row, r) => guessesOf(batch, r, row)));
      context.progress(i + 1, batches.length);
    }
    return { tokens };
  },
});

/** The best tokens of each row over all restarts. */
async function invert(
  search: Search,
  batch: SeenBatch,
  context: Context,
  random: Random,
): Promise<Candidate[]> {
  const { restarts, rounds, steps } = context.params;
  const earlier = context.previous && 'tokens' in context.previous ? context.previous.tokens : [];
  const best: Candidate[] = [];
  for (let restart = 0; restart < restarts; restart++) {
    const progress = begin(search, batch, {
      random: random.stream(restart),
      // Only the first start comes from the attack before this one, so that more restarts can escape it.
      guess: (row) =>
        restart === 0 && earlier.length > 0 ? tokensOf(batch, row, earlier) : undefined,
    });
    for (let round = 0; round < rounds; round++) {
      const share =
        Math.floor(((round + 1) * steps) / rounds) - Math.floor((round * steps) / rounds);
      const lowest = await descend(search, batch, { progress, steps: share, context });
      if (await settle(search, batch, progress, lowest)) break;
    }
    progress.found.forEach((candidate, row) => {
      const rival = best[row];
      if (candidate && !(rival && rival.residual <= candidate.residual)) best[row] = candidate;
    });
  }
  return batch.rows.map((_, row) => present(best[row], 'a decoded row'));
}

/** Adam with a cosine schedule over the positions that are not held; gives each row's z of smallest distance. */
async function descend(
  { space, match }: Search,
  batch: SeenBatch,
  { progress, steps, context }: { progress: Progress; steps: number; context: Context },
) {
  const { z, held } = progress;
  const adam = new AdamW({ learningRate: context.params['learning-rate'] });
  const lowest = floatTensor(z.shape, z.data.slice());
  const least = batch.rows.map(() => Number.POSITIVE_INFINITY);
  const size = z.data.length / batch.rows.length;
  for (let step = 0; step <= steps; step++) {
    context.signal.throwIfAborted();
    const { loss, gradient } = await match(batch, space.embeddings(z));
    loss.data.forEach((value, row) => {
      if (value >= at(least, row)) return;
      least[row] = value;
      lowest.data.set(z.data.subarray(row * size, (row + 1) * size), row * size);
    });
    if (step === steps) break;
    space.pullBack(gradient);
    held.forEach((isHeld, place) => {
      if (isHeld) gradient.data.fill(0, place * space.width, (place + 1) * space.width);
    });
    const rate = (1 + Math.cos((Math.PI * step) / steps)) / 2;
    adam.step(new Map([['z', z]]), new Map([['z', gradient]]), rate);
  }
  return lowest;
}
