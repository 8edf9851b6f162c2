import { type CatalogEntry, type Fields, findEntry } from '@vflair/core/contract';
import type * as ast from '../ast/ast.js';
import { error } from '../diagnose.js';
import type { Scope } from '../link/index.js';
import { entryOf } from '../words.js';
import { type FieldsReading, readFields } from './fields.js';
import type { NamedMeaning, SliceMeaning, UseMeaning, WorkMeaning } from './meaning.js';
import { absent, failed, had, type Outcome } from './outcome.js';
import {
  defaultSeed,
  finetuneFields,
  measureFields,
  metricNames,
  noFields,
} from './statement-fields.js';

const highestSeed = 2 ** 32 - 1;
/** Fields of something unknown: there is no table to check them against. */
const unchecked: FieldsReading = { params: undefined, findings: [] };

/** `seed …`, or the default. VF403, VF404. */
export function readSeed(value: ast.Value | undefined, scope: Scope): Outcome<number> {
  if (value === undefined) return had(defaultSeed);
  const reading = scope.read(value);
  if (reading.kind === 'hole') return absent;
  const hint = `write for instance \`seed ${defaultSeed}\``;
  if (reading.kind !== 'number' || !Number.isInteger(reading.value)) {
    const written = value.span.source.text.slice(value.span.start, value.span.end);
    const message = `\`seed\` takes a whole number, not \`${written}\``;
    return failed(error('VF403', value.span, message, { hint }));
  }
  if (reading.value >= 0 && reading.value <= highestSeed) return had(reading.value);
  const message = `\`seed\` must be at least 0 and at most ${highestSeed}`;
  return failed(error('VF404', value.span, message, { hint }));
}

interface Named {
  readonly name: ast.Name;
  readonly fields: ast.Fields | undefined;
  readonly entry: CatalogEntry | undefined;
  readonly table: Fields | undefined;
  readonly owner: string;
}

function readNamed({ name, fields, entry, table, owner }: Named, scope: Scope): NamedMeaning {
  if (table === undefined) return { name, entry, fields: unchecked };
  return { name, entry, fields: readFields(scope, fields, { table, owner, at: name.span }) };
}

/** `task …`. VF401 to VF406. */
export function readTask(
  name: ast.Name,
  fields: ast.Fields | undefined,
  scope: Scope,
): NamedMeaning {
  const entry = findEntry(scope.catalog, 'task', name.text);
  const owner = `task \`${name.text}\``;
  return readNamed({ name, fields, entry, table: entry?.params, owner }, scope);
}

/** One plugin of a chain. VF401 to VF406. */
export function readUse(node: ast.Use, kind: 'attack' | 'defense', scope: Scope): UseMeaning {
  const { name, fields } = node;
  const entry = findEntry(scope.catalog, kind, name.text);
  const owner = `${kind} \`${name.text}\``;
  const named = readNamed({ name, fields, entry, table: entry?.params, owner }, scope);
  return { node, entry, fields: named.fields };
}

/** One thing of `measure …`. VF401 to VF406. */
export function readMeasure({ name, fields }: ast.Use, scope: Scope): NamedMeaning {
  const isMetric = metricNames.includes(name.text);
  const table = entryOf(measureFields, name.text) ?? (isMetric ? noFields : undefined);
  const owner = `\`measure ${name.text}\``;
  return readNamed({ name, fields, entry: undefined, table, owner }, scope);
}

/** `finetune …` or `infer`. VF401 to VF406. */
export function readWork(
  node: ast.TaskNode | ast.InferNode | undefined,
  slices: readonly SliceMeaning[],
  scope: Scope,
): WorkMeaning | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'infer') {
    const purpose = { table: noFields, owner: '`infer`', at: node.span };
    const fields = readFields(scope, node.fields, purpose);
    return { node, kind: 'infer', method: undefined, fields };
  }
  const name = node.name?.text ?? '';
  const table = entryOf(finetuneFields, name);
  const method = name === 'lora' || name === 'full' ? name : undefined;
  if (table === undefined) return { node, kind: 'finetune', method, fields: unchecked };
  const words = { slices: slices.map((slice) => slice.name.text) };
  const at = node.name?.span ?? node.span;
  const fields = readFields(scope, node.fields, {
    table,
    owner: `\`finetune ${name}\``,
    at,
    words,
  });
  return { node, kind: 'finetune', method, fields };
}
