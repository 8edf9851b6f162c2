import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunRecord } from '../contract/index.js';
import { parseRecords, recordLine, recordsDigest } from './records-file.js';

const cell = { pipeline: 'plain', defense: [], attack: ['vmi'], seed: 60, sweep: {} };
const record = (name: string, rest: Partial<RunRecord> = {}): RunRecord => ({
  ...{ schema: 1, plan: 'p', cell, kind: 'attack', name, value: 0.5 },
  ...rest,
});
const records = [
  record('positional-accuracy', { n: 10, tokens: 90 }),
  record('prior', { kind: 'baseline', of: 'positional-accuracy' }),
  record('accuracy', { kind: 'task', value: null, low: null }),
];

test('the digest does not see timings, or the order of records or keys', () => {
  const digest = recordsDigest(records);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(records, { minLength: records.length }),
      fc.double({ noNaN: true }),
      (shuffled, seconds) => {
        const turned = shuffled.map((one) => Object.fromEntries(Object.entries(one).reverse()));
        const timing = record('train', { kind: 'timing', value: seconds });
        expect(recordsDigest([...(turned as unknown as RunRecord[]), timing])).toBe(digest);
      },
    ),
  );
});

test('the digest sees every fact', () => {
  const [first, ...others] = records;
  const changes: Partial<RunRecord>[] = [
    { value: 0.5000001 },
    { n: 11 },
    { text: 'at least' },
    { data: { adaptive: true } },
    { cell: { ...cell, seed: 61 } },
    { ok: false },
  ];
  const digests = changes.map((change) =>
    recordsDigest([{ ...record('x'), ...first, ...change }, ...others]),
  );
  expect(new Set([recordsDigest(records), ...digests]).size).toBe(changes.length + 1);
});

test('a line begins with schema, plan and cell, and leaves absent facts out', () => {
  expect(recordLine(record('x', { n: 3 }))).toBe(
    '{"schema":1,"plan":"p","cell":{"pipeline":"plain","defense":[],"attack":["vmi"],"seed":60,"sweep":{}},' +
      '"kind":"attack","name":"x","value":0.5,"n":3}',
  );
});

test('lines read again are the records', () => {
  const text = records.map((one) => `${recordLine(one)}\n`).join('');
  expect(parseRecords(text)).toEqual(records);
});
