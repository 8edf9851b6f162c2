import type { Fields } from '@vflair/core/contract';
import type * as ast from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Scope } from '../link/index.js';
import { type FieldsReading, readFields } from './fields.js';

const sliceFields: Fields = {
  quantize: {
    type: 'integer',
    optional: true,
    description: 'Bits of the weights of frozen linear maps, 4 or 8; not rounded when absent.',
  },
};

/** Bits a weight can be rounded to. */
export const isWidth = (bits: unknown): bits is 4 | 8 => bits === 4 || bits === 8;

/** VF404: a number of bits that there is no kernel for. */
const noSuchWidth = (at: ast.SourceSpan, bits: number) =>
  error('VF404', at, `\`quantize\` must be 4 or 8, not \`${bits}\``, {
    hint: 'write `quantize 4` or `quantize 8`',
  });

/** `slice … { … }`. VF401 to VF406. */
export function readSliceFields(
  name: ast.Name,
  fields: ast.Fields | undefined,
  scope: Scope,
): FieldsReading {
  const owner = `slice \`${name.text}\``;
  const reading = readFields(scope, fields, { table: sliceFields, owner, at: name.span });
  const bits = reading.params?.quantize;
  if (typeof bits !== 'number' || isWidth(bits)) return reading;
  const written = fields?.items.find((field) => field.name.text === 'quantize');
  return { params: undefined, findings: [noSuchWidth(written?.value?.span ?? name.span, bits)] };
}
