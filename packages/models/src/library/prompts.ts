import { loadChatTemplate, type Tokenizer } from '../tokenizers/index.js';

/** How a person's words become the ids a model continues, and ids become text again. */
export interface Prompts {
  /** Ids of a text as it is, with what the tokenizer puts before it and nothing after it. */
  readonly raw: (text: string) => readonly number[];
  /** Ids of the text as the one message of a conversation; undefined for a model without a chat template. */
  readonly chat: ((text: string) => readonly number[]) | undefined;
  /** Text without special tokens. */
  readonly decode: (ids: readonly number[]) => string;
  /** Text with special tokens. */
  readonly spell: (ids: readonly number[]) => string;
  /** The longest sequence the model takes, answer included. */
  readonly maxLength: number;
}

/** A model folder's tokenizer and the longest sequence of its model. */
interface OpenTokenizer {
  readonly folder: string;
  readonly tokenizer: Tokenizer;
  readonly maxLength: number;
}

/** Opens what prompts for a model are written with. VF528 for a chat template that can't be parsed. */
export function openPrompts({ folder, tokenizer, maxLength }: OpenTokenizer): Prompts {
  const template = loadChatTemplate(folder, tokenizer);
  const bare = (text: string): readonly number[] =>
    tokenizer.encode(text, { addSpecial: false }).ids;
  return {
    raw: (text) => [...tokenizer.prefixIds, ...bare(text)],
    chat: template && ((text) => bare(template.render(asked(text), { addGenerationPrompt: true }))),
    decode: (ids) => tokenizer.decode(ids),
    spell: (ids) => tokenizer.decode(ids, { skipSpecial: false }),
    maxLength,
  };
}

const asked = (content: string) => [{ role: 'user', content }];
