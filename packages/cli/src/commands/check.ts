import { type Diagnostic, positionAt, type Source, type Span } from '@vflair/core/text';
import { checkText } from '@vflair/dsl/check';
import { Exit, exitCodes } from '../exit.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';
import { missingFile, parseSet, textInput } from '../text-file.js';

/** Options of `vflair check`. */
export interface CheckOptions extends GlobalFlags {
  /** `text`, `json` or `github`. */
  readonly format?: string;
  readonly set?: readonly string[];
}

/** All findings of the files; exit code 1 when one of them is an error. */
export function check(files: readonly string[], options: CheckOptions): number {
  const terminal = openTerminal(options);
  const format = options.json === true ? 'json' : (options.format ?? 'text');
  if (!['text', 'json', 'github'].includes(format))
    throw new Exit(exitCodes.usage, `--format is text, json or github, not \`${format}\``);
  const set = parseSet(options.set ?? []);
  const found = files.flatMap((file) =>
    findingsOf(file, set).map((diagnostic) => ({ file, diagnostic })),
  );
  if (format === 'json')
    terminal.print(JSON.stringify(found.map(({ file, diagnostic }) => asJson(file, diagnostic))));
  if (format === 'github')
    for (const { file, diagnostic } of found) terminal.print(asGithub(file, diagnostic));
  if (format === 'text') {
    for (const { diagnostic } of found) terminal.finding(diagnostic);
    terminal.say(
      summary(
        files,
        found.map(({ diagnostic }) => diagnostic),
      ),
    );
  }
  return found.some(({ diagnostic }) => diagnostic.severity === 'error')
    ? exitCodes.findings
    : exitCodes.done;
}

function findingsOf(file: string, set: ReadonlyMap<string, string>): readonly Diagnostic[] {
  const input = textInput(file, set);
  return input === undefined ? [missingFile(file)] : checkText(input).diagnostics;
}

function summary(files: readonly string[], found: readonly Diagnostic[]): string {
  const errors = found.filter(({ severity }) => severity === 'error').length;
  const warnings = found.length - errors;
  const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${counted(files.length, 'file')}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
}

const origin = { line: 1, column: 1 };

function rangeOf(source: Source | undefined, at: Span | undefined) {
  if (!source || !at) return { start: origin, end: origin };
  return { start: positionAt(source, at.start), end: positionAt(source, at.end) };
}

/** A finding as `check --format json` prints it. */
export function asJson(
  file: string,
  { code, severity, message, hint, at, source, related }: Diagnostic,
): object {
  return {
    code,
    severity,
    message,
    hint: hint ?? '',
    file: source?.name ?? file,
    range: rangeOf(source, at),
    related: (related ?? []).map((other) => ({
      message: other.message,
      range: rangeOf(other.source ?? source, other.at),
    })),
  };
}

/** A finding as a workflow command that GitHub shows beside the line. */
function asGithub(file: string, { code, severity, message, hint, at, source }: Diagnostic): string {
  const { start, end } = rangeOf(source, at);
  const place = `file=${source?.name ?? file},line=${start.line},col=${start.column},endLine=${end.line},endColumn=${end.column}`;
  const text = `${message}${hint ? ` (${hint})` : ''}`.replace(/%/g, '%25').replace(/\n/g, '%0A');
  return `::${severity} ${place},title=${code}::${text}`;
}
