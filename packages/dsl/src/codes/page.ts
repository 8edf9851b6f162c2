import { Bug } from '@vflair/core/text';

/** What a code means: printed by `vflair explain CODE` and in docs/errors.md. */
export interface CodePage {
  /** Lower case, no full stop. */
  readonly title: string;
  readonly explanation: string;
  /** A text that has the finding: statements of a pipeline, or a whole file. */
  readonly wrong: string;
  /** The same without it. */
  readonly right: string;
  /** What the examples are written in, as Markdown names it (`json`, `sh`, …); `vflair` when absent. */
  readonly language?: string;
}

/** Pages by code. */
export type CodeTable = { readonly [code: string]: CodePage };

/** All pages, sorted by code. Throws VF903 if two tables explain one code. */
export function mergeCodes(...tables: readonly CodeTable[]): CodeTable {
  const entries = tables.flatMap((table) => Object.entries(table));
  const codes = entries.map(([code]) => code);
  const twice = codes.find((code, i) => codes.indexOf(code) !== i);
  if (twice !== undefined) throw new Bug('VF903', `code ${twice} is explained twice`);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const block = (text: string, language = 'vflair'): string => `\`\`\`${language}\n${text}\n\`\`\``;

/** One page in Markdown: a heading of level 2, what it means, a wrong and a right example. */
export function codePageToMarkdown(code: string, page: CodePage): string {
  return [
    `## ${code}: ${page.title}`,
    page.explanation,
    'Wrong:',
    block(page.wrong, page.language),
    'Right:',
    block(page.right, page.language),
  ].join('\n\n');
}
