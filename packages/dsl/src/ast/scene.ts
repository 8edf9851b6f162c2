import type { CstNode } from 'chevrotain';
import type * as ast from './ast.js';
import { child, nodes, tokens } from './cst.js';
import { isDefined, type PartBuilder } from './parts.js';
import type { SweepNode } from './sweep.js';

type Span = ast.SourceSpan;

// What stands before and after a sign; a hole on one side must not move the other.
function around<T extends { readonly span: Span }>(
  sign: number | undefined,
  parts: readonly (T | undefined)[],
): readonly [T | undefined, T | undefined] {
  if (sign === undefined) return [parts[0], parts[1]];
  const found = parts.filter(isDefined);
  return [found.find(({ span }) => span.start < sign), found.find(({ span }) => span.start > sign)];
}

/** Where a slice begins and where it ends. */
export function places(parts: PartBuilder, node: CstNode): ReturnType<typeof around<ast.Place>> {
  const found = nodes(node, 'place').map((place) => parts.place(place));
  return around(tokens(node, 'DotDot')[0]?.startOffset, found);
}

/** `defend a -> b with …` */
export function defend(parts: PartBuilder, node: CstNode, span: Span): ast.DefendNode {
  const arrow = tokens(node, 'Arrow')[0]?.startOffset;
  const [from, to] = around(arrow, [parts.name(node), parts.name(node, 1)]);
  return { kind: 'defend', from, to, chain: parts.uses(child(node, 'chain')), span };
}

/** `attack a with … on …`, or `attack none`. */
export function attack(
  parts: PartBuilder,
  node: CstNode,
  span: Span,
): ast.AttackNode | ast.NoAttackNode {
  if (tokens(node, 'None').length > 0) return { kind: 'no-attack', span };
  return {
    kind: 'attack',
    adversary: parts.name(node),
    chain: parts.uses(child(node, 'chain')),
    on: parts.use(child(node, 'use')),
    span,
  };
}

/** `sweep … where …` */
export function sweep(parts: PartBuilder, node: CstNode, span: Span): SweepNode {
  return {
    kind: 'sweep',
    axes: nodes(node, 'axis')
      .map((axis) => parts.axis(axis))
      .filter(isDefined),
    where: nodes(node, 'condition')
      .map((condition) => parts.condition(condition))
      .filter(isDefined),
    span,
  };
}
