import type { PipelinePlan, RunRecord } from '../contract/index.js';
import type { AttackJob, AttackRun } from './attack-job.js';
import type { RunContext } from './context.js';
import { exampleRecords } from './examples.js';
import { claimsOf, ledgerRecords } from './ledger.js';
import { bytesRecords, timingRecords } from './measures.js';
import { cellOf, makeRecord } from './record.js';
import type { StageOutcome } from './run-stage.js';
import { scoreAttack } from './score-attack.js';
import { scoreTask } from './score-task.js';
import type { Judged } from './truths.js';

/** All facts of a stage: utility, ledger, bytes, timings, and the figures of each attack. */
export async function stageRecords(
  context: RunContext,
  outcome: StageOutcome,
): Promise<RunRecord[]> {
  const { stage, judged, victim, attacks } = outcome;
  const { planDigest } = context;
  const records: RunRecord[] = [];
  for (const pipeline of stage.members) {
    const task = await context.library.task(pipeline.task.id);
    const { evaluation } = victim;
    if (evaluation)
      records.push(
        ...scoreTask({
          planDigest,
          pipeline,
          task,
          judged,
          evaluation,
          withoutBody: outcome.withoutBody,
        }),
      );
    records.push(...warningRecords(planDigest, pipeline, judged));
    records.push(...ledgerRecords(planDigest, pipeline, await claimsOf(context, pipeline)));
    records.push(...bytesRecords(planDigest, pipeline, victim.entries));
    records.push(...timingRecords(planDigest, pipeline, victim));
  }
  for (const { job, runs, readOut } of attacks) {
    records.push(...scoreAttack(job, runs, { planDigest, readOut }));
    records.push(...exampleRecords(planDigest, job, runs));
    records.push(...runs.map((run) => attackTiming(planDigest, job, run)));
  }
  return records;
}

/** What the report should say of the rows: how many were cut or left out. */
function warningRecords(planDigest: string, pipeline: PipelinePlan, { rows }: Judged): RunRecord[] {
  return rows.warnings.map(({ code, message }) =>
    makeRecord(planDigest, cellOf(pipeline), {
      kind: 'note',
      name: 'check-warning',
      value: null,
      text: `${code}: ${message}`,
    }),
  );
}

function attackTiming(
  planDigest: string,
  { pipeline, attack }: AttackJob,
  { variant, seconds }: AttackRun,
): RunRecord {
  return makeRecord(planDigest, cellOf(pipeline, attack), {
    kind: 'timing',
    name: `attack (${variant.name})`,
    value: seconds,
    unit: 's',
  });
}
