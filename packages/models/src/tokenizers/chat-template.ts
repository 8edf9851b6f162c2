import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { type Findings, finding } from '@vflair/core/text';
import { findGguf } from '../weights/find-gguf.js';
import { readGgufHeader } from '../weights/gguf-header.js';
import { readObject } from './read-object.js';
import type { Tokenizer } from './tokenizer.js';

/** One turn of a conversation; `role` is `system`, `user` or `assistant`, or what else the template knows. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** How a conversation is written down for a model. */
export interface ChatTemplate {
  /** File the template is in. */
  readonly file: string;
  /**
   * The text of a conversation; it holds the special tokens, so it is encoded with `addSpecial: false`. With
   * `addGenerationPrompt` it ends where the assistant's answer begins. VF528 where the template fails or refuses.
   */
  readonly render: (
    messages: readonly ChatMessage[],
    options?: { readonly addGenerationPrompt?: boolean },
  ) => string;
}

/** A template as it is written, and where. */
interface WrittenTemplate {
  readonly file: string;
  readonly text: string;
}

/**
 * The chat template of a model folder or GGUF file: chat_template.jinja, else `chat_template` of tokenizer_config.json (of
 * several named ones that called `default`), else what its one GGUF file carries; undefined where there is none. VF528 for
 * one that can't be parsed, VF526 for an unreadable tokenizer_config.json. Variables and options are those of
 * `apply_chat_template` in transformers.
 */
export function loadChatTemplate(folder: string, tokenizer: Tokenizer): ChatTemplate | undefined {
  const written = ownTemplate(folder) ?? configTemplate(folder) ?? packedTemplate(folder);
  if (!written) return undefined;
  const { file, text } = written;
  const template = told(file, () => new Template(text));
  const constants = { ...specialTokens(tokenizer), tools: null, documents: null };
  return {
    file,
    render: (messages, { addGenerationPrompt = false } = {}) =>
      told(file, () =>
        template.render({ ...constants, messages, add_generation_prompt: addGenerationPrompt }),
      ),
  };
}

function told<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failed(file, error instanceof Error ? error.message : String(error));
  }
}

/** VF528: a chat template that can't be used. */
const failed = (file: string, why: string): Findings =>
  finding(
    'VF528',
    `the chat template of \`${file}\` fails: ${why}`,
    'correct the template, or give the prompt as it is with `--raw`',
  );

function ownTemplate(folder: string): WrittenTemplate | undefined {
  const file = join(folder, 'chat_template.jinja');
  return existsSync(file) ? { file, text: readFileSync(file, 'utf8') } : undefined;
}

function configTemplate(folder: string): WrittenTemplate | undefined {
  const file = join(folder, 'tokenizer_config.json');
  if (!existsSync(file)) return undefined;
  const { chat_template: stated } = readObject(file);
  if (stated === undefined || stated === null) return undefined;
  const text = Array.isArray(stated) ? defaultOf(stated) : stated;
  if (typeof text !== 'string') throw failed(file, 'none of its templates is called `default`');
  return { file, text };
}

/** Several templates are a list of `{ name, template }`. */
function defaultOf(list: readonly unknown[]): unknown {
  const chosen = list.find(
    (one) => typeof one === 'object' && one !== null && Reflect.get(one, 'name') === 'default',
  );
  return typeof chosen === 'object' && chosen !== null
    ? Reflect.get(chosen, 'template')
    : undefined;
}

function packedTemplate(folder: string): WrittenTemplate | undefined {
  const [file, ...others] = findGguf(folder);
  if (file === undefined || others.length > 0 || !statSync(file).isFile()) return undefined;
  const text = readGgufHeader(file).metadata.get('tokenizer.chat_template');
  return typeof text === 'string' ? { file, text } : undefined;
}

/** `bos_token`, `eos_token`, … as the vocabulary spells them. */
function specialTokens(tokenizer: Tokenizer): { readonly [name: string]: string } {
  const { bosId, eosId, padId, unkId, clsId, sepId, maskId } = tokenizer;
  const ids = {
    bos: bosId,
    eos: eosId,
    pad: padId,
    unk: unkId,
    cls: clsId,
    sep: sepId,
    mask: maskId,
  };
  return Object.fromEntries(
    Object.entries(ids).flatMap(([role, id]) => {
      const token = id === undefined ? undefined : tokenizer.token(id);
      return token === undefined ? [] : [[`${role}_token`, token] as const];
    }),
  );
}
