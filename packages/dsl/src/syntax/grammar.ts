import { isIn, PartsParser } from './grammar-parts.js';
import * as t from './tokens.js';

// Any word may begin a stray line, so the known words are tried first, and one word decides.
const byFirstWord = { IGNORE_AMBIGUITIES: true, MAX_LOOKAHEAD: 1 };

/** Shape only: no meaning. Braces come in pairs and line ends only where they end something (see line-ends.ts). */
export class PipelineParser extends PartsParser {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  readonly file = this.RULE('file', () => {
    this.OPTION(() => this.SUBRULE(this.topItem));
    this.MANY(() => {
      this.CONSUME(t.End);
      this.OPTION1(() => this.SUBRULE1(this.topItem));
    });
  });

  readonly topItem = this.RULE('topItem', () => {
    this.OR({
      ...byFirstWord,
      DEF: [
        { ALT: () => this.SUBRULE(this.letItem) },
        { ALT: () => this.SUBRULE(this.importItem) },
        { ALT: () => this.SUBRULE(this.useItem) },
        { ALT: () => this.SUBRULE(this.pipeline) },
        { ALT: () => this.SUBRULE(this.stray) },
      ],
    });
    this.skipExcess();
  });

  readonly letItem = this.RULE('letItem', () => {
    this.CONSUME(t.Let);
    this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.value);
  });

  readonly importItem = this.RULE('importItem', () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.StringLiteral);
  });

  readonly useItem = this.RULE('useItem', () => {
    this.CONSUME(t.Use);
    this.CONSUME(t.StringLiteral);
    this.CONSUME(t.As);
    this.CONSUME(t.Word);
  });

  readonly pipeline = this.RULE('pipeline', () => {
    this.CONSUME(t.Pipeline);
    this.CONSUME(t.Word);
    this.OPTION(() => {
      this.CONSUME(t.Extends);
      this.CONSUME1(t.Word);
    });
    this.CONSUME(t.LBlock);
    this.OPTION1(() => this.SUBRULE(this.statement));
    this.MANY(() => {
      this.CONSUME(t.End);
      this.OPTION2(() => this.SUBRULE1(this.statement));
    });
    this.CONSUME(t.RBlock);
  });

  readonly statement = this.RULE('statement', () => {
    this.OR({
      ...byFirstWord,
      DEF: [
        { ALT: () => this.SUBRULE(this.seed) },
        { ALT: () => this.SUBRULE(this.subject) },
        { ALT: () => this.SUBRULE(this.task) },
        { ALT: () => this.SUBRULE(this.party) },
        { ALT: () => this.SUBRULE(this.infer) },
        { ALT: () => this.SUBRULE(this.defend) },
        { ALT: () => this.SUBRULE(this.adversary) },
        { ALT: () => this.SUBRULE(this.attack) },
        { ALT: () => this.SUBRULE(this.sweep) },
        { ALT: () => this.SUBRULE(this.measure) },
        { ALT: () => this.SUBRULE(this.stray) },
      ],
    });
    this.skipExcess();
  });

  readonly seed = this.RULE('seed', () => {
    this.CONSUME(t.Seed);
    this.SUBRULE(this.value);
  });

  readonly subject = this.RULE('subject', () => {
    this.OR([{ ALT: () => this.CONSUME(t.Model) }, { ALT: () => this.CONSUME(t.Data) }]);
    this.SUBRULE(this.value);
    this.OPTION(() => this.SUBRULE(this.fields));
  });

  readonly task = this.RULE('task', () => {
    this.OR([{ ALT: () => this.CONSUME(t.Task) }, { ALT: () => this.CONSUME(t.Finetune) }]);
    this.CONSUME(t.Word);
    this.OPTION(() => this.SUBRULE(this.fields));
  });

  readonly infer = this.RULE('infer', () => {
    this.CONSUME(t.Infer);
    this.OPTION(() => this.SUBRULE(this.fields));
  });

  readonly party = this.RULE('party', () => {
    this.CONSUME(t.Party);
    this.CONSUME(t.Word);
    this.OPTION(() => {
      this.CONSUME(t.On);
      this.SUBRULE(this.device);
    });
    this.CONSUME(t.LBlock);
    this.OPTION1(() => this.SUBRULE(this.partyItem));
    this.MANY(() => {
      this.CONSUME(t.End);
      this.OPTION2(() => this.SUBRULE1(this.partyItem));
    });
    this.CONSUME(t.RBlock);
  });

  readonly partyItem = this.RULE('partyItem', () => {
    this.OR({
      ...byFirstWord,
      DEF: [
        { ALT: () => this.SUBRULE(this.grant) },
        { ALT: () => this.SUBRULE(this.slice) },
        { ALT: () => this.SUBRULE(this.stray) },
      ],
    });
    this.skipExcess();
  });

  readonly slice = this.RULE('slice', () => {
    this.CONSUME(t.Slice);
    this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.place);
    this.CONSUME(t.DotDot);
    this.SUBRULE1(this.place);
    this.OPTION(() => this.SUBRULE(this.fields));
  });

  readonly grant = this.RULE('grant', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Holds) },
      { ALT: () => this.CONSUME(t.Knows) },
      { ALT: () => this.CONSUME(t.Sees) },
    ]);
    this.SUBRULE(this.item);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE1(this.item);
    });
  });

  readonly adversary = this.RULE('adversary', () => {
    this.CONSUME(t.Adversary);
    this.CONSUME(t.Word);
    this.CONSUME(t.At);
    this.CONSUME1(t.Word);
    this.CONSUME(t.LBlock);
    this.OPTION(() => this.SUBRULE(this.adversaryItem));
    this.MANY(() => {
      this.CONSUME(t.End);
      this.OPTION1(() => this.SUBRULE1(this.adversaryItem));
    });
    this.CONSUME(t.RBlock);
  });

  readonly adversaryItem = this.RULE('adversaryItem', () => {
    this.OR({
      ...byFirstWord,
      DEF: [
        { ALT: () => this.SUBRULE(this.grant) },
        { ALT: () => this.SUBRULE(this.auxiliary) },
        { ALT: () => this.SUBRULE(this.stray) },
      ],
    });
    this.skipExcess();
  });

  readonly auxiliary = this.RULE('auxiliary', () => {
    this.CONSUME(t.Auxiliary);
    this.SUBRULE(this.value);
    this.OPTION(() => this.SUBRULE(this.fields));
  });

  readonly defend = this.RULE('defend', () => {
    this.CONSUME(t.Defend);
    this.CONSUME(t.Word);
    this.CONSUME(t.Arrow);
    this.CONSUME1(t.Word);
    this.CONSUME(t.With);
    this.SUBRULE(this.chain);
  });

  readonly attack = this.RULE('attack', () => {
    this.CONSUME(t.Attack);
    this.OR({
      ...byFirstWord,
      DEF: [
        {
          GATE: () => !isIn(this.LA(2).tokenType, t.Piece),
          ALT: () => this.CONSUME(t.None),
        },
        {
          ALT: () => {
            this.CONSUME(t.Word);
            this.CONSUME(t.With);
            this.SUBRULE(this.chain);
            this.OPTION(() => {
              this.CONSUME(t.On);
              this.SUBRULE(this.use);
            });
          },
        },
      ],
    });
  });

  readonly measure = this.RULE('measure', () => {
    this.CONSUME(t.Measure);
    this.SUBRULE(this.use);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE1(this.use);
    });
  });
}
