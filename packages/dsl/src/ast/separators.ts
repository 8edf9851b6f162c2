import type { Diagnostic } from '@vflair/core/text';
import type { CstNode } from 'chevrotain';
import * as findings from '../syntax/findings.js';
import { FieldEnd } from '../syntax/tokens.js';
import { nodes, tokens } from './cst.js';
import type { PartBuilder } from './parts.js';

function missingComma(field: CstNode, end: number, parts: PartBuilder): Diagnostic | undefined {
  const name = parts.name(field);
  if (name === undefined) return undefined;
  const before = parts.source.text.slice(0, end).match(/\S+$/)?.[0] ?? '';
  return findings.missingComma(name.span, before, name.text);
}

/** Between two fields stands one comma or a line end. VF110. */
export function* checkSeparators(node: CstNode, parts: PartBuilder): Iterable<Diagnostic> {
  const marks = tokens(node, 'Separator');
  let end: number | undefined;
  for (const field of nodes(node, 'field')) {
    const span = parts.span(field);
    if (span === undefined) continue;
    const from = end ?? 0;
    const between = marks.filter(
      ({ startOffset }) => startOffset >= from && startOffset < span.start,
    );
    const commas = between.filter(({ tokenType }) => tokenType !== FieldEnd);
    const extra = commas[end === undefined ? 0 : 1];
    if (extra !== undefined) yield findings.wrongSeparator(parts.tokenSpan(extra), ',,');
    const missing = end !== undefined && between.length === 0;
    const finding = missing ? missingComma(field, from, parts) : undefined;
    if (finding !== undefined) yield finding;
    end = span.end;
  }
}
