import type { Tensors } from '../contract/index.js';
import { asFloat, type FloatTensor } from '../tensor/index.js';
import type { Ends } from './ends.js';
import { type Inbox, padBatch } from './pass.js';
import { continueSequence, lastRow, type SequenceCache } from './sequence.js';

/** A prompt to be continued; its passes are numbered from `step`. */
export interface GenerationRequest {
  readonly request: number;
  readonly prompt: readonly number[];
  readonly step: number;
  /** At most so many new tokens. */
  readonly limit: number;
  /** Tokens that end an answer without being part of it. */
  readonly stop: ReadonlySet<number>;
  /** The next token from logits `[vocabulary]`. */
  readonly choose: (logits: Float32Array<ArrayBufferLike>) => number;
  /** Whether an answer is complete as it is; never when absent. */
  readonly isComplete?: (answer: readonly number[]) => boolean;
}

/** The new tokens of one request, with a cache at every party: one pass for the prompt, then one per token. */
export async function generateTokens(
  ends: Ends,
  inbox: Inbox,
  request: GenerationRequest,
): Promise<number[]> {
  const answer: number[] = [];
  let caches: SequenceCaches = {};
  let fresh = [...request.prompt];
  for (let i = 0; i < request.limit; i++) {
    const pass = { request: request.request, step: request.step + i, ids: fresh };
    const { logits, after } = await continuePass({ ends, inbox }, pass, caches);
    const token = request.choose(logits.data);
    if (request.stop.has(token)) break;
    answer.push(token);
    if (request.isComplete?.(answer)) break;
    caches = after;
    fresh = [token];
  }
  return answer;
}

interface SequenceCaches {
  readonly head?: SequenceCache;
  readonly tail?: SequenceCache;
}

interface SequencePass {
  readonly request: number;
  readonly step: number;
  readonly ids: readonly number[];
}

async function continuePass(
  { ends, inbox }: { readonly ends: Ends; readonly inbox: Inbox },
  { request, step, ids }: SequencePass,
  caches: SequenceCaches,
): Promise<{ readonly logits: FloatTensor; readonly after: SequenceCaches }> {
  const batch = padBatch([ids], ends.head.spec);
  const inputs: Tensors = { ...batch };
  const head = await continueSequence(ends.head, caches.head, inputs);
  if (ends.isWhole) return { logits: lastRow(head.result), after: { head: head.cache } };
  const pass = { phase: 'generate', step, request } as const;
  ends.tellMask(pass, batch);
  const channel = ends.outward(ends.first);
  const { from, to } = channel;
  channel.send({ ...pass, from, to, kind: 'activation', tensor: head.result }, batch.mask);
  if (ends.isHeadTail) {
    const { tensor } = await inbox.next({ ...pass, to: ends.first, kind: 'logits' });
    return { logits: asFloat(tensor), after: { head: head.cache } };
  }
  const { tensor } = await inbox.next({ ...pass, to: ends.last, kind: 'activation' });
  const tail = await continueSequence(ends.tail, caches.tail, { ...inputs, hidden: tensor });
  return { logits: lastRow(tail.result), after: { head: head.cache, tail: tail.cache } };
}
