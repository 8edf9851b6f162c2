/** A half-open range of UTF-16 offsets, `start` inclusive, `end` exclusive, in one {@link Source}. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text and the name it is reported under (a path as the user wrote it). */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A place in a text; lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset; an offset past the end is the end. */
export function positionAt(source: Source, offset: number): Position {
  const bounded = Math.min(Math.max(offset, 0), source.text.length);
  const before = source.text.slice(0, bounded);
  const lastBreak = before.lastIndexOf('\n');
  let line = 1;
  for (let i = before.indexOf('\n'); i !== -1; i = before.indexOf('\n', i + 1)) line++;
  return { line, column: bounded - lastBreak };
}
