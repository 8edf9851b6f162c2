import type { Tensors } from '../contract/index.js';
import { asFloat, type FloatTensor } from '../tensor/index.js';
import { present } from '../text/index.js';
import type { Ends } from './ends.js';
import { type Inbox, padBatch } from './pass.js';
import { SequenceCache } from './sequence.js';

/** A prompt to be continued; its passes are numbered from `step`. */
export interface GenerationRequest {
  readonly request: number;
  readonly prompt: readonly number[];
  readonly step: number;
  /** At most so many new tokens. */
  readonly limit: number;
  /** Tokens that end an answer without being part of it. */
  readonly stop: ReadonlySet<number>;
  /** The next token from logits `[vocabulary]` after `before`, the prompt and the answer so far. */
  readonly choose: (logits: Float32Array<ArrayBufferLike>, before: readonly number[]) => number;
  /** How many tokens of an answer are its own, once something in it ends it; never when absent. */
  readonly endOf?: (answer: readonly number[]) => number | undefined;
}

/** The new tokens of one request, with a cache at every party: one pass for the prompt, then one per token. */
export async function generateTokens(
  ends: Ends,
  inbox: Inbox,
  request: GenerationRequest,
): Promise<number[]> {
  const answer: number[] = [];
  for await (const token of answerTokens(ends, inbox, request)) answer.push(token);
  return answer.slice(0, request.endOf?.(answer));
}

/** The same, token by token as they come; nothing is computed before it is asked for. Those that end an answer by its text are among them. */
export async function* answerTokens(
  ends: Ends,
  inbox: Inbox,
  request: GenerationRequest,
): AsyncGenerator<number, void> {
  const answer: number[] = [];
  const caches = { head: new SequenceCache(ends.head), tail: tailCache(ends) };
  let fresh = [...request.prompt];
  for (let i = 0; i < request.limit; i++) {
    const pass = { request: request.request, step: request.step + i, ids: fresh };
    const logits = await continuePass({ ends, inbox }, pass, caches);
    const token = request.choose(logits.data, [...request.prompt, ...answer]);
    if (request.stop.has(token)) break;
    answer.push(token);
    yield token;
    if (request.endOf?.(answer) !== undefined) return;
    fresh = [token];
  }
}

interface SequenceCaches {
  readonly head: SequenceCache;
  /** Undefined where the head is all of the model, or the other party has its end. */
  readonly tail: SequenceCache | undefined;
}

function tailCache(ends: Ends): SequenceCache | undefined {
  return ends.isWhole || ends.isHeadTail ? undefined : new SequenceCache(ends.tail);
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
): Promise<FloatTensor> {
  const batch = padBatch([ids], ends.head.spec);
  const inputs: Tensors = { ...batch };
  const result = await caches.head.run(inputs);
  if (ends.isWhole) return result;
  const pass = { phase: 'generate', step, request } as const;
  ends.tellMask(pass, batch);
  const channel = ends.outward(ends.first);
  const { from, to } = channel;
  channel.send({ ...pass, from, to, kind: 'activation', tensor: result }, batch.mask);
  if (ends.isHeadTail) {
    const { tensor } = await inbox.next({ ...pass, to: ends.first, kind: 'logits' });
    return asFloat(tensor);
  }
  const { tensor } = await inbox.next({ ...pass, to: ends.last, kind: 'activation' });
  return present(caches.tail, 'tail').run({ ...inputs, hidden: tensor });
}
