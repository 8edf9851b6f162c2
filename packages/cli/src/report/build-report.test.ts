import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildReport } from './build-report.js';
import { digest } from './invented-records.test.helper.js';
import { inventedRecords, inventedRun } from './invented-run.test.helper.js';

const number = { type: ['number', 'null'] };

const figure = {
  type: 'object',
  required: ['value', 'low', 'high', 'n', 'baselines'],
  properties: {
    value: number,
    low: number,
    high: number,
    n: { type: ['integer', 'null'] },
    tokens: { type: 'integer' },
    baselines: { type: 'object', additionalProperties: { type: 'number' } },
  },
};

const cellSchema = {
  type: 'object',
  required: ['pipeline', 'defense', 'attack', 'sweep', 'seeds', 'metrics'],
  properties: {
    pipeline: { type: 'string' },
    defense: { type: 'array', items: { type: 'string' } },
    attack: { type: 'array', items: { type: 'string' } },
    sweep: { type: 'object' },
    seeds: { type: 'array', items: { type: 'integer' } },
    metrics: { type: 'object', additionalProperties: figure },
  },
};

const schema = {
  type: 'object',
  required: ['schema', 'plan', 'believed', 'oracles', 'cells', 'table', 'timings', 'bytes'],
  properties: {
    schema: { const: 1 },
    plan: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    believed: { type: 'boolean' },
    oracles: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'value', 'bound', 'ok'],
        properties: {
          name: { type: 'string' },
          value: number,
          bound: number,
          ok: { type: 'boolean' },
        },
      },
    },
    cells: { type: 'array', items: cellSchema },
    table: { type: 'array' },
    timings: { type: 'object' },
    bytes: { type: 'object' },
  },
};

test('the report has the documented shape', () => {
  const check = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
  check(JSON.parse(JSON.stringify(buildReport(inventedRun()))));
  expect(check.errors).toBeNull();
});

test('nothing is lost on the way through JSON: no undefined, no NaN', () => {
  const report = buildReport(inventedRun());
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

test('the order of the records makes no difference', () => {
  const once = JSON.stringify(buildReport(inventedRun()));
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...inventedRecords], { minLength: inventedRecords.length }),
      (records) => {
        expect(JSON.stringify(buildReport(inventedRun({ records })))).toBe(once);
      },
    ),
    { numRuns: 12 },
  );
});

test('a fact written twice counts once', () => {
  const twice = [...inventedRecords, ...inventedRecords];
  expect(buildReport(inventedRun({ records: twice }))).toEqual(buildReport(inventedRun()));
});

test('a task cell has no attack and an attack cell no task', () => {
  const { cells } = buildReport(inventedRun());
  const plain = cells.filter(({ pipeline }) => pipeline === 'plain');
  expect(plain.map(({ attack }) => attack)).toEqual([[], ['learned-inversion'], ['vmi']]);
  expect(Object.keys(plain[0]?.metrics ?? {})).toEqual(['accuracy']);
});

test('cells follow the order of the plan', () => {
  const order = [...new Set(buildReport(inventedRun()).cells.map(({ pipeline }) => pipeline))];
  expect(order).toEqual(['plain', 'sparsified', 'dp-8', 'dp-512', 'head-tail', 'chat']);
});

test('the ledger states a claim and its ceiling, or none and why', () => {
  const { ledger } = buildReport(inventedRun());
  expect(ledger.map(({ pipeline, epsilon, ceiling }) => [pipeline, epsilon, ceiling])).toEqual([
    ['sparsified', null, null],
    ['dp-8', 8, 0.798],
    ['dp-512', 512, 1],
  ]);
});

test('time and bytes are told by pipeline, stage and channel', () => {
  const { timings, bytes } = buildReport(inventedRun());
  expect(timings.plain?.['train (server)']).toMatchObject({ seconds: 63.2, peakMemory: 598e6 });
  expect(bytes.plain?.['head -> body activation']).toEqual({
    total: 32_768 * 6500,
    perExample: 32_768,
    shape: [64, 128],
  });
});

test('what the adversary is granted, makes itself and reveals is told for each message', () => {
  const [scene] = buildReport(inventedRun()).threat;
  expect(
    scene?.crossings.map(({ from, to, kind, sighting, revealed }) => [
      from,
      to,
      kind,
      sighting,
      revealed,
    ]),
  ).toEqual([
    ['head', 'body', 'activation', 'granted', '93.2 % of the tokens read'],
    ['body', 'tail', 'activation', 'own', null],
    ['tail', 'body', 'gradient', 'granted', null],
    ['body', 'head', 'gradient', 'own', null],
  ]);
});

test('a message that reaches the adversary but was not granted is said to be withheld', () => {
  const run = inventedRun();
  const pipelines = run.plan.pipelines.map((pipeline) => ({
    ...pipeline,
    adversaries: pipeline.adversaries.map((adversary) => ({ ...adversary, sees: ['gradients'] })),
  }));
  const [scene] = buildReport({ ...run, plan: { schema: 1, pipelines } }).threat;
  expect(scene?.crossings.map(({ sighting }) => sighting)).toEqual([
    'withheld',
    'own',
    'granted',
    'own',
  ]);
});

test('an empty run folder gives a report that is not believed', () => {
  const report = buildReport(inventedRun({ records: [], lock: undefined }));
  expect([report.believed, report.plan, report.cells]).toEqual([false, digest, []]);
});
