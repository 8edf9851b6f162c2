import { finding } from '@vflair/core/text';
import { shortName } from './stored-type.js';

/**
 * A JSON object as a map of its entries. Raises VF512 where the bytes are not UTF-8, not JSON, not an object, or name
 * an entry twice (which JSON.parse would pass over).
 */
export function parseUniqueJson(file: string, bytes: Uint8Array): ReadonlyMap<string, unknown> {
  const unreadable = (why: string): Error =>
    finding(
      'VF512',
      `header of \`${file}\` is not readable: ${why}`,
      'fetch or write the file again',
    );
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unreadable('it is no JSON object');
  const twice = repeatedKey(text);
  if (twice !== undefined) throw unreadable(`it names \`${shortName(twice)}\` twice`);
  return new Map(Object.entries(value));
}

/** The first key that occurs twice in one object of a valid JSON text. Character by character: headers are hostile. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{') open.push(new Set());
    else if (character === '}') open.pop();
    else if (character === '"') {
      const start = i;
      i = endOfString(text, start);
      const keys = open.at(-1);
      if (keys === undefined || !isKey(text, i + 1)) continue;
      const key: unknown = JSON.parse(text.slice(start, i + 1));
      if (typeof key !== 'string') continue;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** Place of the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

/** Whether a colon is the next character that is not white space. */
function isKey(text: string, from: number): boolean {
  let i = from;
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i++;
  return text[i] === ':';
}
