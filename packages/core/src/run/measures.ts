import type { PipelinePlan, RunRecord } from '../contract/index.js';
import { cellOf, makeRecord } from './record.js';
import type { SplitSizes } from './selection.js';
import type { TranscriptEntry } from './tap.js';
import type { VictimResult } from './victim.js';

/** Bytes that crossed each cut by kind and phase, in total and per row. */
export function bytesRecords(planDigest: string, pipeline: PipelinePlan, { entries, sizes }: { entries: readonly TranscriptEntry[]; sizes: SplitSizes }): RunRecord[] {
  const groups = Map.groupBy(entries, ({ phase, from, to, kind }) => `${from} -> ${to} ${kind} (${phase})`);
  return [...groups].map(([name, group]) => {
    const total = group.reduce((sum, { bytes }) => sum + bytes, 0);
    const phase = group[0]?.phase ?? 'test';
    const rows = phase === 'train' ? group.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0) : sizes.test;
    const data = { from: group[0]?.from, to: group[0]?.to, kind: group[0]?.kind, phase, perExample: rows === 0 ? 0 : total / rows, shape: group[0]?.shape, messages: group.length };
    return makeRecord(planDigest, cellOf(pipeline), { kind: 'bytes', name, value: total, unit: 'bytes', at: phase, data });
  });
}

/** Seconds per stage of work; left out of `recordsDigest`. */
export function timingRecords(planDigest: string, pipeline: PipelinePlan, victim: VictimResult): RunRecord[] {
  const stages = Object.entries(victim.seconds).map(([name, value]) => makeRecord(planDigest, cellOf(pipeline), { kind: 'timing', name, value, unit: 's' }));
  return [...stages, makeRecord(planDigest, cellOf(pipeline), { kind: 'timing', name: 'peak-memory', value: victim.peakMemory, unit: 'bytes' })];
}
