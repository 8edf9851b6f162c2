import type { Diagnostic, Related } from './diagnostic.js';
import { positionAt, type Source, type Span } from './span.js';

/** How a finding is drawn. */
export interface FrameOptions {
  /** Terminal colours; off by default. */
  readonly color?: boolean;
  /** Columns a source line may take; longer ones are cut around the finding. */
  readonly width?: number;
}

const defaultWidth = 100;
const tab = '    ';
const colors = { error: 31, warning: 33, place: 34, bold: 1 } as const;
type Paint = (color: keyof typeof colors, text: string) => string;

const painter =
  (isOn: boolean): Paint =>
  (color, text) =>
    isOn ? `\u001b[${colors[color]}m${text}\u001b[0m` : text;

const placeName = (source: Source, offset: number): string => {
  const { line, column } = positionAt(source, offset);
  return `${source.name}:${line}:${column}`;
};

function lineAround(source: Source, offset: number): Span {
  const start = source.text.lastIndexOf('\n', offset - 1) + 1;
  const found = source.text.indexOf('\n', start);
  const end = found === -1 ? source.text.length : found;
  return { start, end: source.text[end - 1] === '\r' ? end - 1 : end };
}

const columnsOf = (text: string): number => [...text].length;
const untab = (text: string): string => text.replaceAll('\t', tab);

/** The line and the carets under it, both with tabs as spaces and no wider than `width`. */
function drawLine(
  source: Source,
  at: Span,
  width: number,
): readonly [line: string, carets: string] {
  const line = lineAround(source, at.start);
  const before = untab(source.text.slice(line.start, at.start));
  const marked = untab(source.text.slice(at.start, Math.max(at.start, Math.min(at.end, line.end))));
  const after = untab(source.text.slice(at.start, line.end)).slice(marked.length);
  const carets = Math.max(1, columnsOf(marked));
  const whole = [...before, ...marked, ...after];
  const indent = columnsOf(before);
  if (whole.length <= width) return [whole.join(''), ' '.repeat(indent) + '^'.repeat(carets)];
  const start = Math.max(0, Math.min(indent - Math.floor(width / 4), whole.length - width));
  const shown = whole.slice(start, start + width);
  if (start > 0) shown.splice(0, 1, '…');
  if (start + width < whole.length) shown.splice(-1, 1, '…');
  const visible = Math.min(carets, width - (indent - start));
  return [shown.join(''), ' '.repeat(indent - start) + '^'.repeat(visible)];
}

function drawRelated({ at, source, message }: Related, home: Source): string {
  return at === undefined ? message : `${message}: ${placeName(source ?? home, at.start)}`;
}

/**
 * A finding as a person reads it: what, where with the line itself and carets under the place, what explains it,
 * what to write instead. `source` is the text it is about unless the finding names another. No line end at the end.
 */
export function formatDiagnostic(
  diagnostic: Diagnostic,
  source: Source,
  options: FrameOptions = {},
): string {
  const paint = painter(options.color === true);
  const { at, code, severity } = diagnostic;
  const home = diagnostic.source ?? source;
  const title = `${paint(severity, `${severity} ${code}`)}${paint('bold', `: ${diagnostic.message}`)}`;
  const notes = (diagnostic.related ?? []).map((related) => drawRelated(related, home));
  if (diagnostic.hint !== undefined) notes.push(`hint: ${diagnostic.hint}`);
  const number = at === undefined ? '' : String(positionAt(home, at.start).line);
  const gutter = ' '.repeat(Math.max(1, number.length));
  const below = notes.map((note) => `${gutter} ${paint('place', '=')} ${note}`);
  if (at === undefined) return [title, ...below].join('\n');
  const [line, carets] = drawLine(home, at, options.width ?? defaultWidth);
  return [
    title,
    `${gutter}${paint('place', '-->')} ${placeName(home, at.start)}`,
    `${paint('place', `${number} |`)} ${line}`.trimEnd(),
    `${gutter} ${paint('place', '|')} ${' '.repeat(carets.length - carets.trimStart().length)}${paint(severity, carets.trimStart())}`,
    ...below,
  ].join('\n');
}
