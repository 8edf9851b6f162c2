import type { Fields } from '@vflair/core/contract';
import { Ajv, type ErrorObject } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkFields, type FieldError } from './check-fields.js';

/** The table as JSON Schema: unknown keys refused, required where there is neither default nor `optional`. */
function schemaOf(fields: Fields): object {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, { optional: _, ...schema }]) => [name, schema]),
  );
  const required = Object.keys(fields).filter(
    (name) => fields[name]?.default === undefined && fields[name]?.optional !== true,
  );
  return { type: 'object', properties, required, additionalProperties: false };
}

function fieldOf({ keyword, instancePath, params }: ErrorObject): string {
  if (keyword === 'additionalProperties') return String(params.additionalProperty);
  if (keyword === 'required') return String(params.missingProperty);
  return instancePath.split('/')[1] ?? '';
}

const ajv = new Ajv({ strict: true, allErrors: true, useDefaults: true, validateSchema: false });

/** The same by a validator of JSON Schema, the first error of each field. */
function byAjv(fields: Fields, values: Record<string, unknown>): readonly FieldError[] {
  const check = ajv.compile(schemaOf(fields));
  check(values);
  const errors = new Map<string, FieldError>();
  for (const problem of check.errors ?? []) {
    const field = fieldOf(problem);
    if (!errors.has(field)) errors.set(field, { keyword: problem.keyword, field });
  }
  return [...errors.values()];
}

const description = fc.constant('');
const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(-0.5, 0.5, 1.5));
const word = fc.constantFrom('a', 'b', 'c');
const optional = fc.boolean();
const either = { requiredKeys: ['type', 'description'] as ['type', 'description'] };
const field = fc.oneof(
  fc.record(
    {
      type: fc.constant('string' as const),
      description,
      optional,
      enum: fc.uniqueArray(word, { minLength: 1 }),
      default: word,
    },
    either,
  ),
  fc.record(
    { type: fc.constant('boolean' as const), description, optional, default: fc.boolean() },
    either,
  ),
  fc.record(
    {
      type: fc.constantFrom('number' as const, 'integer' as const),
      description,
      optional,
      default: number,
      minimum: number,
      maximum: number,
      exclusiveMinimum: number,
      exclusiveMaximum: number,
    },
    either,
  ),
  fc.record(
    {
      type: fc.constant('array' as const),
      description,
      optional,
      items: fc.record({ type: fc.constantFrom('string' as const, 'number' as const) }),
      default: fc.array(fc.oneof(word, number)),
    },
    { requiredKeys: ['type', 'description', 'items'] },
  ),
);
const plain = fc.oneof(number, word, fc.boolean(), fc.constantFrom(Infinity, Number.NaN, null));
const value = fc.oneof({ weight: 4, arbitrary: plain }, fc.array(plain, { maxLength: 3 }));
const name = fc.constantFrom('rank', 'learning-rate', 'targets', 'x');
const tables: fc.Arbitrary<Fields> = fc.dictionary(name, field, { noNullPrototype: true });
const written = fc.dictionary(name, value, { noNullPrototype: true });

test('says and fills in what a validator of JSON Schema does', () => {
  fc.assert(
    fc.property(tables, written, (fields, values) => {
      const theirs = structuredClone(values);
      const ours = structuredClone(values);
      const expected = byAjv(fields, theirs);
      expect(checkFields(fields, ours)).toEqual(expected);
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 300 },
  );
});

test('a default list is not shared', () => {
  const values: { targets?: string[] } = {};
  const targets = ['query'];
  const items = { type: 'string' } as const;
  checkFields({ targets: { type: 'array', items, default: targets, description: '' } }, values);
  expect(values.targets).toEqual(targets);
  expect(values.targets).not.toBe(targets);
});

test('what every object inherits is no field', () => {
  expect(checkFields({}, { constructor: 1 })).toEqual([
    { keyword: 'additionalProperties', field: 'constructor' },
  ]);
  const text = { type: 'string', description: '' } as const;
  expect(checkFields({ valueOf: text }, {})).toEqual([{ keyword: 'required', field: 'valueOf' }]);
});
