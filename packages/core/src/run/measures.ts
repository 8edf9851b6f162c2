import type { PipelinePlan, RunRecord } from '../contract/index.js';
import { at } from '../text/index.js';
import { cellOf, makeRecord } from './record.js';
import type { TranscriptEntry } from './tap.js';
import type { VictimResult } from './victim.js';

/** Bytes that crossed each cut by kind over the whole run; per example, what one row of the last message took. */
export function bytesRecords(
  planDigest: string,
  pipeline: PipelinePlan,
  entries: readonly TranscriptEntry[],
): RunRecord[] {
  const groups = Map.groupBy(entries, ({ from, to, kind }) => `${from} -> ${to} ${kind}`);
  return [...groups].map(([name, group]) => {
    const total = group.reduce((sum, { bytes }) => sum + bytes, 0);
    const rows = group.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    const shape = at(group, group.length - 1).shape.slice(1);
    const data = { perExample: rows === 0 ? 0 : total / rows, shape, messages: group.length };
    return makeRecord(planDigest, cellOf(pipeline), {
      kind: 'bytes',
      name,
      value: total,
      unit: 'bytes',
      data,
    });
  });
}

/** Seconds per stage of work; left out of `recordsDigest`. */
export function timingRecords(
  planDigest: string,
  pipeline: PipelinePlan,
  victim: VictimResult,
): RunRecord[] {
  return Object.entries(victim.seconds).map(([name, value]) =>
    makeRecord(planDigest, cellOf(pipeline), {
      kind: 'timing',
      name,
      value,
      unit: 's',
      data: { peakMemory: victim.peakMemory },
    }),
  );
}
