import type { AuxiliaryPlan, CatalogEntry, DataPlan, Fields } from '@vflair/core/contract';
import { findEntry } from '@vflair/core/contract';
import type { Diagnostic } from '@vflair/core/text';
import type * as ast from '../ast/ast.js';
import { error, related } from '../diagnose.js';
import { fileNotFound, isPath, type Scope } from '../link/index.js';
import { suggest } from '../words.js';
import { readFields, unknownField } from './fields.js';
import { absent, failed, had, type Outcome } from './outcome.js';
import { auxiliaryFields, dataFields } from './statement-fields.js';
import { readText } from './text.js';

type Columns = DataPlan['columns'];
type Origin = Pick<DataPlan, 'kind' | 'ref'> & { readonly entry: CatalogEntry | undefined };

/** Rows, and the catalog's entry for them where they come from there. */
export interface RowsFacts<P> {
  readonly plan: P;
  readonly entry: CatalogEntry | undefined;
  /** Where another file for the test rows is named. */
  readonly testFileAt: ast.SourceSpan | undefined;
}

/** What a column can be. */
const roles = ['text', 'label', 'pair'];

/** VF205: a dataset that is not in the catalog. */
const unknownDataset = (at: ast.SourceSpan, name: string, known: readonly string[]): Diagnostic =>
  error('VF205', at, `unknown dataset \`${name}\``, {
    hint: /[./\\]/.test(name)
      ? `a file begins with \`./\`: write \`"./${name}"\``
      : suggest(name, known, 'write `"./file.tsv"` for a file'),
  });

/** VF403: a column that is neither a name nor a number. */
const badColumn = (at: ast.SourceSpan, role: string): Diagnostic =>
  error('VF403', at, `column \`${role}\` takes a name in quotes or a number from 1`, {
    hint: `write \`${role} "header"\` for a file with a header, \`${role} 1\` for one without`,
  });

/** VF326: some columns by name and some by number. */
const mixedColumns = (at: ast.SourceSpan, other: ast.SourceSpan): Diagnostic =>
  error('VF326', at, 'some columns go by name and some by number', {
    hint: 'columns by name need a header, columns by number mean there is none: use one of both',
    related: [related(other, 'the other kind here')],
  });

function readOrigin(at: ast.SourceSpan, ref: string, scope: Scope): Outcome<Origin> {
  if (ref.startsWith('hf:')) return had({ kind: 'hub', ref, entry: undefined });
  if (isPath(ref)) {
    if (scope.files.exists(ref) !== 'file') return failed(fileNotFound(at, ref));
    return had({ kind: 'file', ref, entry: undefined });
  }
  const entry = findEntry(scope.catalog, 'dataset', ref);
  const known = scope.catalog.entries.filter(({ kind }) => kind === 'dataset').map(({ id }) => id);
  if (entry === undefined) return failed(unknownDataset(at, ref, [...known, ...scope.lets]));
  return had({ kind: 'catalog', ref, entry });
}

function readColumn(field: ast.Field, scope: Scope): Outcome<string | number> {
  const name = field.name.text;
  if (!roles.includes(name)) return failed(unknownField(field.name, '`columns`', roles));
  const at = field.fields?.span ?? field.value?.span;
  if (at === undefined) return absent;
  const reading = field.value === undefined ? undefined : scope.read(field.value);
  if (reading?.kind === 'hole') return absent;
  if (reading?.kind === 'string') return had(reading.text);
  const isNumber =
    reading?.kind === 'number' && Number.isInteger(reading.value) && reading.value >= 1;
  return isNumber ? had(reading.value) : failed(badColumn(at, name));
}

