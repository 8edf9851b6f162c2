import type { Tensors } from '../contract/index.js';
import { asFloat, type FloatTensor, floatTensor, type IntTensor } from '../tensor/index.js';
import { at, present } from '../text/index.js';
import type { Ends } from './ends.js';
import { padLeft } from './pad-left.js';
import type { Batch, Inbox } from './pass.js';
import { SequenceCache } from './sequence.js';

/** A prompt to be continued. */
export interface GenerationRow {
  readonly prompt: readonly number[];
  /** The next token from logits `[vocabulary]` after `before`, the prompt and the answer so far. */
  readonly choose: (logits: Float32Array<ArrayBufferLike>, before: readonly number[]) => number;
}

/** Prompts that are continued together, one pass for all of them and then one per token; passes are numbered from `step`. */
export interface GenerationRequest {
  readonly request: number;
  readonly rows: readonly GenerationRow[];
  readonly step: number;
  /** At most so many new tokens each. */
  readonly limit: number;
  /** Tokens that end an answer without being part of it. */
  readonly stop: ReadonlySet<number>;
  /** How many tokens of an answer are its own, once something in it ends it; never when absent. */
  readonly endOf?: (answer: readonly number[]) => number | undefined;
}

/** The new tokens of each row of a request, with a cache at every party. */
export async function generateTokens(
  ends: Ends,
  inbox: Inbox,
  request: GenerationRequest,
): Promise<number[][]> {
  const answers = request.rows.map((): number[] => []);
  for await (const tokens of answerTokens(ends, inbox, request)) {
    for (const [row, token] of tokens.entries())
      if (token !== undefined) at(answers, row).push(token);
  }
  return answers.map((answer) => answer.slice(0, request.endOf?.(answer)));
}

/**
 * The same pass by pass: the token of each row, undefined for one whose answer has ended. Nothing is computed before it is
 * asked for, and nothing once all have ended. Tokens that end an answer by its text are given.
 */
export async function* answerTokens(
  ends: Ends,
  inbox: Inbox,
  { rows, step, limit, ...rest }: GenerationRequest,
): AsyncGenerator<readonly (number | undefined)[], void> {
  const { spec } = ends.head;
  const answers = rows.map(({ prompt }) => new Answer(prompt));
  const caches = { head: new SequenceCache(ends.head), tail: tailCache(ends) };
  let batch = padLeft(
    rows.map(({ prompt }) => prompt),
    spec,
  );
  for (let i = 0; i < limit && answers.some(({ isOpen }) => isOpen); i++) {
    const pass = { request: rest.request, step: step + i, batch };
    const { data } = await continuePass({ ends, inbox }, pass, caches);
    const width = data.length / rows.length;
    const tokens = answers.map((answer, row) =>
      answer.isOpen
        ? answer.take(
            at(rows, row).choose(data.subarray(row * width, (row + 1) * width), answer.before),
            rest,
          )
        : undefined,
    );
    if (tokens.some((token) => token !== undefined)) yield tokens;
    // A row that has ended goes on as padding.
    const fresh = tokens.map((token, row) =>
      token !== undefined && at(answers, row).isOpen ? [token] : [],
    );
    batch = padLeft(fresh, spec);
  }
}

/** What one row has become. */
class Answer {
  readonly #prompt: readonly number[];
  readonly #tokens: number[] = [];
  #isOpen = true;

  constructor(prompt: readonly number[]) {
    this.#prompt = prompt;
  }

  /** Whether more tokens may come. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Prompt and answer so far. */
  get before(): number[] {
    return [...this.#prompt, ...this.#tokens];
  }

  /** Takes the next token; undefined for one that ends the answer and is none of it. */
  take(
    token: number,
    { stop, endOf }: Pick<GenerationRequest, 'stop' | 'endOf'>,
  ): number | undefined {
    if (stop.has(token)) {
      this.#isOpen = false;
      return undefined;
    }
    this.#tokens.push(token);
    this.#isOpen = endOf?.(this.#tokens) === undefined;
    return token;
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
  readonly batch: Batch;
}

/** Logits that follow each row: `[batch, 1, vocabulary]`. */
async function continuePass(
  { ends, inbox }: { readonly ends: Ends; readonly inbox: Inbox },
  { request, step, batch }: SequencePass,
  caches: SequenceCaches,
): Promise<FloatTensor> {
  const inputs: Tensors = { ...batch };
  const result = await caches.head.run(inputs);
  if (ends.isWhole) return result;
  const pass = { phase: 'generate', step, request } as const;
  ends.tellMask(pass, batch);
  const channel = ends.outward(ends.first);
  const { from, to } = channel;
  // What stands at padding after an answer is made of the row's own tokens, and a defense may leave padding as it is.
  const tensor = withoutPadding(result, batch.mask);
  channel.send({ ...pass, from, to, kind: 'activation', tensor }, batch.mask);
  if (ends.isHeadTail) {
    const logits = await inbox.next({ ...pass, to: ends.first, kind: 'logits' });
    return asFloat(logits.tensor);
  }
  const back = await inbox.next({ ...pass, to: ends.last, kind: 'activation' });
  return present(caches.tail, 'tail').run({ ...inputs, hidden: back.tensor });
}

/** `[batch, seq, hidden]` with zeros where `mask` is 0. */
export function withoutPadding(
  { shape, data }: FloatTensor,
  { data: mask }: IntTensor,
): FloatTensor {
  const width = data.length / mask.length;
  const blank = data.slice();
  for (const [place, real] of mask.entries())
    if (real === 0n) blank.fill(0, place * width, (place + 1) * width);
  return floatTensor(shape, blank);
}
