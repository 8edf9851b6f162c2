import type { RunRecord } from '@vflair/core/contract';
import { grouped } from './cells.js';
import { factsOf, given, numberIn, textIn } from './facts.js';
import type { Report, Timing, Traffic } from './report.js';

const most = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : Math.max(...values);

const known = (records: readonly RunRecord[], key: string): readonly number[] =>
  records.flatMap((record) => numberIn(factsOf(record.data), key) ?? []);

function timingOf(records: readonly RunRecord[]): Timing {
  const [first] = records;
  return {
    seconds: records.reduce((sum, record) => sum + (record.value ?? 0), 0),
    ...given('party', textIn(factsOf(first?.data), 'party')),
    ...given('peakMemory', most(known(records, 'peakMemory'))),
    ...given('tokensPerSecond', most(known(records, 'tokensPerSecond'))),
  };
}

function trafficOf(records: readonly RunRecord[]): Traffic {
  const shape = records.map((record) => factsOf(record.data).shape).find(Array.isArray);
  const sides = (Array.isArray(shape) ? shape : []).filter(
    (side): side is number | string => typeof side === 'number' || typeof side === 'string',
  );
  return {
    total: records.reduce((sum, record) => sum + (record.value ?? 0), 0),
    ...given('perExample', most(known(records, 'perExample'))),
    ...given('shape', sides.length === 0 ? undefined : sides),
  };
}

const sorted = <T>(groups: Map<string, T>): readonly (readonly [string, T])[] =>
  [...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

function byPipeline<T>(
  records: readonly RunRecord[],
  nameOf: (record: RunRecord) => string,
  sumUp: (records: readonly RunRecord[]) => T,
): { readonly [pipeline: string]: { readonly [name: string]: T } } {
  const pipelines = sorted(grouped(records, (record) => record.cell.pipeline));
  return Object.fromEntries(
    pipelines.map(([pipeline, own]) => [
      pipeline,
      Object.fromEntries(sorted(grouped(own, nameOf)).map(([name, group]) => [name, sumUp(group)])),
    ]),
  );
}

// The stages of different parties are different things: `train (server)`.
const stageName = (record: RunRecord): string => {
  const party = textIn(factsOf(record.data), 'party');
  return party === undefined ? record.name : `${record.name} (${party})`;
};

/** Seconds, memory and speed by pipeline and stage, summed over sweep and seeds; peaks are maxima. */
export const timingsOf = (records: readonly RunRecord[]): Report['timings'] =>
  byPipeline(
    records.filter(({ kind }) => kind === 'timing'),
    stageName,
    timingOf,
  );

/** Bytes by pipeline and channel, summed over sweep and seeds. */
export const bytesOf = (records: readonly RunRecord[]): Report['bytes'] =>
  byPipeline(
    records.filter(({ kind }) => kind === 'bytes'),
    (record) => record.name,
    trafficOf,
  );
