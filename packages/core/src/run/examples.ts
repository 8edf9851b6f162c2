import type { RunRecord } from '../contract/index.js';
import { at } from '../text/index.js';
import type { AttackJob, AttackRun } from './attack-job.js';
import { cellOf, makeRecord } from './record.js';
import { truthOf } from './truths.js';

/** Worst, median and best read row of each main form of an attack on tokens, by positional accuracy; ties go to the first row. */
export function exampleRecords(
  planDigest: string,
  job: AttackJob,
  runs: readonly AttackRun[],
): RunRecord[] {
  return runs
    .filter(({ variant }) => variant.name === 'adaptive' || variant.name === 'static')
    .flatMap((run) =>
      ruledRows(job, run).map(({ rule, row }) =>
        exampleRecord(planDigest, job, { run, rule, row }),
      ),
    );
}

interface ReadRow {
  readonly rowId: string;
  readonly ids: readonly number[];
  readonly guess: readonly number[];
  readonly user: readonly boolean[];
  readonly share: number;
}

function ruledRows(job: AttackJob, run: AttackRun): { rule: string; row: ReadRow }[] {
  const rows = readRows(job, run).sort((a, b) => a.share - b.share);
  if (rows.length === 0) return [];
  const named = [
    ['worst', 0],
    ['median', Math.floor((rows.length - 1) / 2)],
    ['best', rows.length - 1],
  ] as const;
  return named.map(([rule, index]) => ({ rule, row: at(rows, index) }));
}

function readRows({ judged }: AttackJob, { guess, split, shown }: AttackRun): ReadRow[] {
  if (!('tokens' in guess)) return [];
  const guesses = new Map(guess.tokens.map(({ step, row, tokens }) => [`${step}/${row}`, tokens]));
  return truthOf(judged, split, shown).rows.flatMap((row) => {
    const length = row.mask.filter(Boolean).length;
    const tokens = guesses.get(`${row.step}/${row.row}`) ?? [];
    const own = row.userMask.filter(Boolean).length;
    if (own === 0) return [];
    const right = row.ids.filter((id, i) => row.userMask[i] && tokens[i] === id).length;
    return [
      {
        rowId: row.rowId,
        ids: row.ids.slice(0, length),
        guess: tokens.slice(0, length),
        user: row.userMask.slice(0, length),
        share: right / own,
      },
    ];
  });
}

function exampleRecord(
  planDigest: string,
  job: AttackJob,
  { run, rule, row }: { run: AttackRun; rule: string; row: ReadRow },
): RunRecord {
  const { encoder } = job.judged.model;
  const status = row.ids.map((id, i) =>
    !row.user[i] ? 'special' : row.guess[i] === id ? 'right' : 'wrong',
  );
  const data = {
    attack: job.attack.chain.map(({ id }) => id).join(' |> '),
    adaptive: run.variant.knowsDefense,
    rule,
    split: job.attack.split,
    row: row.rowId,
    original: encoder.pieces(row.ids),
    recovered: encoder.pieces(row.guess),
    status,
  };
  return makeRecord(planDigest, cellOf(job.pipeline, job.attack), {
    kind: 'example',
    name: 'reconstruction',
    value: row.share,
    unit: 'fraction',
    at: job.attack.split,
    data,
  });
}
