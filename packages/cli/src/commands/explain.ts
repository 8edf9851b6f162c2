import { type CodePage, type CodeTable, languageCodes, mergeCodes } from '@vflair/dsl';
import { bugPage, runningCodes } from '../codes/index.js';
import { Exit, exitCodes } from '../exit.js';
import { type GlobalFlags, openTerminal } from '../terminal/terminal.js';

type Page = Pick<CodePage, 'title' | 'explanation'> & Partial<CodePage>;

/** What a finding means, with a wrong and a right example. An unknown code is an Exit that names the nearest. */
export function explain(word: string, options: GlobalFlags): number {
  const terminal = openTerminal(options);
  const code = word.toUpperCase().replace(/^(?=\d)/, 'VF');
  const table = mergeCodes(languageCodes(), runningCodes());
  const page: Page | undefined = /^VF9\d\d$/.test(code)
    ? bugPage(code)
    : Object.entries(table).find(([name]) => name === code)?.[1];
  if (!page) throw new Exit(exitCodes.usage, unknown(word, nearestCodes(code, table)));
  terminal.print(terminal.isJson ? JSON.stringify({ code, ...page }) : pageText(code, page));
  return exitCodes.done;
}

function unknown(word: string, near: readonly string[]): string {
  const hint =
    near.length > 0 ? `nearest are ${near.join(', ')}` : 'a code is written `VF302`, for example';
  return `there is no code \`${word}\`; ${hint}; docs/errors.md lists them all`;
}

/** The three codes whose numbers are nearest, the smaller first where two are as near; none for what is no code. */
function nearestCodes(code: string, table: CodeTable): string[] {
  const digits = code.match(/^VF(\d+)$/)?.[1];
  if (digits === undefined) return [];
  const far = (name: string): number => Math.abs(Number(name.slice(2)) - Number(digits));
  return Object.keys(table)
    .sort((a, b) => far(a) - far(b) || (a < b ? -1 : 1))
    .slice(0, 3);
}

function pageText(code: string, { title, explanation, wrong, right }: Page): string {
  const example = (name: string, text?: string): string[] =>
    text === undefined ? [] : [`${name}:`, text.replace(/^(?=.)/gm, '    ')];
  return [
    `${code}: ${title}`,
    explanation,
    ...example('Wrong', wrong),
    ...example('Right', right),
  ].join('\n\n');
}
