import type * as ast from '../ast/ast.js';
import { Comments, hasBlankAbove } from './comments.js';
import {
  deviceText,
  fieldPieces,
  inline,
  itemPieces,
  type Piece,
  statementPieces,
  topPieces,
} from './inline.js';

/** Columns a line may take. */
const width = 100;
const step = '  ';

type Spanned = { readonly span: ast.SourceSpan };

/** Items in braces: where the braces stand in the source, how an item is printed, and what in it has comments. */
interface Body<T> {
  readonly span: ast.SourceSpan | undefined;
  readonly items: readonly T[];
  readonly print: (item: T, indent: string) => void;
}

const isFields = (piece: Piece): piece is ast.Fields => typeof piece !== 'string';

/** Writes lines, and puts every comment before or behind what it stands before or behind in the source. */
class Printer {
  readonly #lines: string[] = [];
  readonly #comments: Comments;

  constructor(comments: readonly ast.Comment[]) {
    this.#comments = new Comments(comments);
  }

  file({ items, span }: ast.FileNode): string {
    let isApart = false;
    for (const item of items) {
      const isPipeline = item.kind === 'pipeline';
      if (isPipeline || isApart) this.#blank();
      this.#commentLines(this.#comments.before(item.span.start), '');
      if (hasBlankAbove(item.span)) this.#blank();
      if (isPipeline) this.#pipeline(item);
      else this.#pieces(topPieces(item), '', item.span);
      this.#behind(item.span.end);
      isApart = isPipeline;
    }
    const rest = this.#comments.before(span.end + 1);
    if (isApart && rest.length > 0) this.#blank();
    this.#commentLines(rest, '');
    return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
  }

  #pipeline({ name, base, statements, body }: ast.PipelineNode): void {
    const from = base === undefined ? '' : ` extends ${base.text}`;
    this.#body(`pipeline ${name?.text ?? ''}${from}`, '', {
      span: body,
      items: statements,
      print: (item, indent) => {
        if (item.kind === 'party' || item.kind === 'adversary') this.#scene(item, indent);
        else this.#pieces(statementPieces(item), indent, item.span);
      },
    });
  }

  #scene(node: ast.PartyNode | ast.AdversaryNode, indent: string): void {
    const where = node.kind === 'party' ? deviceText(node.device) : ` at ${node.at?.text ?? ''}`;
    const opening = `${node.kind} ${node.name?.text ?? ''}${where}`;
    const items: readonly (ast.PartyItem | ast.AdversaryItem)[] = node.items;
    const [only] = items;
    const line = only && `${indent}${opening} { ${inline(itemPieces(only))} }`;
    const isShort = items.length === 1 && line !== undefined && line.length <= width;
    if (isShort && !this.#comments.isIn(node.body)) {
      this.#lines.push(line);
      return;
    }
    this.#body(opening, indent, {
      span: node.body,
      items,
      print: (item, inner) => this.#pieces(itemPieces(item), inner, item.span),
    });
  }

  #body<T extends Spanned>(opening: string, indent: string, { span, items, print }: Body<T>): void {
    if (items.length === 0 && !this.#comments.isIn(span)) {
      this.#lines.push(`${indent}${opening} {}`);
      return;
    }
    this.#lines.push(`${indent}${opening} {`);
    this.#behind((span?.start ?? 0) + 1);
    const inner = indent + step;
    const first = this.#lines.length;
    for (const item of items) {
      this.#commentLines(this.#comments.before(item.span.start), inner, first);
      if (this.#lines.length > first && hasBlankAbove(item.span)) this.#blank();
      print(item, inner);
      this.#behind(item.span.end);
    }
    this.#commentLines(this.#comments.before(span?.end ?? 0), inner, first);
    this.#lines.push(`${indent}}`);
  }

  // One line where it fits; else chains and lists go on in the next line, and fields that don't fit in lines of their own.
  #pieces(pieces: readonly Piece[], indent: string, span: ast.SourceSpan): void {
    const homes = pieces.filter(isFields).map((fields) => fields.span);
    this.#commentLines(this.#comments.inside(span, homes), indent);
    const whole = indent + inline(pieces);
    if (whole.length <= width && !homes.some((home) => this.#comments.isIn(home))) {
      this.#lines.push(whole);
      return;
    }
    let line = indent;
    let hang = indent;
    for (const piece of pieces) {
      if (isFields(piece)) {
        line = this.#fields(line, hang, piece);
      } else if (this.#breaksBefore(piece, line)) {
        hang = indent + step;
        this.#lines.push(piece.startsWith(',') ? `${line},` : line);
        line = hang + piece.replace(/^,? /, '');
      } else {
        line += piece;
      }
    }
    this.#lines.push(line);
  }

  #breaksBefore(piece: string, line: string): boolean {
    if (piece.startsWith(' |> ')) return true;
    return piece.startsWith(', ') && line.length + piece.length + 1 > width;
  }

  /** The line after the fields' closing brace, or the one they fit on. */
  #fields(line: string, indent: string, fields: ast.Fields): string {
    const whole = line + inline([fields]);
    if (whole.length <= width && !this.#comments.isIn(fields.span)) return whole;
    this.#body(line.slice(indent.length), indent, {
      span: fields.span,
      items: fields.items,
      print: (field, inner) => this.#pieces(fieldPieces(field), inner, field.span),
    });
    return this.#lines.pop() ?? '';
  }

  #commentLines(comments: readonly ast.Comment[], indent: string, first = 0): void {
    for (const { text, span } of comments) {
      if (this.#lines.length > first && hasBlankAbove(span)) this.#blank();
      this.#lines.push(indent + text);
    }
  }

  #behind(offset: number): void {
    const comment = this.#comments.behind(offset);
    if (comment !== undefined) this.#lines.push(`${this.#lines.pop() ?? ''}  ${comment.text}`);
  }

  #blank(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.#lines.push('');
  }
}

/** The text of a file without mistakes in its one canonical form; comments are kept. */
export function format(file: ast.FileNode): string {
  return new Printer(file.comments).file(file);
}
