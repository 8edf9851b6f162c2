import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finding } from '@vflair/core/text';
import { findGguf } from '../weights/find-gguf.js';
import { readGgufHeader } from '../weights/gguf-header.js';
import { ggufTokenizer } from './gguf-tokenizer.js';
import { readObject } from './read-object.js';
import { createTokenizer, type Tokenizer } from './tokenizer.js';
import type { TokenizerJson } from './tokenizer-json.js';

/** The part of tokenizer_config.json that names a token's role. */
const ROLES = [
  ['pad_token', '<|pad|>', '[PAD]'],
  ['bos_token', '<|endoftext|>'],
  ['eos_token', '<|endoftext|>'],
  ['unk_token', '[UNK]'],
  ['cls_token', '[CLS]'],
  ['sep_token', '[SEP]'],
  ['mask_token', '[MASK]'],
] as const;

/**
 * The tokenizer of a model folder: tokenizer.json, and tokenizer_config.json where there is one; without these what its
 * GGUF file carries. Raises VF525 (no tokenizer.json), VF526 (not readable or not supported), and of a GGUF file
 * VF510–VF515.
 */
export function loadTokenizer(folder: string): Tokenizer {
  const file = join(folder, 'tokenizer.json');
  if (!existsSync(file)) {
    const [packed, ...others] = findGguf(folder);
    if (packed !== undefined && others.length === 0) {
      const { json, config } = ggufTokenizer(packed, readGgufHeader(packed));
      return createTokenizer(json, config);
    }
    throw finding(
      'VF525',
      `folder \`${folder}\` has no tokenizer.json`,
      'save it with the tokenizers library (`tokenizer.save_pretrained`); other formats are not read',
    );
  }
  const config = join(folder, 'tokenizer_config.json');
  const json = readObject(file);
  if (!isTokenizerJson(json)) {
    throw finding(
      'VF526',
      `\`${file}\` has no model or no added_tokens`,
      'is it a tokenizer.json of the tokenizers library?',
    );
  }
  return createTokenizer(json, existsSync(config) ? readObject(config) : {});
}

/** Writes tokenizer.json and a tokenizer_config.json that names the roles of a vocabulary trained here. */
export function saveTokenizer(folder: string, json: TokenizerJson, maxLength: number): void {
  const names = new Set(json.added_tokens.map(({ content }) => content));
  const roles = ROLES.flatMap(([role, ...usual]) =>
    usual.filter((name) => names.has(name)).map((name) => [role, name]),
  );
  const config = {
    ...Object.fromEntries(roles),
    clean_up_tokenization_spaces: false,
    model_max_length: maxLength,
    tokenizer_class: 'PreTrainedTokenizerFast',
  };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json));
  writeFileSync(join(folder, 'tokenizer_config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

function isTokenizerJson(json: {
  readonly [key: string]: unknown;
}): json is TokenizerJson & { readonly [key: string]: unknown } {
  const { model, added_tokens: added } = json;
  return typeof model === 'object' && model !== null && Array.isArray(added);
}
