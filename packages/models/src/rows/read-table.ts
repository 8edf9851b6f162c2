import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { finding } from '@vflair/core/text';
import { CsvError, parse } from 'csv-parse/sync';

/** One line of a table; lines count from 1. */
export interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

/** One object of a .jsonl file. */
export interface JsonLine {
  readonly line: number;
  readonly fields: { readonly [name: string]: unknown };
}

/** What a data file holds. */
export type Table =
  | { readonly kind: 'cells'; readonly lines: readonly Line[] }
  | { readonly kind: 'objects'; readonly lines: readonly JsonLine[] };

/**
 * The lines of a .tsv file (tabs only: a quote is an ordinary character), .csv file (RFC 4180) or .jsonl file; a byte
 * order mark and empty lines are passed over. Raises VF540 (not readable, or another kind of file), VF541 (empty) and
 * VF545 (a line that cannot be read).
 */
export function readTable(file: string): Table {
  const kind = extname(file).toLowerCase();
  const read = READERS.get(kind);
  if (read === undefined) {
    throw finding(
      'VF540',
      `data file \`${file}\` is of no known kind`,
      'kinds are .tsv, .csv and .jsonl',
    );
  }
  const table = read(file, readText(file));
  if (table.lines.length > 0) return table;
  throw finding('VF541', `data file \`${file}\` is empty`, 'it needs at least one row');
}

const READERS = new Map<string, (file: string, text: string) => Table>([
  ['.tsv', (_, text) => ({ kind: 'cells', lines: readTabs(text) })],
  ['.csv', (file, text) => ({ kind: 'cells', lines: readCommas(file, text) })],
  ['.jsonl', (file, text) => ({ kind: 'objects', lines: readJsonLines(file, text) })],
]);

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw finding(
      'VF540',
      `data file \`${file}\` is not readable (${why})`,
      'it should be UTF-8 text',
    );
  }
}

function numbered(text: string): { readonly line: number; readonly text: string }[] {
  const lines = text.split('\n').map((line, index) => ({
    line: index + 1,
    text: line.endsWith('\r') ? line.slice(0, -1) : line,
  }));
  return lines.filter((line) => line.text.trim() !== '');
}

function readTabs(text: string): Line[] {
  return numbered(text).map(({ line, text }) => ({ line, cells: text.split('\t') }));
}

function readCommas(file: string, text: string): Line[] {
  const found: Line[] = [];
  let from = 1;
  try {
    parse(text, {
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: string[], { lines }) => {
        found.push({ line: from, cells });
        from = lines + 1;
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw finding(
      'VF545',
      `\`${file}\` is not proper CSV from line ${from} on: ${error.message}`,
      'quote cells with `"` and double the quotes inside (RFC 4180), or use .tsv',
    );
  }
  return found;
}

function readJsonLines(file: string, text: string): JsonLine[] {
  return numbered(text).map(({ line, text }) => {
    const fields = parseObject(text);
    if (fields !== undefined) return { line, fields };
    throw finding(
      'VF545',
      `line ${line} of \`${file}\` is no JSON object`,
      'a .jsonl file has one object per line',
    );
  });
}

function parseObject(text: string): { readonly [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
