import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelConfig } from '@vflair/core/contract';
import { type Diagnostic, Findings, finding } from '@vflair/core/text';
import { findGguf } from './find-gguf.js';
import { ggufConfig } from './gguf-config.js';
import { readGgufHeader } from './gguf-header.js';

/** Names under which families write one size. */
const SAME = [
  ['num_hidden_layers', 'n_layer', 'num_layers'],
  ['hidden_size', 'n_embd', 'd_model'],
  ['num_attention_heads', 'n_head', 'num_heads'],
] as const;
/** Fields that state the size of a head, so that it need not be hidden / heads. */
const HEAD_SIZES = ['head_dim', 'd_head', 'd_kv', 'kv_channels', 'qk_nope_head_dim', 'v_head_dim'];

/**
 * config.json of a model folder, or what a GGUF file says in its place. Raises VF520 (missing), VF521 (not readable), VF522 (no `model_type`) and VF523
 * (fields that contradict each other).
 */
export function readModelConfig(folder: string): ModelConfig {
  const [packed, ...others] = existsSync(join(folder, 'config.json')) ? [] : findGguf(folder);
  const config =
    packed !== undefined && others.length === 0
      ? ggufConfig(packed, readGgufHeader(packed))
      : parseConfig(configFile(folder));
  const wrong = checkModelConfig(config);
  if (wrong.length > 0) throw new Findings(wrong);
  return config;
}

function configFile(folder: string): string {
  const file = join(folder, 'config.json');
  if (!existsSync(file)) {
    throw finding(
      'VF520',
      `folder \`${folder}\` has no config.json`,
      'a model folder holds config.json, model.safetensors and tokenizer.json',
    );
  }
  return file;
}

function parseConfig(file: string): ModelConfig {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw finding('VF521', `\`${file}\` is not readable: ${why}`, 'it should be one JSON object');
  }
  throw finding('VF521', `\`${file}\` is no JSON object`, 'take config.json from the checkpoint');
}

/** What is wrong with a config whatever its family: VF522 and VF523, each naming the fields. */
export function checkModelConfig(config: ModelConfig): Diagnostic[] {
  const found: Diagnostic[] = [];
  const report = (code: string, message: string, hint: string): void => {
    found.push({ code, severity: 'error', message, hint });
  };
  if (typeof config.model_type !== 'string' || config.model_type === '') {
    report(
      'VF522',
      'config.json has no `model_type`',
      'add it, for example `"model_type": "gpt2"`',
    );
  }
  const correct = 'take config.json and weights from one checkpoint';
  for (const names of SAME) {
    const stated = names.filter((name) => typeof config[name] === 'number');
    if (new Set(stated.map((name) => config[name])).size > 1) {
      const list = stated.map((name) => `\`${name}\` is ${config[name]}`).join(', but ');
      report('VF523', `config.json contradicts itself: ${list}`, correct);
    }
  }
  const uneven = [...unevenHeads(config)];
  for (const message of uneven) report('VF523', message, correct);
  return found;
}

/** Sizes that should divide each other and don't. */
function* unevenHeads(config: ModelConfig): Iterable<string> {
  const hidden = firstCount(config, SAME[1]);
  const heads = firstCount(config, SAME[2]);
  const groups = firstCount(config, ['num_key_value_heads']);
  const isFree = HEAD_SIZES.some((name) => typeof config[name] === 'number');
  if (heads === undefined) return;
  if (!isFree && hidden !== undefined && hidden.value % heads.value !== 0) {
    yield `\`${hidden.name}\` ${hidden.value} is not a multiple of \`${heads.name}\` ${heads.value}`;
  }
  if (groups !== undefined && heads.value % groups.value !== 0) {
    yield `\`${heads.name}\` ${heads.value} is not a multiple of \`${groups.name}\` ${groups.value}`;
  }
}

function firstCount(
  config: ModelConfig,
  names: readonly string[],
): { readonly name: string; readonly value: number } | undefined {
  for (const name of names) {
    const value = config[name];
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return { name, value };
  }
  return undefined;
}
