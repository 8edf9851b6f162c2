import { finding } from '@vflair/core/text';
import { nearestNames } from '../text/nearest-names.js';
import type { Table } from './read-table.js';

/** Where text and label stand: by name (the file has a header) or by number from 1 (it has none). */
export interface Columns {
  readonly text?: string | number;
  readonly label?: string | number;
}

/** One row's raw values; `label` is undefined where the row has none. */
export interface RawRow {
  readonly line: number;
  readonly text: unknown;
  readonly label: unknown;
}

/**
 * Text and label of each row. Without `columns`: those named `text` and `label` if the first line has a cell `text`,
 * otherwise the first and second column. Raises VF542 (no such column) and VF546 (names and numbers mixed).
 */
export function pickColumns(file: string, table: Table, columns: Columns): RawRow[] {
  const stated = [columns.text, columns.label].filter((column) => column !== undefined);
  const numbers = stated.filter((column) => typeof column === 'number');
  if (numbers.length > 0 && (numbers.length < stated.length || table.kind === 'objects')) {
    throw finding(
      'VF546',
      `columns of \`${file}\` are given as ${stated.join(' and ')}`,
      table.kind === 'objects'
        ? 'fields of a .jsonl file have names'
        : 'give all by name (the file has a header) or all by number (it has none)',
    );
  }
  if (table.kind === 'objects') return pickFields(file, table.lines, columns);
  const [head] = table.lines;
  const hasHeader =
    stated.length > 0 ? numbers.length === 0 : head?.cells.includes('text') === true;
  if (hasHeader && head !== undefined)
    return pickNamed(file, table.lines, { head: head.cells, columns });
  const text = checkNumber(columns.text ?? 1, 'text');
  const label = checkNumber(columns.label ?? (columns.text === undefined ? 2 : 0), 'label');
  return table.lines.map(({ line, cells }) => ({
    line,
    text: cells[text - 1],
    label: cells[label - 1],
  }));
}

type Lines<Kind> = Extract<Table, { readonly kind: Kind }>['lines'];

function pickNamed(
  file: string,
  lines: Lines<'cells'>,
  { head, columns }: { head: readonly string[]; columns: Columns },
): RawRow[] {
  const names = head.map((name) => name.trim());
  const text = findName(file, names, String(columns.text ?? 'text'));
  const label =
    columns.label === undefined
      ? names.indexOf('label')
      : findName(file, names, String(columns.label));
  return lines
    .slice(1)
    .map(({ line, cells }) => ({ line, text: cells[text], label: cells[label] }));
}

function pickFields(file: string, lines: Lines<'objects'>, columns: Columns): RawRow[] {
  const names = [...new Set(lines.flatMap(({ fields }) => Object.keys(fields)))];
  const text = String(columns.text ?? 'text');
  const label = String(columns.label ?? 'label');
  findName(file, names, text);
  if (columns.label !== undefined) findName(file, names, label);
  return lines.map(({ line, fields }) => ({ line, text: fields[text], label: fields[label] }));
}

function findName(file: string, names: readonly string[], wanted: string): number {
  const index = names.indexOf(wanted);
  if (index >= 0) return index;
  throw finding(
    'VF542',
    `\`${file}\` has no column \`${wanted}\``,
    `nearest are ${nearestNames(wanted, names)
      .map((name) => `\`${name}\``)
      .join(', ')}; name it with \`columns { … }\``,
  );
}

function checkNumber(column: string | number, what: string): number {
  if (typeof column === 'number' && Number.isInteger(column) && column >= 0) return column;
  throw finding(
    'VF546',
    `column \`${column}\` for ${what} is no whole number`,
    'columns count from 1',
  );
}
