import type { Fields } from '@vflair/core/contract';
import { entryOf } from '../words.js';

/** One thing wrong with one field, in the words of JSON Schema: `required`, `additionalProperties`, `type`, `enum` or a bound. */
export interface FieldError {
  readonly keyword: string;
  readonly field: string;
}

type Spec = Fields[string];

const types: { readonly [T in Spec['type']]: (value: unknown) => boolean } = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: Number.isFinite,
  integer: Number.isInteger,
  array: Array.isArray,
};

const bounds = {
  maximum: (value: number, bound: number) => value <= bound,
  minimum: (value: number, bound: number) => value >= bound,
  exclusiveMaximum: (value: number, bound: number) => value < bound,
  exclusiveMinimum: (value: number, bound: number) => value > bound,
};
const boundNames = ['maximum', 'minimum', 'exclusiveMaximum', 'exclusiveMinimum'] as const;

/** The first thing a value breaks of its field; undefined where it fits. */
function broken(spec: Spec, value: unknown): string | undefined {
  if (!types[spec.type](value)) return 'type';
  if (spec.type === 'array' && Array.isArray(value))
    return value.every(types[spec.items.type]) ? undefined : 'type';
  if (spec.type === 'string' && typeof value === 'string')
    return spec.enum?.includes(value) === false ? 'enum' : undefined;
  if ((spec.type !== 'number' && spec.type !== 'integer') || typeof value !== 'number')
    return undefined;
  return boundNames.find((name) => {
    const bound = spec[name];
    return bound !== undefined && !bounds[name](value, bound);
  });
}

function fillDefaults(fields: Fields, values: Record<string, unknown>): void {
  for (const [field, spec] of Object.entries(fields)) {
    if (spec.default === undefined || entryOf(values, field) !== undefined) continue;
    values[field] = spec.type === 'array' ? [...spec.default] : spec.default;
  }
}

/**
 * Fills defaults into `values` (which is changed) and says what is wrong, at most one error a field: what is missing
 * first, then what is unknown, then what does not fit. By hand and not by a schema compiler, which takes longer to
 * load than a text takes to check.
 */
export function checkFields(
  fields: Fields,
  values: Record<string, unknown>,
): readonly FieldError[] {
  fillDefaults(fields, values);
  const written = (field: string): boolean => entryOf(values, field) !== undefined;
  const table = Object.entries(fields);
  return [
    ...table
      .filter(([field, { optional }]) => optional !== true && !written(field))
      .map(([field]) => ({ keyword: 'required', field })),
    ...Object.keys(values)
      .filter((field) => !Object.hasOwn(fields, field))
      .map((field) => ({ keyword: 'additionalProperties', field })),
    ...table.flatMap(([field, spec]) => {
      const keyword = written(field) ? broken(spec, entryOf(values, field)) : undefined;
      return keyword === undefined ? [] : [{ keyword, field }];
    }),
  ];
}
