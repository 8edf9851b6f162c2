import type { IToken, TokenType } from 'chevrotain';
import { CstParser } from './chevrotain.js';
import { errorMessages } from './messages.js';
import * as t from './tokens.js';

const neverInserted: ReadonlySet<TokenType> = new Set([
  t.LBlock,
  t.RBlock,
  t.LFields,
  t.RFields,
  t.LBracket,
  t.RBracket,
  t.LineEnd,
  t.End,
  t.Separator,
  t.Comma,
  t.Embed,
  t.Output,
  t.NumberLiteral,
  t.StringLiteral,
]);

/** True if a token of type `type` is one of the category `category`, directly or through another. */
export function isIn(type: TokenType, category: TokenType): boolean {
  return type === category || (type.CATEGORIES ?? []).some((parent) => isIn(parent, category));
}

/** The parts statements are made of, and how a statement with a mistake in it is left behind. */
export class PartsParser extends CstParser {
  #excess: IToken[] = [];

  constructor() {
    super([...t.vocabulary], {
      recoveryEnabled: true,
      maxLookahead: 2,
      skipValidations: true,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: errorMessages,
    });
  }

  /** First tokens of what followed a statement without belonging to it. */
  get excess(): readonly IToken[] {
    return this.#excess;
  }

  /** Forgets the last text. */
  begin(tokens: readonly IToken[]): void {
    this.#excess = [];
    this.input = [...tokens];
  }

  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    return !neverInserted.has(type);
  }

  protected override canTokenTypeBeDeletedInRecovery(type: TokenType): boolean {
    return type !== t.End && type !== t.RBlock;
  }

  /** What is left before the end of a statement is one mistake, however long. */
  protected skipExcess(): void {
    this.ACTION(() => {
      if (isIn(this.LA(1).tokenType, t.Piece)) this.#excess.push(this.LA(1));
      while (isIn(this.LA(1).tokenType, t.Piece)) this.SKIP_TOKEN();
    });
  }

  readonly value = this.RULE('value', () => {
    this.OR({
      ERR_MSG: 'a value',
      DEF: [
        { ALT: () => this.CONSUME(t.StringLiteral) },
        { ALT: () => this.CONSUME(t.NumberLiteral) },
        { ALT: () => this.SUBRULE(this.list) },
        { ALT: () => this.CONSUME(t.Word) },
      ],
    });
  });

  readonly list = this.RULE('list', () => {
    this.CONSUME(t.LBracket);
    this.SUBRULE(this.value);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE1(this.value);
    });
    this.CONSUME(t.RBracket);
  });

  readonly fields = this.RULE('fields', () => {
    this.CONSUME(t.LFields);
    this.MANY(() =>
      this.OR([{ ALT: () => this.CONSUME(t.Separator) }, { ALT: () => this.SUBRULE(this.field) }]),
    );
    this.CONSUME(t.RFields);
  });

  readonly field = this.RULE('field', () => {
    this.CONSUME(t.Word);
    this.OR({
      ERR_MSG: 'a value',
      DEF: [{ ALT: () => this.SUBRULE(this.value) }, { ALT: () => this.SUBRULE(this.fields) }],
    });
  });

  readonly use = this.RULE('use', () => {
    this.CONSUME(t.Word);
    this.OPTION(() => this.SUBRULE(this.fields));
  });

  readonly chain = this.RULE('chain', () => {
    this.SUBRULE(this.use);
    this.MANY(() => {
      this.CONSUME(t.Pipe);
      this.SUBRULE1(this.use);
    });
  });

  readonly item = this.RULE('item', () => {
    this.CONSUME(t.Word);
    this.MANY(() => this.CONSUME1(t.Word));
  });

  readonly path = this.RULE('path', () => {
    this.CONSUME(t.Word);
    this.MANY(() => {
      this.CONSUME(t.Dot);
      this.CONSUME1(t.Word);
    });
  });

  readonly place = this.RULE('place', () => {
    this.OR({
      ERR_MSG: '`embed`, `block NUMBER` or `output`',
      DEF: [
        { ALT: () => this.CONSUME(t.Embed) },
        {
          ALT: () => {
            this.CONSUME(t.Block);
            this.CONSUME(t.NumberLiteral);
          },
        },
        { ALT: () => this.CONSUME(t.Output) },
      ],
    });
  });

  readonly device = this.RULE('device', () => {
    this.CONSUME(t.Word);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.CONSUME(t.NumberLiteral);
    });
  });

  readonly range = this.RULE('range', () => {
    this.OPTION(() => this.CONSUME(t.Log));
    this.CONSUME(t.NumberLiteral);
    this.CONSUME(t.DotDot);
    this.CONSUME1(t.NumberLiteral);
    this.OPTION1(() => {
      this.CONSUME(t.Step);
      this.CONSUME2(t.NumberLiteral);
    });
  });

  readonly condition = this.RULE('condition', () => {
    this.SUBRULE(this.path);
    this.CONSUME(t.Comparison);
    this.SUBRULE(this.value);
  });

  readonly axis = this.RULE('axis', () => {
    this.SUBRULE(this.path);
    this.CONSUME(t.In);
    this.OR({
      ERR_MSG: 'a list `[…]` or a range `a..b`',
      DEF: [{ ALT: () => this.SUBRULE(this.list) }, { ALT: () => this.SUBRULE(this.range) }],
    });
  });

  readonly sweep = this.RULE('sweep', () => {
    this.CONSUME(t.Sweep);
    this.SUBRULE(this.axis);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE1(this.axis);
    });
    this.OPTION(() => {
      this.CONSUME(t.Where);
      this.SUBRULE(this.condition);
      this.MANY1(() => {
        this.CONSUME(t.And);
        this.SUBRULE1(this.condition);
      });
    });
  });

  readonly stray = this.RULE('stray', () => {
    this.AT_LEAST_ONE(() => this.CONSUME(t.Piece));
  });
}
