import { chooseToken, stopTexts } from '../party/index.js';
import { type LoadedModel, numberOf, type PartyOrder, victimStream } from '../run/index.js';
import { present } from '../text/index.js';
import type { OpenParty } from './party-container.js';
import { samplingOf, stopsOf } from './sampling.js';

/** What an answer is made with. */
interface Answering {
  readonly order: PartyOrder;
  readonly open: OpenParty;
  readonly model: LoadedModel;
}

/** The answer a data party is giving to a prompt from outside the plan's rows, one token each time it is asked. */
export class OpenAnswer {
  #tokens: AsyncGenerator<readonly (number | undefined)[], void> | undefined;

  /** Takes a prompt, ids without padding; sampled and ended as the task says. */
  begin({ order, open, model }: Answering, argument: unknown): void {
    const { params } = order.pipeline.task;
    const { ends, decode } = model.encoder;
    const random = victimStream(order.pipeline).stream('generate/prompt');
    const sampling = samplingOf(params);
    this.#tokens = present(open.data, 'data party').answer({
      request: 0,
      rows: [
        {
          prompt: argument as readonly number[],
          choose: (logits, before) => chooseToken(logits, sampling, random, before),
        },
      ],
      step: 0,
      limit: numberOf(params, 'max-tokens', 32),
      stop: new Set(ends),
      endOf: stopTexts(stopsOf(params), decode),
    });
  }

  /** The next token; null once the answer has ended. */
  async next(): Promise<number | null> {
    const { value, done } = await present(this.#tokens, 'prompt').next();
    return done ? null : (value[0] ?? null);
  }
}
