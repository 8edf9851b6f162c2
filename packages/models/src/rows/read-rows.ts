import { basename } from 'node:path';
import type { DataRow } from '@vflair/core/contract';
import { type Diagnostic, Findings, finding } from '@vflair/core/text';
import { type Columns, pickColumns, type RawRow } from './columns.js';
import { readTable } from './read-table.js';

/** What is expected of a data file. */
export interface RowOptions {
  readonly columns?: Columns;
  /** Number of classes where the task needs labels: then every row must have one, in [0, labels). */
  readonly labels?: number;
}

/** Most findings of one file; what is beyond is counted in the last one. */
const MOST_FINDINGS = 10;

/**
 * Rows of a .tsv, .csv or .jsonl file; ids are `<file name>:<line>`. A label is optional unless `labels` or its column
 * is given. Raises VF540 (not readable), VF541 (no rows), VF542 (no such column), VF543 (a row without text or label),
 * VF544 (label no integer, or out of range), VF545 (a line that cannot be read), VF546 (columns misnamed).
 */
export function readRows(file: string, { columns = {}, labels }: RowOptions = {}): DataRow[] {
  const raw = pickColumns(file, readTable(file), columns);
  if (raw.length === 0) {
    throw finding(
      'VF541',
      `data file \`${file}\` has a header and no rows`,
      'it needs at least one row',
    );
  }
  const isLabelled = labels !== undefined || columns.label !== undefined;
  const wrong: Diagnostic[] = [];
  const rows = raw.flatMap((row) => {
    const read = readRow(file, row, { isLabelled, labels });
    if (!('code' in read)) return [read];
    wrong.push(read);
    return [];
  });
  if (wrong.length > 0) throw new Findings(shorten(wrong));
  return rows;
}

function readRow(
  file: string,
  { line, text, label }: RawRow,
  { isLabelled, labels }: { isLabelled: boolean; labels: number | undefined },
): DataRow | Diagnostic {
  const error = (code: string, message: string, hint: string): Diagnostic => ({
    code,
    severity: 'error',
    message: `line ${line} of \`${file}\` ${message}`,
    hint,
  });
  if (typeof text !== 'string' || text.trim() === '') {
    return error('VF543', 'has no text', 'fill it in or remove the line');
  }
  const row = { id: `${basename(file)}:${line}`, text };
  const isAbsent = label === undefined || label === null || label === '';
  if (isAbsent) {
    if (!isLabelled) return row;
    return error(
      'VF543',
      'has no label',
      'add one, or say where it stands with `columns { label … }`',
    );
  }
  const value = integerOf(label);
  if (value !== undefined && value >= 0 && value < (labels ?? Number.POSITIVE_INFINITY)) {
    return { ...row, label: value };
  }
  if (!isLabelled) return row;
  const range = labels === undefined ? 'integers from 0 on' : `integers from 0 to ${labels - 1}`;
  return error(
    'VF544',
    `has the label \`${String(label).slice(0, 40)}\``,
    `labels are ${range}${headerHint(line)}`,
  );
}

function headerHint(line: number): string {
  return line === 1
    ? '; if line 1 is a header, name the columns: `columns { text "…", label "…" }`'
    : '';
}

/** An integer as a number or as its decimal digits. */
function integerOf(label: unknown): number | undefined {
  const value = typeof label === 'string' && /^\s*[+-]?\d+\s*$/.test(label) ? Number(label) : label;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

function shorten(wrong: readonly Diagnostic[]): Diagnostic[] {
  const shown = wrong.slice(0, MOST_FINDINGS);
  const last = shown.pop();
  const more = wrong.length - MOST_FINDINGS;
  if (last === undefined) return shown;
  return [
    ...shown,
    more > 0 ? { ...last, message: `${last.message}, and ${more} more lines` } : last,
  ];
}
