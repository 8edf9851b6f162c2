import type { DataRow } from '@vflair/core/contract';
import { draw, type IntTensor, intTensor, type Random, type Tensor } from '@vflair/core/tensor';
import { at, type Diagnostic } from '@vflair/core/text';
import { type Encoded, firstWords, type Tokenizer } from '../tokenizers/index.js';

/** A row as tokens; all lists are of one length, at least 1. */
export interface EncodedRow {
  readonly row: DataRow;
  readonly ids: readonly number[];
  readonly types: readonly number[];
  /** True at tokens of the user's text: neither added, special nor unknown. */
  readonly isUser: readonly boolean[];
}

/** Rows in tensors, padded on the right to the longest: B rows of S tokens. */
export interface Batch {
  /** int64 `[B, S]`. */
  readonly ids: IntTensor;
  /** int64 `[B, S]`: 1 at tokens, 0 at padding. */
  readonly mask: IntTensor;
  /** int64 `[B, S]`: segments. */
  readonly types: IntTensor;
  /** Tokens of each row. */
  readonly lengths: readonly number[];
  /** bool `[B, S]`: 1 at tokens of the user's text. */
  readonly userMask: Tensor<'bool'>;
}

/** The first `count` rows after a shuffle that depends on `random` alone; all of them, shuffled, without `count`. */
export function drawRows<Row>(rows: readonly Row[], random: Random, count?: number): Row[] {
  return draw(random, rows.length, count).map((index) => at(rows, index));
}

/**
 * Rows as tokens, at most `maxLength` each. Warnings count what was lost: VF547 texts cut, VF548 rows left out because
 * their text has no token.
 */
export function encodeRows(
  rows: readonly DataRow[],
  tokenizer: Tokenizer,
  maxLength: number,
): { readonly rows: readonly EncodedRow[]; readonly warnings: readonly Diagnostic[] } {
  let cut = 0;
  const encoded = rows.map((row): EncodedRow => {
    const { ids, types, special, dropped } = encodeStart(tokenizer, row.text, maxLength);
    if (dropped > 0) cut++;
    const isUser = ids.map((id, i) => !at(special, i) && id !== tokenizer.unkId);
    return { row, ids, types, isUser };
  });
  const kept = encoded.filter(({ ids }) => ids.length > 0);
  return {
    rows: kept,
    warnings: lossesOf(rows.length, { cut, maxLength, empty: rows.length - kept.length }),
  };
}

/** `maxLength` tokens of a text from as many of its words as that takes: texts can be much longer. */
function encodeStart(tokenizer: Tokenizer, text: string, maxLength: number): Encoded {
  if (!tokenizer.splitsAtBlanks) return tokenizer.encode(text, { maxLength });
  for (let words = Math.max(maxLength, 1); ; words *= 2) {
    const start = firstWords(text, words);
    const encoded = tokenizer.encode(start, { maxLength });
    if (encoded.dropped > 0 || start.length === text.length) return encoded;
  }
}

function lossesOf(
  total: number,
  { cut, empty, maxLength }: { cut: number; empty: number; maxLength: number },
): Diagnostic[] {
  const warnings: Diagnostic[] = [];
  if (cut > 0) {
    const message = `${cut} of ${total} texts are longer than ${maxLength} tokens and were cut`;
    warnings.push({
      code: 'VF547',
      severity: 'warning',
      message,
      hint: 'raise `max-length` up to what the model can hold',
    });
  }
  if (empty > 0) {
    const message = `${empty} of ${total} texts have no token and were left out`;
    warnings.push({ code: 'VF548', severity: 'warning', message, hint: 'remove these rows' });
  }
  return warnings;
}

/** One batch of rows; `padId` fills them up. */
export function batchOf(rows: readonly EncodedRow[], padId: number): Batch {
  const lengths = rows.map(({ ids }) => ids.length);
  const width = Math.max(0, ...lengths);
  const shape = [rows.length, width];
  const filled = (list: readonly number[], filler: number): number[] => [
    ...list,
    ...Array.from({ length: width - list.length }, () => filler),
  ];
  const tensor = (list: (row: EncodedRow) => readonly number[], filler = 0): IntTensor =>
    intTensor(
      shape,
      rows.flatMap((row) => filled(list(row), filler)),
    );
  const user = rows.flatMap(({ isUser }) => filled(isUser.map(Number), 0));
  return {
    ids: tensor(({ ids }) => ids, padId),
    mask: tensor(({ ids }) => ids.map(() => 1)),
    types: tensor(({ types }) => types),
    lengths,
    userMask: { dtype: 'bool', shape, data: Uint8Array.from(user) },
  };
}
