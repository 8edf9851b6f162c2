import { defineAttack, type TokenGuess } from '@vflair/core/contract';
import { tokenDistances } from './shared/inversion.js';
import { RowReader, type RowReading } from './shared/row-reader.js';
import { guessesOf, seenBatches } from './shared/sequences.js';

const fields = {
  beam: {
    type: 'integer',
    minimum: 1,
    default: 1,
    description: 'Prefixes kept by summed distance; more than 1 helps only against noise.',
  },
  order: {
    type: 'string',
    enum: ['shortlist', 'scan'],
    default: 'shortlist',
    description:
      'Try likely tokens first and stop at an exact match, or try the whole vocabulary at every position.',
  },
  candidates: {
    type: 'integer',
    minimum: 0,
    default: 1000,
    description:
      'Tokens tried at a position once its row has stopped matching exactly; 0 for the whole vocabulary.',
  },
} as const;

/**
 * Reads a decoder's head token by token, from the left: x_s = argmin over v of ‖M(x_<s, v)_s − H1_s‖. What is sent at a
 * position depends on the tokens up to it only, so with the exact head and without noise the smallest distance is the
 * token. Position 0 is searched like any other: a beginning-of-sequence token need not be known.
 */
export default defineAttack({
  id: 'causal-inversion',
  title: 'Exact inversion of a decoder, token by token',
  paper: 'Gu, Ye & Liu 2026, arXiv:2606.14210: patched inversion, with patches of one token',
  needs: ['activations', 'head', 'tokenizer'],
  wants: ['defense'],
  guesses: 'tokens',
  architectures: ['decoder'],
  params: fields,
  async run(view, context) {
    const measure = tokenDistances(view, context.compile);
    const readers = new Map<boolean, Promise<RowReader>>();
    const batches = seenBatches(view.activations).filter(({ rows }) => rows.length > 0);
    const total = batches.reduce((sum, { rows }) => sum + rows.length, 0);
    const tokens: TokenGuess[] = [];
    let done = 0;
    for (const batch of batches) {
      const { generated } = batch;
      const reader = readers.get(generated) ?? RowReader.open(view, context, generated);
      readers.set(generated, reader);
      const found: RowReading[] = [];
      for (const row of batch.rows.keys()) {
        found.push(await (await reader).read(batch, row));
        done += 1;
        context.progress(done, total);
      }
      const ids = found.map((reading) => reading.tokens);
      const { data } = await measure(batch, ids);
      tokens.push(
        ...found.flatMap((reading, row) =>
          guessesOf(batch, row, {
            ...reading,
            distances: data.subarray(row * reading.tokens.length),
          }),
        ),
      );
    }
    return { tokens };
  },
});