function readColumns(fields: ast.Fields | undefined, scope: Scope): Outcome<Columns> {
  const node = fields?.items.find(({ name }) => name.text === 'columns');
  if (node === undefined) return had({});
  if (node.fields === undefined)
    return node.value === undefined ? absent : failed(badColumn(node.value.span, 'text'));
  const columns: Record<string, string | number> = {};
  const places = new Map<string, ast.SourceSpan>();
  const findings: Diagnostic[] = [];
  for (const field of node.fields.items) {
    const column = readColumn(field, scope);
    findings.push(...column.findings);
    if (column.value === undefined) continue;
    columns[field.name.text] = column.value;
    const kind = typeof column.value;
    const [other] = [...places].flatMap(([seen, at]) => (seen === kind ? [] : [at]));
    if (other !== undefined) findings.push(mixedColumns(field.span, other));
    places.set(kind, field.span);
  }
  return { value: findings.length > 0 ? undefined : columns, findings };
}

interface Reading {
  readonly origin: Origin | undefined;
  readonly columns: Columns | undefined;
  readonly params: ReturnType<typeof readFields>['params'];
  readonly findings: readonly Diagnostic[];
}

function readRows(
  node: ast.SubjectNode | ast.AuxiliaryNode,
  table: Fields,
  scope: Scope,
): Reading | undefined {
  if (node.value === undefined) return undefined;
  const owner = `\`${node.kind}\``;
  const fields = readFields(scope, node.fields, {
    table,
    owner,
    at: node.span,
    except: ['columns'],
  });
  const ids = scope.catalog.entries.filter(({ kind }) => kind === 'dataset').map(({ id }) => id);
  const text = readText(node.value, scope, { owner, words: ids });
  const origin = text.value === undefined ? absent : readOrigin(node.value.span, text.value, scope);
  const columns = readColumns(node.fields, scope);
  const findings = [text, origin, columns, fields].flatMap((each) => each.findings);
  return { origin: origin.value, columns: columns.value, params: fields.params, findings };
}

const numberOr = (value: unknown): number | null => (typeof value === 'number' ? value : null);

function readTestFile(
  node: ast.SubjectNode,
  scope: Scope,
): Outcome<string> & { at?: ast.SourceSpan } {
  const value = node.fields?.items.find(({ name }) => name.text === 'test-file')?.value;
  const reading = value === undefined ? undefined : scope.read(value);
  if (value === undefined || reading?.kind !== 'string') return absent;
  const path = scope.path(reading.text, reading.source);
  const at = value.span;
  if (scope.files.exists(path) === 'file') return { ...had(path), at };
  return { ...failed(fileNotFound(at, path)), at };
}

/** What `data …` names. VF205, VF210, VF212, VF326, VF401 to VF406. */
export function readData(
  node: ast.SubjectNode | undefined,
  scope: Scope,
): Outcome<RowsFacts<DataPlan>> {
  const rows = node && readRows(node, dataFields, scope);
  if (node === undefined || rows === undefined) return absent;
  const testFile = readTestFile(node, scope);
  const findings = [...rows.findings, ...testFile.findings];
  const { origin, columns, params } = rows;
  if (origin === undefined || columns === undefined || params === undefined)
    return { value: undefined, findings };
  const { entry, ...where } = origin;
  const plan: DataPlan = {
    ...where,
    testFile: testFile.value ?? null,
    train: numberOr(params.train),
    test: numberOr(params.test),
    maxLength: numberOr(params['max-length']),
    columns,
  };
  return { value: { plan, entry, testFileAt: testFile.at }, findings };
}

/** What `auxiliary …` names; the same findings. */
export function readAuxiliary(
  node: ast.AuxiliaryNode | undefined,
  scope: Scope,
): Outcome<RowsFacts<AuxiliaryPlan>> {
  const rows = node && readRows(node, auxiliaryFields, scope);
  if (rows === undefined) return absent;
  const { origin, columns, params, findings } = rows;
  if (origin === undefined || columns === undefined || params === undefined)
    return { value: undefined, findings };
  const { entry, ...where } = origin;
  const plan: AuxiliaryPlan = { ...where, rows: numberOr(params.rows), columns };
  return { value: { plan, entry, testFileAt: undefined }, findings };
}
