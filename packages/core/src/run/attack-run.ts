import type { Goal, GuessOf } from '../contract/index.js';
import { at, present } from '../text/index.js';
import { askWorker } from './ask-worker.js';
import { type AttackJob, type AttackRun, picksSplit, shownPicks } from './attack-job.js';
import { attackOrder } from './attack-order.js';
import type { RunContext } from './context.js';
import type { AttackOrder, AttackVariant, ResidualOrder } from './orders.js';
import type { RowPick } from './selection.js';
import { attackKey } from './stage.js';
import type { Shown } from './truths.js';

/** Runs one form of an attack, or takes its result from an earlier, interrupted run. */
export async function runAttack(
  context: RunContext,
  job: AttackJob,
  variant: AttackVariant,
): Promise<AttackRun> {
  const file = `${attackKey(job.pipeline, job.attack)}-${variant.name}.json`;
  const known = await context.folder.load<AttackRun>('stages', job.stage.key, file);
  if (known) return known;
  const picks = shownPicks(job, variant);
  const order = await attackOrder(context, job, { variant, picks });
  const result = (await askWorker(
    context,
    order,
    `${job.pipeline.name}: ${job.attack.chain.map(({ id }) => id).join(' |> ')} (${variant.name})`,
  )) as Pick<AttackRun, 'guess' | 'seconds'>;
  const residuals = await measureResiduals(context, job, { order, picks, guess: result.guess });
  const shown =
    variant.name === 'decoy'
      ? shownDecoys(picks, order)
      : picks.map(({ step, dataRows }, i) => ({ step, dataRows, width: widthOf(order, i) }));
  const split = picksSplit(job);
  const run: AttackRun = { variant, shown, split, ...result, ...(residuals ? { residuals } : {}) };
  await context.folder.save(run, 'stages', job.stage.key, file);
  return run;
}

/** Positions of the i-th message shown. */
function widthOf({ activations, gradients, responses }: AttackOrder, i: number): number {
  const message = activations[i] ?? gradients[i] ?? responses[i];
  return message?.shape[1] ?? 0;
}

/** Decoy rows stand for the real rows in order, message by message. */
function shownDecoys(picks: readonly RowPick[], { activations, gradients }: AttackOrder): Shown[] {
  const rows = picks.flatMap(({ dataRows }) => dataRows);
  let next = 0;
  return [...activations, ...gradients].map((message) => {
    const dataRows = rows.slice(next, next + message.rows.length);
    next += message.rows.length;
    return { step: message.step, dataRows, width: message.shape[1] ?? 0 };
  });
}

async function measureResiduals(
  context: RunContext,
  job: AttackJob,
  {
    order: shown,
    picks,
    guess,
  }: { order: AttackOrder; picks: readonly RowPick[]; guess: GuessOf[Goal] },
): Promise<AttackRun['residuals']> {
  if (!('tokens' in guess) || shown.variant.name === 'decoy' || shown.variant.name === 'wrong-head')
    return undefined;
  const byRow = new Map(guess.tokens.map((row) => [`${row.step}/${row.row}`, row.tokens]));
  const rows = job.judged.rows[shown.activations[0]?.phase === 'train' ? 'train' : 'test'];
  const truth = picks.map((pick) => pick.dataRows.map((row) => at(rows, row).ids));
  const guessed = picks.map((pick) =>
    pick.rows.map((_, i) => byRow.get(`${pick.step}/${i}`) ?? []),
  );
  const order: ResidualOrder = { kind: 'residual', attack: shown, texts: [guessed, truth] };
  const [ofGuess, ofTruth] = (await askWorker(
    context,
    order,
    'measuring residuals',
  )) as readonly number[][][];
  return { guess: present(ofGuess, 'D(guess)'), truth: present(ofTruth, 'D(truth)') };
}
