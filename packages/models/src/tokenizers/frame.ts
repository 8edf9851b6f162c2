import type { Tokenizer as Library } from '@huggingface/tokenizers';
import { at, finding } from '@vflair/core/text';

/** Ids of one kind of token, and the segment they belong to. */
interface Piece {
  readonly ids: readonly number[];
  readonly type: number;
}

/** What the post-processor puts around a text: `prefix A suffix`, or `prefix A middle B suffix` for a pair. */
export interface Frame {
  readonly prefix: Piece;
  readonly first: number;
  readonly middle: Piece;
  readonly second: number;
  readonly suffix: Piece;
}

const PROBES = ['a', 'b'] as const;

/**
 * The frame of single texts, or of pairs, read off how the library encodes a probe. Where a post-processor has no rule
 * for pairs, the library forgets the second text; the reference puts it behind the first, as segment 1.
 */
export function probeFrame(library: Library, isPair: boolean): Frame {
  const [a, b] = PROBES;
  const options = { return_token_type_ids: true, ...(isPair ? { text_pair: b } : {}) } as const;
  const { ids, token_type_ids: types = [] } = library.encode(a, options);
  const all = ids.map((id) => id ?? -1);
  const bareA = bareIds(library, a);
  const bareB = isPair ? bareIds(library, b) : [];
  const startA = indexOfRun(all, bareA, 0);
  const endA = startA + bareA.length;
  if (isPair && all.length === endA && startA === 0) {
    const none = { ids: [], type: 0 };
    return { prefix: none, first: 0, middle: none, second: 1, suffix: none };
  }
  const startB = isPair ? indexOfRun(all, bareB, endA) : endA;
  const endB = startB + bareB.length;
  const piece = (from: number, to: number): Piece => ({
    ids: all.slice(from, to),
    type: types[from] ?? 0,
  });
  return {
    prefix: piece(0, startA),
    first: types[startA] ?? 0,
    middle: piece(endA, startB),
    second: types[startB] ?? 0,
    suffix: piece(endB, all.length),
  };
}

/** Ids of a text without what the post-processor adds; VF526 where the vocabulary lacks a token and has no unknown. */
export function bareIds(library: Library, text: string): number[] {
  const { ids } = library.encode(text, { add_special_tokens: false, return_token_type_ids: true });
  return ids.map((id) => {
    if (id !== undefined) return id;
    throw finding(
      'VF526',
      `the tokenizer has no token for a part of \`${text.slice(0, 40)}\``,
      'its tokenizer.json names no unknown token; use the tokenizer.json the model was trained with',
    );
  });
}

/** Where `run` stands in `ids` from `from` on; VF526 where it does not. */
function indexOfRun(ids: readonly number[], run: readonly number[], from: number): number {
  for (let start = from; start + run.length <= ids.length; start++) {
    if (run.every((id, i) => at(ids, start + i) === id)) return start;
  }
  throw finding(
    'VF526',
    'the post-processor of tokenizer.json changes the tokens of the text',
    'only ones that add special tokens around a text are supported',
  );
}
