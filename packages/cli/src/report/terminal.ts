import { unbroken } from './html/markup.js';
import type { Report } from './report.js';

/** Columns of a terminal's page. */
const width = 80;

/** A sentence without its marks for code and figures. */
export const plainText = (sentence: string): string => sentence.replaceAll('**', '');

/** Words filled into lines of at most `width` columns, a number and its unit together; one longer word has a line of its own. */
export function filled(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of unbroken(text)
    .split(/[ \n]+/)
    .filter((each) => each !== '')) {
    const longer = line === '' ? `${indent}${word}` : `${line} ${word}`;
    if (longer.length > width && line !== '') {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = longer;
  }
  return [...lines, line].join('\n').replaceAll('\u00a0', ' ');
}

function badge({ believed, oracles }: Report): string {
  if (believed) return `believed: all ${oracles.length} checks of the run hold`;
  const failed = oracles
    .filter(({ ok }) => !ok)
    .map(({ name, pipeline }) => `${name} in ${pipeline}`);
  return failed.length === 0
    ? 'NOT TO BE BELIEVED: the run holds no check of itself'
    : `NOT TO BE BELIEVED: ${failed.join(', ')} failed`;
}

/** The badge, then the verdict: a paragraph for each sentence, no colour, at most 80 columns, no line end after the last. */
export function renderTerminal(report: Report): string {
  const { sentences, next } = report.verdict;
  const paragraphs = [badge(report), ...sentences, ...(next === '' ? [] : [next])];
  return paragraphs.map((paragraph) => filled(plainText(paragraph))).join('\n\n');
}
