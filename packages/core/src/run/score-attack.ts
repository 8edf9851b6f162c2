import type { GuessOf, RunRecord } from '../contract/index.js';
import {
  countTokens,
  decoyLabelScores,
  decoyLabels,
  decoyTokens,
  type Measured,
  type OracleResult,
  rarerClass,
  scoreLabelScores,
  scoreLabels,
  scoreTokens,
  type TokenControl,
  type Truth,
  type TruthResidual,
} from '../judge/index.js';
import { type Random, randomStream } from '../tensor/index.js';
import { at } from '../text/index.js';
import type { AttackJob, AttackRun } from './attack-job.js';
import type { ReadOut } from './read-out.js';
import { cellOf, measuredRecord } from './record.js';
import { attackKey } from './stage.js';
import { type Judged, truthOf } from './truths.js';

/** What scoring needs besides the runs of an attack. */
export interface Scoring {
  readonly planDigest: string;
  readonly readOut: ReadOut;
}

/** Records of one attack in its main forms, controls beside each metric, and the decoy oracle (judged at `error`). */
export function scoreAttack(
  job: AttackJob,
  runs: readonly AttackRun[],
  scoring: Scoring,
): RunRecord[] {
  const main = runs.filter(
    ({ variant }) => variant.name === 'adaptive' || variant.name === 'static',
  );
  return main.flatMap((run) => {
    const measured = [...measure(job, run, scoring), ...controls(job, runs)];
    const extra = {
      kind: 'attack' as const,
      at: job.attack.split,
      data: {
        adaptive: run.variant.knowsDefense,
        adversary: job.attack.adversary,
        ...residualFacts(run),
      },
    };
    return measured.map((figure) =>
      measuredRecord(scoring.planDigest, cellOf(job.pipeline, job.attack), figure, extra),
    );
  });
}

/** The decoy oracle of one attack: guesses made from public rows may not fit the real ones. */
export function decoyOracle(
  job: AttackJob,
  runs: readonly AttackRun[],
  error: number,
): OracleResult | undefined {
  const { judged, pipeline, attack } = job;
  const name = attack.chain.map(({ id }) => id).join(' |> ');
  const random = randomStream(`vflair/judge/${pipeline.seed}/decoy/${name}`);
  const decoy = runs.find(({ variant }) => variant.name === 'decoy');
  if (decoy && 'tokens' in decoy.guess) {
    const truth = truthOf(judged, decoy.split, decoy.shown);
    return {
      ...decoyTokens({ attack: name, truth, tokens: decoy.guess.tokens, random, error }),
      name: `decoy-transcript: ${name}`,
    };
  }
  return decoy ? labelOracle(job, decoy, { random, error, name }) : undefined;
}

/** Guesses made on a transcript with permuted labels, against the real labels of the same rows. */
function labelOracle(
  { judged }: AttackJob,
  { guess, split, shown }: AttackRun,
  test: { random: Random; error: number; name: string },
): OracleResult | undefined {
  const rows = new Map(
    truthOf(judged, split, shown).rows.map((row) => [`${row.step}/${row.row}`, row]),
  );
  const labelOf = (key: { step: number; row: number }): number =>
    rows.get(`${key.step}/${key.row}`)?.label ?? 0;
  const name = `decoy-labels: ${test.name}`;
  if ('labels' in guess) {
    return {
      ...decoyLabels(
        guess.labels.map(labelOf),
        guess.labels.map(({ label }) => label),
        test.random,
        test.error,
      ),
      name,
    };
  }
  if (!('scores' in guess)) return undefined;
  const positive = rarerClass(judged.rows.train.map(({ label }) => label ?? 0)) ?? 1;
  const scored = guess.scores.map((row) => ({
    score: row.score,
    positive: labelOf(row) === positive,
    rowId: rows.get(`${row.step}/${row.row}`)?.rowId ?? '',
  }));
  return { ...decoyLabelScores(scored, test.random, test.error), name };
}

function measure(job: AttackJob, run: AttackRun, scoring: Scoring): Measured[] {
  const { judged, pipeline, attack } = job;
  const truth = truthOf(judged, run.split, run.shown);
  const name = attack.chain.map(({ id }) => id).join(' |> ');
  const random = randomStream(
    `vflair/judge/${pipeline.seed}/${pipeline.name}/${name}/${run.variant.name}`,
  );
  const { guess } = run;
  if ('labels' in guess) return scoreLabels({ attack: name, truth, guess, random });
  if ('scores' in guess) {
    const positive = rarerClass(judged.rows.train.map(({ label }) => label ?? 0)) ?? 1;
    return scoreLabelScores({ attack: name, truth, guess, random, positive });
  }
  return scoreTokens({
    attack: name,
    truth,
    guess: withResiduals(guess, run),
    random,
    publicTokens: publicCounts(judged),
    controls: readOutControl(truth, run, scoring),
    truthResiduals: truthResiduals(run),
  });
}

