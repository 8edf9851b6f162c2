/**
 * The part of @huggingface/tokenizers 0.2 that we use. The package's own declarations import their files without
 * extensions, which node's module resolution does not accept.
 */
declare module '@huggingface/tokenizers' {
  export class ByteLevelPreTokenizer {
    constructor(config: { readonly type: 'ByteLevel'; readonly add_prefix_space: boolean });
    pre_tokenize_text(text: string): string[];
  }

  export class BertNormalizer {
    constructor(config: object);
    normalize(text: string): string;
  }

  export class BertPreTokenizer {
    pre_tokenize_text(text: string): string[];
  }

  export class ByteFallbackDecoder {
    decode_chain: (tokens: readonly string[]) => string[];
  }

  export class SequenceDecoder {
    readonly decoders: readonly unknown[];
  }

  export class Tokenizer {
    readonly decoder: unknown;
    constructor(tokenizer: object, config: object);
    encode(
      text: string,
      options: {
        readonly text_pair?: string;
        readonly add_special_tokens?: boolean;
        readonly return_token_type_ids: true;
      },
    ): {
      readonly ids: readonly (number | undefined)[];
      readonly token_type_ids?: readonly number[];
    };
    decode(
      ids: number[],
      options: {
        readonly skip_special_tokens: boolean;
        readonly clean_up_tokenization_spaces: boolean;
      },
    ): string;
    token_to_id(token: string): number | undefined;
    id_to_token(id: number): string | undefined;
    get_vocab(): Map<string | undefined, number>;
  }
}
