import type { TokenizerJson } from './tokenizer-json.js';

/** Ids of tokens with a meaning, where the tokenizer has them. */
export interface TokenRoles {
  readonly padId?: number;
  /** What the vocabulary gives for unknown text; absent where every text can be encoded. */
  readonly unkId?: number;
  readonly bosId?: number;
  readonly eosId?: number;
  readonly clsId?: number;
  readonly sepId?: number;
  readonly maskId?: number;
}

/** Usual names of a role, for a tokenizer.json without tokenizer_config.json. */
const USUAL = {
  pad: ['<|pad|>', '[PAD]', '<pad>'],
  bos: ['<s>', '<bos>', '<|begin_of_text|>', '<|endoftext|>'],
  eos: ['</s>', '<eos>', '<|end_of_text|>', '<|endoftext|>'],
  cls: ['[CLS]'],
  sep: ['[SEP]'],
  mask: ['[MASK]', '<mask>'],
} as const;

/** Roles as tokenizer_config.json names them (`pad_token`, …), otherwise by usual names among the special tokens. */
export function rolesOf(
  json: TokenizerJson,
  config: { readonly [key: string]: unknown },
  idOf: (token: string) => number | undefined,
): TokenRoles {
  const special = new Set(json.added_tokens.map(({ content }) => content));
  const find = (role: keyof typeof USUAL): number | undefined => {
    const named = contentOf(config[`${role}_token`]);
    if (named !== undefined) return idOf(named);
    const usual = USUAL[role].find((name) => special.has(name));
    return usual === undefined ? undefined : idOf(usual);
  };
  const unk = contentOf(json.model.unk_token);
  const roles = {
    padId: find('pad'),
    unkId: unk === undefined ? undefined : idOf(unk),
    bosId: find('bos'),
    eosId: find('eos'),
    clsId: find('cls'),
    sepId: find('sep'),
    maskId: find('mask'),
  };
  return Object.fromEntries(Object.entries(roles).filter(([, id]) => id !== undefined));
}

/** A token is written as its text or as `{ content }`. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  if (typeof token !== 'object' || token === null) return undefined;
  const content: unknown = Reflect.get(token, 'content');
  return typeof content === 'string' ? content : undefined;
}
