import type { Source } from '@vflair/core/text';
import type { IToken } from 'chevrotain';

/** The `///` lines that stand right above `offset`, one under the other, without their slashes. */
export function aboutAt(comments: readonly IToken[], offset: number, source: Source): string {
  const lines: string[] = [];
  let below = offset;
  for (const token of comments.toReversed()) {
    if (token.startOffset >= below) continue;
    const between = source.text.slice(token.startOffset + token.image.length, below);
    if (!token.image.startsWith('///') || !/^(?:\r\n|\n|\r)[ \t]*$/.test(between)) break;
    lines.unshift(token.image.slice(3).trim());
    below = token.startOffset;
  }
  return lines.join('\n');
}
