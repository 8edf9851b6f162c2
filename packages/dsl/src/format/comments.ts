import type * as ast from '../ast/ast.js';

/** The comments of a file, each handed out once. */
export class Comments {
  #left: readonly ast.Comment[];

  constructor(comments: readonly ast.Comment[]) {
    this.#left = comments;
  }

  /** True if a comment that is still to be printed stands inside. */
  isIn(span: ast.SourceSpan | undefined): boolean {
    return span !== undefined && this.#left.some((comment) => contains(span, comment));
  }

  /** Comments that stand before `offset`. */
  before(offset: number): readonly ast.Comment[] {
    return this.#take(({ span }) => span.start < offset);
  }

  /** Comments inside `span` that are in none of its `homes`: they can't stay where they are. */
  inside(span: ast.SourceSpan, homes: readonly ast.SourceSpan[]): readonly ast.Comment[] {
    return this.#take(
      (comment) => contains(span, comment) && !homes.some((home) => contains(home, comment)),
    );
  }

  /** The comment that stands on the same line behind `offset`, with nothing but a separator between. */
  behind(offset: number): ast.Comment | undefined {
    const [comment] = this.#take(({ span }) => {
      if (span.start < offset) return false;
      return /^[ \t,;]*$/.test(span.source.text.slice(offset, span.start));
    });
    return comment;
  }

  #take(isMeant: (comment: ast.Comment) => boolean): readonly ast.Comment[] {
    const taken = this.#left.filter(isMeant);
    if (taken.length > 0) this.#left = this.#left.filter((comment) => !taken.includes(comment));
    return taken;
  }
}

const contains = ({ start, end }: ast.SourceSpan, { span }: ast.Comment): boolean =>
  span.start >= start && span.start < end;

/** True if an empty line stands above what begins at `span`. */
export function hasBlankAbove({ source, start }: ast.SourceSpan): boolean {
  return /\n[ \t]*\r?\n[ \t]*$/.test(source.text.slice(Math.max(0, start - 200), start));
}
