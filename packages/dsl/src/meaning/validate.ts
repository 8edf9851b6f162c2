import { createRequire } from 'node:module';
import { Bug } from '@vflair/core/text';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { lazy } from '../lazy.js';

// Loaded when the first Plan is made or read: who only checks a text never pays for it.
const validator = lazy(() => {
  const { Ajv }: typeof import('ajv') = createRequire(import.meta.url)('ajv');
  // Our schemas are ours: checking them against the schema of schemas would cost more than all the rest.
  const quick = { meta: false, validateSchema: false, code: { optimize: false } } as const;
  const strict = { strict: true, allowUnionTypes: true, allErrors: true } as const;
  return new Ajv({ ...quick, ...strict });
});
const known = lazy(() => new WeakMap<object, ValidateFunction>());

/** The schema as a function, made once for each schema object. */
function compiled(schema: object): ValidateFunction {
  const made = known().get(schema) ?? validator().compile(schema);
  known().set(schema, made);
  return made;
}

function whatOf({ keyword, message, params }: ErrorObject): string | undefined {
  return keyword === 'additionalProperties'
    ? `has a key \`${String(params.additionalProperty)}\` that is none of its own`
    : message;
}

/** Where and how a value does not fit a schema, in words; undefined where it does. */
export function misfit(schema: object, value: unknown): string | undefined {
  const check = compiled(schema);
  if (check(value)) return undefined;
  const [problem] = check.errors ?? [];
  const place = problem?.instancePath.split('/').slice(1).join('.') ?? '';
  return `${place === '' ? 'it' : `\`${place}\``} ${problem && whatOf(problem)}`;
}

/** Throws VF902 if a value made by us does not fit its schema. */
export function assertFits(schema: object, value: unknown, what: string): void {
  const wrong = misfit(schema, value);
  if (wrong !== undefined) throw new Bug('VF902', `${what} does not fit its schema: ${wrong}`);
}
