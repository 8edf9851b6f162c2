import type {
  AttackContext,
  DefenseKnowledge,
  Executable,
  Fields,
  HeadKnowledge,
  SeenMessage,
  TokenGuess,
  TokenizerKnowledge,
} from '@vflair/core/contract';
import { asFloat, type FloatTensor } from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';
import { lookUp } from './embedding-space.js';
import { adaptationTo, angles, distances } from './match.js';
import { realPositions, type SeenBatch } from './sequences.js';

/** What an inversion of the head's output is given. */
export interface InversionView {
  readonly activations: readonly SeenMessage[];
  readonly head: HeadKnowledge;
  readonly tokenizer: TokenizerKnowledge;
  readonly defense?: readonly DefenseKnowledge[];
}

type Compile = AttackContext<Fields>['compile'];

/**
 * Embeddings `tokens` `[batch, seq, width]`, `received` `[batch, seq, hidden]` and `mask` → `distance` `[batch, seq]`. With a
 * `loss` also its mean over each row's positions, `loss` `[batch]`, and the gradient `dtokens` of the sum.
 */
export function compileMatch(
  { head, defense }: Pick<InversionView, 'head' | 'defense'>,
  compile: Compile,
  options: { readonly generated: boolean; readonly loss?: 'squared' | 'cosine' },
): Promise<Executable> {
  const adaptation = adaptationTo(defense, options.generated);
  return compile(
    (g) => {
      const tokens = g.input('tokens', 'float32', ['batch', 'seq', at(head.embedding.shape, 1)]);
      const received = g.input('received', 'float32', ['batch', 'seq', head.hidden]);
      const real = g.input('mask', 'int64', ['batch', 'seq']);
      const weight = g.cast(real, 'float32');
      const match = {
        sent: head.forward(g, tokens, real),
        received,
        mask: g.unsqueeze(weight, [2]),
      };
      const distance = distances(g, match, adaptation);
      if (!options.loss) return { distance };
      const minimised = options.loss === 'cosine' ? angles(g, match, adaptation) : distance;
      const count = g.max(g.sum(weight, [1]), 1);
      return { distance, loss: g.div(g.sum(minimised, [1]), count) };
    },
    options.loss ? { of: 'loss', wrt: ['tokens'] } : {},
  );
}

/** Distance of each position of rows of ids to what came. */
export type TokenDistances = (
  batch: SeenBatch,
  ids: readonly (readonly number[])[],
) => Promise<FloatTensor>;

/** Compiles {@link TokenDistances}, once for texts sent whole and once for texts sent position by position. */
export function tokenDistances(view: InversionView, compile: Compile): TokenDistances {
  const machines = new Map<boolean, Promise<Executable>>();
  return async (batch, ids) => {
    const { tensor: received, mask, generated } = batch;
    const machine = machines.get(generated) ?? compileMatch(view, compile, { generated });
    machines.set(generated, machine);
    const tokens = lookUp(view.head.embedding, ids);
    const { distance } = await (await machine).run({ tokens, received, mask });
    return asFloat(present(distance, 'distance'));
  };
}

/** The tokens guessed for one row of a batch; 0 where there is no guess. */
export function tokensOf(batch: SeenBatch, row: number, guesses: readonly TokenGuess[]): number[] {
  return at(batch.rows, row).flatMap((stretch) => {
    const guess = guesses.find((one) => one.step === stretch.step && one.row === stretch.row);
    return Array.from({ length: stretch.to - stretch.from }, (_, s) => guess?.tokens[s] ?? 0);
  });
}

/** Ids at positions that are the same for every text: the tokenizer's prefix and, where the text is whole, its suffix. */
export function knownTokens(
  batch: SeenBatch,
  row: number,
  { prefix, suffix }: TokenizerKnowledge,
): Map<number, number> {
  const real = realPositions(batch, row);
  const known = new Map<number, number>();
  const end = batch.generated ? [] : suffix;
  if (real.length < prefix.length + end.length) return known;
  for (const [i, id] of prefix.entries()) known.set(at(real, i), id);
  for (const [i, id] of end.entries()) known.set(at(real, real.length - end.length + i), id);
  return known;
}
