import { createHash } from 'node:crypto';
import type { RunRecord } from '../contract/index.js';

const order = [
  'schema',
  'plan',
  'cell',
  'kind',
  'name',
  'of',
  'goal',
  'value',
  'low',
  'high',
  'n',
  'tokens',
  'unit',
  'at',
  'step',
  'bound',
  'ok',
  'text',
  'data',
] as const;

/** A record as one line, keys in the order of the schema. */
export function recordLine(record: RunRecord): string {
  const { pipeline, defense, attack, seed, sweep } = record.cell;
  const cell = { pipeline, defense, attack, seed, sweep };
  return JSON.stringify(
    Object.fromEntries(
      order.flatMap((key) =>
        record[key] === undefined ? [] : [[key, key === 'cell' ? cell : record[key]]],
      ),
    ),
  );
}

/** SHA-256 over all records but those of kind `timing`, as sorted lines. */
export function recordsDigest(records: readonly RunRecord[]): string {
  const lines = records
    .filter(({ kind }) => kind !== 'timing')
    .map(recordLine)
    .sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** The records of a `records.jsonl`. */
export function parseRecords(text: string): RunRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunRecord);
}
