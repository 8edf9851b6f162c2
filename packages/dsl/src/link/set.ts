import type { Source } from '@vflair/core/text';
import type { LetNode } from '../ast/ast.js';
import { parse } from '../syntax/index.js';

/** A value of `--set name=value` as a `let`: read as a value where it is one, as a string otherwise. */
export function letOf(name: string, text: string): LetNode {
  const prefix = `let ${name} = `;
  const source: Source = { name: '--set', text: prefix + text };
  const { ast, findings } = parse(source);
  const [item] = ast.items;
  const isValue = findings.length === 0 && ast.items.length === 1 && ast.comments.length === 0;
  if (isValue && item?.kind === 'let' && item.value !== undefined) return item;
  const span = { start: prefix.length, end: source.text.length, source };
  return {
    kind: 'let',
    name: { text: name, span },
    value: { kind: 'string', text, span },
    span,
  };
}
