import type { GuessOf, SeenMessage } from '@vflair/core/contract';
import { floatTensor, intTensor, rows } from '@vflair/core/tensor';
import { contextOf, scoreOf } from '@vflair/core/testing';
import dp from '../../../packages/plugins-defenses/src/dp.js';
import sparsify from '../../../packages/plugins-defenses/src/sparsify.js';

/** Rows of ids as the answers about the message of step 0. */
export function answers(text: readonly (readonly number[])[]) {
  return text.map((tokens, row) => ({ step: 0, row, tokens }));
}

/** Positional accuracy. */
export function accuracy(guess: GuessOf['tokens'], truth: ReturnType<typeof answers>): number {
  return scoreOf('tokens', guess, truth);
}

/** A use of a defense. */
export type DefenseUse =
  | { readonly id: 'dp'; readonly params: Parameters<typeof dp.claim>[0] }
  | { readonly id: 'sparsify'; readonly params: Parameters<typeof sparsify.claim>[0] };

/** The message as it is sent behind a defense. */
export function defended(message: SeenMessage, use: DefenseUse): SeenMessage {
  const { tensor, phase } = message;
  const sent =
    use.id === 'dp'
      ? dp.apply(tensor, contextOf(dp, use.params, message, { phase }))
      : sparsify.apply(tensor, contextOf(sparsify, use.params, message, { phase }));
  return { ...message, tensor: sent };
}

/** One row cut into the messages of a request: a prompt of `prompt` positions, then one position each. */
export function generatedMessages({ tensor }: SeenMessage, prompt: number): SeenMessage[] {
  const [, length = 0, hidden = 0] = tensor.shape;
  const flat = floatTensor([length, hidden], tensor.data);
  const starts = [0, ...Array.from({ length: length - prompt }, (_, i) => prompt + i)];
  return starts.map((from, step) => {
    const to = starts[step + 1] ?? length;
    const { data } = rows(flat, from, to);
    const mask = intTensor([1, to - from], new Array<number>(to - from).fill(1));
    const part = floatTensor([1, to - from, hidden], data);
    return { phase: 'generate', step, request: 3, tensor: part, mask };
  });
}
