import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelConfig } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';
import type { Tokenizer } from '../tokenizers/index.js';

/**
 * Tokens that end an answer: `eos_token_id` (a number or a list) of generation_config.json, else of config.json, else the
 * tokenizer's end token; every special token where nobody names one. VF521 where generation_config.json can't be read.
 */
export function endTokens(
  folder: string,
  config: ModelConfig,
  { eosId, specialIds }: Pick<Tokenizer, 'eosId' | 'specialIds'>,
): readonly number[] {
  const stated = idsOf(generationConfig(folder)) ?? idsOf(config);
  return stated ?? (eosId === undefined ? [...specialIds] : [eosId]);
}

function idsOf({ eos_token_id: ids }: { readonly [key: string]: unknown }): number[] | undefined {
  const list = (Array.isArray(ids) ? ids : [ids]).filter(Number.isInteger).map(Number);
  return list.length === 0 ? undefined : list;
}

function generationConfig(folder: string): { readonly [key: string]: unknown } {
  const file = path.join(folder, 'generation_config.json');
  if (!existsSync(file)) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw finding('VF521', `\`${file}\` is not readable: ${why}`, 'it should be one JSON object');
  }
  return {};
}
