import type { Diagnostic, Source } from '@vflair/core/text';
import type { CstNode, IToken } from 'chevrotain';
import { decodeString } from '../syntax/strings.js';
import { BadNumber, False, StringLiteral, True } from '../syntax/tokens.js';
import type * as ast from './ast.js';
import { child, nameOf, nodes, spanOf, tokens } from './cst.js';
import { checkSeparators } from './separators.js';
import type { SweepAxis, SweepCondition } from './sweep.js';

type StringValue = ast.Value & { readonly kind: 'string' };
type NumberValue = ast.Value & { readonly kind: 'number' };

/** True for what is there: narrows a list that may have holes. */
export const isDefined = <T>(value: T | undefined): value is T => value !== undefined;

/** Builds the parts of statements. A part with nothing of the text in it is absent. */
export class PartBuilder {
  readonly source: Source;
  readonly found: Diagnostic[] = [];

  constructor(source: Source) {
    this.source = source;
  }

  span(node: CstNode): ast.SourceSpan | undefined {
    return spanOf(node, this.source);
  }

  tokenSpan(token: IToken): ast.SourceSpan {
    return {
      start: token.startOffset,
      end: token.startOffset + token.image.length,
      source: this.source,
    };
  }

  name(node: CstNode | undefined, index = 0): ast.Name | undefined {
    return nameOf(tokens(node, 'Word')[index], this.source);
  }

  string(token: IToken | undefined): StringValue | undefined {
    if (token === undefined) return undefined;
    const { text } = decodeString(token.image, token.tokenType === StringLiteral);
    return { kind: 'string', text, span: this.tokenSpan(token) };
  }

  number(token: IToken | undefined): NumberValue | undefined {
    if (token === undefined || token.tokenType === BadNumber) return undefined;
    const value = Number(token.image);
    if (!Number.isFinite(value)) return undefined;
    return { kind: 'number', value, raw: token.image, span: this.tokenSpan(token) };
  }

  value(node: CstNode | undefined): ast.Value | undefined {
    const list = child(node, 'list');
    if (list !== undefined) return this.list(list);
    const [string] = tokens(node, 'StringLiteral');
    const [number] = tokens(node, 'NumberLiteral');
    const [word] = tokens(node, 'Word');
    if (word === undefined) return this.string(string) ?? this.number(number);
    const span = this.tokenSpan(word);
    if (word.tokenType !== True && word.tokenType !== False)
      return { kind: 'name', text: word.image, span };
    return { kind: 'boolean', value: word.tokenType === True, span };
  }

  list(node: CstNode): ast.Value | undefined {
    const span = this.span(node);
    const items = nodes(node, 'value')
      .map((item) => this.value(item))
      .filter(isDefined);
    return span === undefined ? undefined : { kind: 'list', items, span };
  }

  fields(node: CstNode | undefined): ast.Fields | undefined {
    const span = node === undefined ? undefined : this.span(node);
    if (node === undefined || span === undefined) return undefined;
    this.found.push(...checkSeparators(node, this));
    return {
      items: nodes(node, 'field')
        .map((item) => this.field(item))
        .filter(isDefined),
      span,
    };
  }

  field(node: CstNode): ast.Field | undefined {
    const name = this.name(node);
    const span = this.span(node);
    if (name === undefined || span === undefined) return undefined;
    return {
      name,
      value: this.value(child(node, 'value')),
      fields: this.fields(child(node, 'fields')),
      span,
    };
  }

  use(node: CstNode | undefined): ast.Use | undefined {
    const name = this.name(node);
    const span = node === undefined ? undefined : this.span(node);
    if (name === undefined || span === undefined) return undefined;
    return { name, fields: this.fields(child(node, 'fields')), span };
  }

  uses(node: CstNode | undefined): readonly ast.Use[] {
    return nodes(node, 'use')
      .map((item) => this.use(item))
      .filter(isDefined);
  }

  place(node: CstNode | undefined): ast.Place | undefined {
    const span = node === undefined ? undefined : this.span(node);
    if (span === undefined) return undefined;
    if (tokens(node, 'Embed').length > 0) return { kind: 'embed', span };
    if (tokens(node, 'Output').length > 0) return { kind: 'output', span };
    const index = this.number(tokens(node, 'NumberLiteral')[0]);
    return index === undefined ? undefined : { kind: 'block', index: index.value, span };
  }

  device(node: CstNode | undefined): ast.Device | undefined {
    const kind = this.name(node);
    const span = node === undefined ? undefined : this.span(node);
    if (kind === undefined || span === undefined) return undefined;
    return { kind, index: this.number(tokens(node, 'NumberLiteral')[0])?.value, span };
  }

  items(node: CstNode): readonly ast.Item[] {
    return nodes(node, 'item')
      .map((item) => this.words(item, ' '))
      .filter(isDefined);
  }

  words(node: CstNode | undefined, glue: string): ast.Item | undefined {
    const span = node === undefined ? undefined : this.span(node);
    if (span === undefined) return undefined;
    return {
      text: tokens(node, 'Word')
        .map(({ image }) => image)
        .join(glue),
      span,
    };
  }

  axis(node: CstNode): SweepAxis | undefined {
    const path = this.words(child(node, 'path'), '.');
    const span = this.span(node);
    if (path === undefined || span === undefined) return undefined;
    const listNode = child(node, 'list');
    const list = listNode === undefined ? undefined : this.list(listNode);
    return {
      path,
      values: list === undefined ? this.range(child(node, 'range')) : { kind: 'list', list },
      span,
    };
  }

  range(node: CstNode | undefined): SweepAxis['values'] {
    const [from, to, step] = tokens(node, 'NumberLiteral').map((token) => this.number(token));
    if (from === undefined || to === undefined) return undefined;
    return { kind: 'range', log: tokens(node, 'Log').length > 0, from, to, step };
  }

  condition(node: CstNode): SweepCondition | undefined {
    const path = this.words(child(node, 'path'), '.');
    const [comparison] = tokens(node, 'Comparison');
    const value = this.value(child(node, 'value'));
    const span = this.span(node);
    if (path === undefined || comparison === undefined || value === undefined || span === undefined)
      return undefined;
    return { path, comparison: comparison.image, value, span };
  }
}
