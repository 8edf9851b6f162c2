import { Ajv } from 'ajv';
import { expect } from 'vitest';

type Schema = { readonly [key: string]: unknown };

const text = { type: 'string' } as const;
const number = { type: 'number' } as const;
const numberOrNull = { type: ['number', 'null'] } as const;
const count = { type: 'integer', minimum: 0 } as const;
const list = (items: Schema): Schema => ({ type: 'array', items });

/** An object with these keys; those of `optional` may be absent, others may not be there. */
const exactly = (required: Schema, optional: Schema = {}): Schema => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
  additionalProperties: false,
});

const position = exactly({
  line: { type: 'integer', minimum: 1 },
  column: { type: 'integer', minimum: 1 },
});
const range = exactly({ start: position, end: position });

/** `check --format json`. */
export const findingsSchema = list(
  exactly({
    code: { type: 'string', pattern: '^VF[0-9]{3}$' },
    severity: { enum: ['error', 'warning'] },
    message: text,
    hint: text,
    file: text,
    range,
    related: list(exactly({ message: text, range })),
  }),
);

const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
const sweep = { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } };

const kinds = [
  'task',
  'attack',
  'oracle',
  'privacy',
  'bytes',
  'timing',
  'baseline',
  'note',
  'example',
];

/** A line of `records.jsonl`, as docs/records.md describes it. */
export const recordSchema = exactly(
  {
    schema: { const: 1 },
    plan: sha256,
    cell: exactly({
      pipeline: { type: 'string', minLength: 1 },
      defense: list(text),
      attack: list(text),
      seed: count,
      sweep,
    }),
    kind: { enum: kinds },
    name: { type: 'string', minLength: 1 },
    value: numberOrNull,
  },
  {
    of: text,
    goal: { enum: ['tokens', 'labels'] },
    low: numberOrNull,
    high: numberOrNull,
    n: count,
    tokens: count,
    unit: { enum: ['fraction', 'bytes', 's', 'bits', 'epsilon', 'distance', 'per token'] },
    at: { enum: ['test', 'train', 'generate'] },
    step: count,
    bound: number,
    ok: { type: 'boolean' },
    text,
    data: {},
  },
);

const figure = {
  type: 'object',
  required: ['value', 'low', 'high', 'n', 'baselines'],
  properties: {
    value: numberOrNull,
    low: numberOrNull,
    high: numberOrNull,
    n: { type: ['integer', 'null'] },
    tokens: count,
    baselines: { type: 'object', additionalProperties: number },
  },
};

/** `report.json`: what others may rely on; there may be more. */
export const reportSchema = {
  type: 'object',
  required: ['schema', 'plan', 'believed', 'oracles', 'cells', 'table', 'timings', 'bytes'],
  properties: {
    schema: { const: 1 },
    plan: sha256,
    believed: { type: 'boolean' },
    oracles: list({
      type: 'object',
      required: ['name', 'value', 'bound', 'ok'],
      properties: {
        name: text,
        value: numberOrNull,
        bound: numberOrNull,
        ok: { type: 'boolean' },
      },
    }),
    cells: list({
      type: 'object',
      required: ['pipeline', 'defense', 'attack', 'sweep', 'seeds', 'metrics'],
      properties: {
        pipeline: text,
        defense: list(text),
        attack: list(text),
        sweep,
        seeds: list(count),
        metrics: { type: 'object', additionalProperties: figure },
      },
    }),
    table: { type: 'array' },
    timings: { type: 'object' },
    bytes: { type: 'object' },
  },
} as const;

/** Fails where a value does not fit a schema, and says where. */
export function expectFits(schema: object, value: unknown): void {
  const ajv = new Ajv({ allowUnionTypes: true });
  const check = ajv.compile(schema);
  check(value);
  expect(check.errors ?? []).toEqual([]);
}
