import { type AttackContext, defineAttack, type TokenGuess } from '@vflair/core/contract';
import { AdamW, copyOf } from '@vflair/core/tensor';
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
import { type GatheredBatch, gatherBatches, guessesOf, seenBatches } from './shared/sequences.js';

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
 * Looks for the input whose head output is what was seen: min over e of D(M(e), H1) by Adam, for many rows at once (rows
 * are independent, of whatever messages). After each round tokens are read off; a position whose token alone explains what came
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
    const tokens = batches.map((): TokenGuess[] => []);
    const gathered = gatherBatches(batches);
    for (const [i, batch] of gathered.entries()) {
      const found = await invert(search, batch, context);
      for (const [r, row] of found.entries())
        at(tokens, at(batch.from, r)).push(...guessesOf(batch, r, row));
      context.progress(i + 1, gathered.length);
    }
    return { tokens: tokens.flat() };
  },
});

/** The best tokens of each row over all restarts. */
async function invert(
  search: Search,
  batch: GatheredBatch,
  context: Context,
): Promise<Candidate[]> {
  const { restarts, rounds, steps } = context.params;
  const adam = new AdamW({ learningRate: context.params['learning-rate'] });
  const earlier = context.previous && 'tokens' in context.previous ? context.previous.tokens : [];
  const best: Candidate[] = [];
  for (let restart = 0; restart < restarts; restart++) {
    // Where a row starts depends on its message, not on what it was gathered with.
    const starts = new Map(
      batch.from.map((i) => [i, context.rng.stream(i).stream(restart)] as const),
    );
    let progress = begin(search, batch, {
      random: (row) => present(starts.get(at(batch.from, row))),
      // Only the first start comes from the attack before this one, so that more restarts can escape it.
      guess: (row) =>
        restart === 0 && earlier.length > 0 ? tokensOf(batch, row, earlier) : undefined,
    });
    for (let round = 0; round < rounds; round++) {
      const share =
        Math.floor(((round + 1) * steps) / rounds) - Math.floor((round * steps) / rounds);
      const lowest = await descend(search, progress, { steps: share, context, adam });
      progress = await settle(search, progress, lowest);
      if (progress.rows.length === 0) break;
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
  { batch, z, held }: Progress,
  { steps, context, adam }: { steps: number; context: Context; adam: AdamW },
) {
  adam.restore(0, []);
  const lowest = copyOf(z);
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
