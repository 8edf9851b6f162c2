import { firstOf } from '@vflair/core/party';

/** What an unfinished character decodes to. */
const replacement = '\uFFFD';

/**
 * An answer as text while its tokens come: nothing is said of a character before all of its bytes are there, nor of what
 * may be the beginning of a text that ends the answer.
 */
export class AnswerStream {
  readonly #ids: number[] = [];
  readonly #decode: (ids: readonly number[]) => string;
  readonly #stops: readonly string[];
  #said = 0;

  constructor(decode: (ids: readonly number[]) => string, stops: readonly string[]) {
    this.#decode = decode;
    this.#stops = stops.filter((text) => text !== '');
  }

  /** The answer so far, up to the first text that ends it. */
  get text(): string {
    const whole = this.#decode(this.#ids);
    return whole.slice(0, firstOf(this.#stops, whole));
  }

  /** Tokens taken in. */
  get ids(): readonly number[] {
    return this.#ids;
  }

  /** Takes a token; gives what can be said now and wasn't yet. */
  add(id: number): string {
    this.#ids.push(id);
    const text = this.text;
    const sure = text.slice(0, text.length - this.#unsure(text));
    return this.#say(sure);
  }

  /** The rest, once no token comes any more; bytes that never became a character are replaced. */
  end(): string {
    return this.#say(this.text);
  }

  #say(text: string): string {
    const fresh = text.slice(this.#said);
    this.#said = Math.max(this.#said, text.length);
    return fresh;
  }

  /** Length of the end of a text that may still turn into something else. */
  #unsure(text: string): number {
    let cut = 0;
    while (text.at(-1 - cut) === replacement) cut++;
    const stable = text.slice(0, text.length - cut);
    const begun = this.#stops.map((stop) => {
      const lengths = Array.from({ length: stop.length - 1 }, (_, i) => stop.length - 1 - i);
      return lengths.find((length) => stable.endsWith(stop.slice(0, length))) ?? 0;
    });
    return cut + Math.max(0, ...begun);
  }
}
