import type { Source } from '@vflair/core/text';
import type { CstElement, CstNode, IToken } from 'chevrotain';
import type { Name, SourceSpan } from './ast.js';

const isToken = (element: CstElement): element is IToken => 'image' in element;

/** True for a token of the text: neither inserted in recovery nor put in by the line pass. */
const isReal = (token: IToken): boolean =>
  token.image !== '' && token.isInsertedInRecovery !== true;

/** Tokens of the text under `key`, in order. */
export const tokens = (node: CstNode | undefined, key: string): readonly IToken[] =>
  (node?.children[key] ?? []).filter(
    (element): element is IToken => isToken(element) && isReal(element),
  );

/** Subtrees of rule `key`, in order. */
export const nodes = (node: CstNode | undefined, key: string): readonly CstNode[] =>
  (node?.children[key] ?? []).filter((element): element is CstNode => !isToken(element));

/** The first subtree of rule `key`. */
export const child = (node: CstNode | undefined, key: string): CstNode | undefined =>
  nodes(node, key)[0];

/** From the first to the last token of the text under `node`; undefined where there is none. */
export function spanOf({ location }: CstNode, source: Source): SourceSpan | undefined {
  if (location === undefined || !(location.startOffset >= 0)) return undefined;
  const start = location.startOffset;
  return { start, end: Math.max(start, (location.endOffset ?? start - 1) + 1), source };
}

/** A word as a name. */
export const nameOf = (token: IToken | undefined, source: Source): Name | undefined =>
  token === undefined
    ? undefined
    : {
        text: token.image,
        span: { start: token.startOffset, end: token.startOffset + token.image.length, source },
      };