function publicCounts({ auxiliary, model }: Judged): ReturnType<typeof countTokens> {
  const special = new Set(model.encoder.special);
  return countTokens(
    auxiliary.ids.map((ids) => ({ ids, userMask: ids.map((id) => !special.has(id)) })),
  );
}

/** The read-out without any effort as a control of the rows that were shown. */
function readOutControl(truth: Truth, run: AttackRun, { readOut }: Scoring): TokenControl[] {
  const tokens = run.shown.flatMap(({ step, dataRows }, i) => {
    const found = readOut[i];
    if (!found) return [];
    return dataRows.map((_, row) => ({ step, row, tokens: [...at(found, row)] }));
  });
  return tokens.length === truth.rows.length ? [{ name: 'nearest-embedding', tokens }] : [];
}

const controlMetrics = new Set([
  'positional-accuracy',
  'bag-f1',
  'exact-match',
  'reference-recall',
  'reference-precision',
]);

/** Figures of the control runs on their own rows, as baselines: the wrong head, and decoys against what they really held. */
function controls(job: AttackJob, runs: readonly AttackRun[]): Measured[] {
  return runs.flatMap((run) => {
    const { variant, guess } = run;
    if (!('tokens' in guess) || (variant.name !== 'wrong-head' && variant.name !== 'decoy'))
      return [];
    const name = variant.name === 'decoy' ? 'public-rows' : 'wrong-head';
    const truth =
      variant.name === 'decoy' ? decoyTruth(job, run) : truthOf(job.judged, run.split, run.shown);
    const random = randomStream(`vflair/judge/${job.pipeline.seed}/${name}`);
    return scoreTokens({ attack: name, truth, guess, random })
      .filter((figure) => figure.of === undefined && controlMetrics.has(figure.name))
      .map((measured) => ({ ...measured, name, of: measured.name }));
  });
}

/** What a decoy transcript really held: the positive control, since an attack that works must read it. */
function decoyTruth(
  { judged, victim, pipeline, attack }: AttackJob,
  { split, shown }: AttackRun,
): Truth {
  const ids = victim.decoys[attackKey(pipeline, attack)]?.ids ?? [];
  const special = new Set(judged.model.encoder.special);
  const real = truthOf(judged, split, shown);
  const rows = real.rows.map((row, i) => {
    const own = ids[i] ?? [];
    const padded = row.ids.map((_, s) => own[s] ?? 0);
    return {
      ...row,
      rowId: `public-${i}`,
      ids: padded,
      userMask: row.mask.map((isReal, s) => isReal && !special.has(at(padded, s))),
      label: null,
    };
  });
  return { ...real, rows };
}

function withResiduals(
  guess: GuessOf['tokens'],
  { residuals, shown }: AttackRun,
): GuessOf['tokens'] {
  if (!residuals) return guess;
  const known = residualMap(shown, residuals.guess);
  return {
    tokens: guess.tokens.map((row) => {
      const { residual: _own, ...rest } = row;
      const measured = known.get(`${row.step}/${row.row}`);
      return measured === undefined ? rest : { ...rest, residual: measured };
    }),
  };
}

function truthResiduals({ residuals, shown }: AttackRun): TruthResidual[] {
  if (!residuals) return [];
  return shown.flatMap(({ step }, i) =>
    at(residuals.truth, i).map((residual, row) => ({ step, row, residual })),
  );
}

function residualMap(
  shown: AttackRun['shown'],
  values: readonly (readonly number[])[],
): Map<string, number> {
  return new Map(
    shown.flatMap(({ step }, i) =>
      at(values, i).map((value, row) => [`${step}/${row}`, value] as const),
    ),
  );
}

function residualFacts({ residuals }: AttackRun): { readonly residualWorse?: number } {
  if (!residuals) return {};
  const guess = residuals.guess.flat();
  const truth = residuals.truth.flat();
  const worse = guess.filter((value, i) => value > (truth[i] ?? 0) * (1 + 1e-4) + 1e-12).length;
  return { residualWorse: guess.length === 0 ? 0 : worse / guess.length };
}
