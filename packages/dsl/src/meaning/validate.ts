import { createRequire } from 'node:module';
import { type Fields, fieldsSchema } from '@vflair/core/contract';
import { Bug } from '@vflair/core/text';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { lazy } from '../lazy.js';

/** One thing wrong with one field, in ajv's words. */
export interface SchemaError {
  readonly keyword: string;
  readonly field: string;
}

// Loaded when the first text gets that far: a file that only fails to parse never pays for it.
const validator = lazy(() => {
  const { Ajv }: typeof import('ajv') = createRequire(import.meta.url)('ajv');
  // Our schemas are ours: checking them against the schema of schemas would cost more than all the rest.
  const quick = { meta: false, validateSchema: false, code: { optimize: false } } as const;
  const strict = { strict: true, allowUnionTypes: true, allErrors: true } as const;
  return new Ajv({ ...quick, ...strict, useDefaults: true });
});
const known = lazy(() => new WeakMap<object, ValidateFunction>());

/** The schema as a function, made once for each schema object. */
function compiled(key: object, schema: () => object): ValidateFunction {
  const made = known().get(key) ?? validator().compile(schema());
  known().set(key, made);
  return made;
}

function fieldOf({ keyword, instancePath, params }: ErrorObject): string {
  if (keyword === 'additionalProperties') return String(params.additionalProperty);
  if (keyword === 'required') return String(params.missingProperty);
  return instancePath.split('/')[1] ?? '';
}

/** Fills defaults into `values` (which is changed) and says what is wrong, at most one error a field. */
export function checkFields(
  fields: Fields,
  values: Record<string, unknown>,
): readonly SchemaError[] {
  if (Object.keys(fields).length === 0) {
    return Object.keys(values).map((field) => ({ keyword: 'additionalProperties', field }));
  }
  const check = compiled(fields, () => fieldsSchema(fields));
  if (check(values)) return [];
  const errors = new Map<string, SchemaError>();
  for (const problem of check.errors ?? []) {
    const field = fieldOf(problem);
    if (!errors.has(field)) errors.set(field, { keyword: problem.keyword, field });
  }
  return [...errors.values()];
}

/** Where and how a value does not fit a schema, in words; undefined where it does. */
export function misfit(schema: object, value: unknown): string | undefined {
  const check = compiled(schema, () => schema);
  if (check(value)) return undefined;
  const [problem] = check.errors ?? [];
  const place = problem?.instancePath.split('/').slice(1).join('.') ?? '';
  const extra = problem?.keyword === 'additionalProperties' ? fieldOf(problem) : '';
  const what = extra === '' ? problem?.message : `has a key \`${extra}\` that is none of its own`;
  return `${place === '' ? 'it' : `\`${place}\``} ${what}`;
}

/** Throws VF902 if a value made by us does not fit its schema. */
export function assertFits(schema: object, value: unknown, what: string): void {
  const wrong = misfit(schema, value);
  if (wrong !== undefined) throw new Bug('VF902', `${what} does not fit its schema: ${wrong}`);
}
