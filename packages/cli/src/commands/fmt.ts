import type { Diagnostic, Source } from '@vflair/core/text';
import { format, parse } from '@vflair/dsl';
import { exitCodes } from '../exit.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';
import { missingFile, readText, replaceText } from '../text-file.js';

/** Options of `vflair fmt`. */
export interface FmtOptions extends GlobalFlags {
  readonly check?: boolean;
}

/** Brings texts into their one form, in place; with `--check` only says which are not (exit code 1). A text with mistakes stays as it is. */
export async function fmt(files: readonly string[], options: FmtOptions): Promise<number> {
  const terminal = openTerminal(options);
  const changed: string[] = [];
  let isFailed = false;
  for (const file of files) {
    const text = readText(file);
    const { formatted, findings } =
      text === undefined
        ? { formatted: '', findings: [missingFile(file)] }
        : inOneForm({ name: file, text });
    for (const finding of findings) terminal.finding(finding);
    isFailed ||= findings.length > 0;
    if (findings.length > 0 || formatted === text) continue;
    changed.push(file);
    if (options.check !== true) await replaceText(file, formatted);
    terminal.say(options.check === true ? `${file} is not formatted` : `formatted ${file}`);
  }
  if (terminal.isJson) terminal.print(JSON.stringify(changed));
  const isWrong = isFailed || (options.check === true && changed.length > 0);
  return isWrong ? exitCodes.findings : exitCodes.done;
}

function inOneForm(source: Source): { formatted: string; findings: readonly Diagnostic[] } {
  const { ast, findings } = parse(source);
  const isWhole = findings.every(({ severity }) => severity !== 'error');
  return { formatted: isWhole ? format(ast) : '', findings: isWhole ? [] : findings };
}
