import type { Diagnostic, Source } from '@vflair/core/text';
import type { CstNode, IToken } from 'chevrotain';
import * as findings from '../syntax/findings.js';
import { homeOf, type Level, levelWords } from '../syntax/levels.js';
import { aboutAt } from './about.js';
import type * as ast from './ast.js';
import { child, nodes, tokens } from './cst.js';
import { isDefined, PartBuilder } from './parts.js';
import * as scene from './scene.js';

/** Concrete syntax tree → AST. No grammar in it; what recovery left empty is absent. Findings: VF109, VF110. */
export class AstBuilder {
  readonly #source: Source;
  readonly #comments: readonly IToken[];
  readonly #parts: PartBuilder;
  readonly #found: Diagnostic[] = [];

  constructor(source: Source, comments: readonly IToken[]) {
    this.#source = source;
    this.#comments = comments;
    this.#parts = new PartBuilder(source);
  }

  get findings(): readonly Diagnostic[] {
    return [...this.#found, ...this.#parts.found];
  }

  /** The whole file, without holes yet. */
  file(cst: CstNode): ast.FileNode {
    const comments = this.#comments.map((token) => ({
      text: token.image.trimEnd(),
      span: this.#parts.tokenSpan(token),
    }));
    const items = nodes(cst, 'topItem')
      .map((node) => this.#topItem(node))
      .filter(isDefined);
    const span = { start: 0, end: this.#source.text.length, source: this.#source };
    return { kind: 'file', items, comments, holes: [], span };
  }

  #topItem(node: CstNode): ast.TopItem | undefined {
    const span = this.#parts.span(node);
    const rule = this.#ruleIn(node);
    if (span === undefined || rule === undefined) return undefined;
    const parts = this.#parts;
    switch (rule.name) {
      case 'letItem':
        return {
          kind: 'let',
          name: parts.name(rule),
          value: parts.value(child(rule, 'value')),
          span,
        };
      case 'importItem':
        return { kind: 'import', path: parts.string(tokens(rule, 'StringLiteral')[0]), span };
      case 'useItem':
        return {
          kind: 'use',
          package: parts.string(tokens(rule, 'StringLiteral')[0]),
          name: parts.name(rule),
          span,
        };
      case 'pipeline':
        return this.#pipeline(rule, span);
      default:
        return this.#stray(rule, span, 'file');
    }
  }

  #pipeline(node: CstNode, span: ast.SourceSpan): ast.PipelineNode {
    const hasBase = tokens(node, 'Extends').length > 0;
    return {
      kind: 'pipeline',
      name: this.#parts.name(node),
      base: hasBase ? this.#parts.name(node, 1) : undefined,
      about: aboutAt(this.#comments, span.start, this.#source),
      statements: nodes(node, 'statement')
        .map((item) => this.#statement(item))
        .filter(isDefined),
      body: this.#body(node),
      span,
    };
  }

  #body(node: CstNode): ast.SourceSpan | undefined {
    const [open] = tokens(node, 'LBlock');
    if (open === undefined) return undefined;
    const [close] = tokens(node, 'RBlock');
    const end = close === undefined ? this.#parts.span(node)?.end : close.startOffset + 1;
    return { start: open.startOffset, end: end ?? open.startOffset + 1, source: this.#source };
  }

  #statement(node: CstNode): ast.Statement | undefined {
    const span = this.#parts.span(node);
    const rule = this.#ruleIn(node);
    if (span === undefined || rule === undefined) return undefined;
    const parts = this.#parts;
    const fields = parts.fields(child(rule, 'fields'));
    switch (rule.name) {
      case 'seed':
        return { kind: 'seed', value: parts.value(child(rule, 'value')), span };
      case 'subject': {
        const kind = tokens(rule, 'Model').length > 0 ? 'model' : 'data';
        return { kind, value: parts.value(child(rule, 'value')), fields, span };
      }
      case 'task': {
        const kind = tokens(rule, 'Task').length > 0 ? 'task' : 'finetune';
        return { kind, name: parts.name(rule), fields, span };
      }
      case 'infer':
        return { kind: 'infer', fields, span };
      case 'measure':
        return { kind: 'measure', items: parts.uses(rule), span };
      default:
        return this.#scene(rule, span);
    }
  }

  // Statements about parties and what passes between them.
  #scene(rule: CstNode, span: ast.SourceSpan): ast.Statement {
    const parts = this.#parts;
    switch (rule.name) {
      case 'party':
        return this.#party(rule, span);
      case 'defend':
        return scene.defend(parts, rule, span);
      case 'adversary':
        return this.#adversary(rule, span);
      case 'attack':
        return scene.attack(parts, rule, span);
      case 'sweep':
        return scene.sweep(parts, rule, span);
      default:
        return this.#stray(rule, span, 'pipeline');
    }
  }

  #party(node: CstNode, span: ast.SourceSpan): ast.PartyNode {
    return {
      kind: 'party',
      name: this.#parts.name(node),
      device: this.#parts.device(child(node, 'device')),
      items: nodes(node, 'partyItem')
        .map((item) => this.#partyItem(item))
        .filter(isDefined),
      body: this.#body(node),
      span,
    };
  }

  #partyItem(node: CstNode): ast.PartyItem | undefined {
    const span = this.#parts.span(node);
    const rule = this.#ruleIn(node);
    if (span === undefined || rule === undefined) return undefined;
    if (rule.name === 'grant') return { kind: 'holds', items: this.#parts.items(rule), span };
    if (rule.name !== 'slice') return this.#stray(rule, span, 'party');
    const [from, to] = scene.places(this.#parts, rule);
    const fields = this.#parts.fields(child(rule, 'fields'));
    return { kind: 'slice', name: this.#parts.name(rule), from, to, fields, span };
  }

  #adversary(node: CstNode, span: ast.SourceSpan): ast.AdversaryNode {
    return {
      kind: 'adversary',
      name: this.#parts.name(node),
      at: this.#parts.name(node, 1),
      items: nodes(node, 'adversaryItem')
        .map((item) => this.#adversaryItem(item))
        .filter(isDefined),
      body: this.#body(node),
      span,
    };
  }

  #adversaryItem(node: CstNode): ast.AdversaryItem | undefined {
    const span = this.#parts.span(node);
    const rule = this.#ruleIn(node);
    if (span === undefined || rule === undefined) return undefined;
    const parts = this.#parts;
    if (rule.name === 'auxiliary') {
      const value = parts.value(child(rule, 'value'));
      return { kind: 'auxiliary', value, fields: parts.fields(child(rule, 'fields')), span };
    }
    if (rule.name !== 'grant') return this.#stray(rule, span, 'adversary');
    return {
      kind: tokens(rule, 'Sees').length > 0 ? 'sees' : 'knows',
      items: parts.items(rule),
      span,
    };
  }

  #stray(node: CstNode, span: ast.SourceSpan, level: Level): ast.StrayNode {
    const words = tokens(node, 'Piece');
    const [first] = words.toSorted((a, b) => a.startOffset - b.startOffset);
    if (first !== undefined) {
      const at = this.#parts.tokenSpan(first);
      const home = homeOf(first.image);
      this.#found.push(
        home === undefined
          ? findings.unknownStatement(at, first.image, levelWords[level])
          : findings.misplacedStatement(at, first.image, home),
      );
    }
    return { kind: 'stray', words: words.map(({ image }) => image), span };
  }

  #ruleIn(node: CstNode): CstNode | undefined {
    return Object.values(node.children)
      .flat()
      .find((element): element is CstNode => 'children' in element);
  }
}
