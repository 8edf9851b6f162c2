import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HeadKind, ModelConfig } from '@vflair/core/contract';
import { floatTensor, type IntTensor, intTensor, type Random, sizeOf } from '@vflair/core/tensor';
import { findFamily, writeSafetensors } from '@vflair/models';

/** Beside the installed packages: it may be deleted at any time. */
const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'vflair-bench');

/** A folder with a checkpoint of random weights of the shape `config` says, made once. */
export async function randomModel(
  name: string,
  config: ModelConfig,
  head: HeadKind,
): Promise<string> {
  const folder = join(cache, `${name}-${head}`);
  if (existsSync(join(folder, 'config.json'))) return folder;
  mkdirSync(folder, { recursive: true });
  const family = await findFamily(String(config.model_type));
  if (!family) throw new Error(`no family ${config.model_type}`);
  const spec = family.read(config, head);
  let state = 1;
  const random = (): number => {
    // A linear congruential generator (Knuth): quality doesn't matter here, speed does.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const tensors = spec.parameters.map(({ key, shape, init }) => {
    const data = new Float32Array(sizeOf(shape));
    if (init === 'ones') data.fill(1);
    if (init === 'normal') for (let i = 0; i < data.length; i++) data[i] = 0.07 * random();
    return [key, floatTensor(shape, data)] as const;
  });
  writeSafetensors(join(folder, 'model.safetensors'), new Map(tensors));
  // Last, and at once: a folder that has it is whole.
  writeFileSync(join(folder, 'config.json.tmp'), JSON.stringify(config));
  renameSync(join(folder, 'config.json.tmp'), join(folder, 'config.json'));
  return folder;
}

/** GPT-2 small. */
export const gpt2Small: ModelConfig = {
  model_type: 'gpt2',
  n_embd: 768,
  n_layer: 12,
  n_head: 12,
  n_positions: 1024,
  vocab_size: 50257,
  activation_function: 'gelu_new',
};

/** BERT base, uncased. */
export const bertBase: ModelConfig = {
  model_type: 'bert',
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  vocab_size: 30522,
  hidden_act: 'gelu',
  pad_token_id: 0,
};

/** SmolLM2-135M. */
export const smolLm2: ModelConfig = {
  model_type: 'llama',
  hidden_size: 576,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  intermediate_size: 1536,
  max_position_embeddings: 8192,
  vocab_size: 49152,
  rms_norm_eps: 1e-5,
  rope_theta: 100000,
  hidden_act: 'silu',
  tie_word_embeddings: true,
};

/** Random tokens without padding: what a slice takes of a batch. */
export function fullBatch(
  shape: readonly [number, number],
  vocabulary: number,
  random: Random,
): Record<'ids' | 'mask' | 'positions' | 'types', IntTensor> {
  const [batch, seq] = shape;
  const grid = (value: (i: number) => number): IntTensor =>
    intTensor(
      shape,
      Array.from({ length: batch * seq }, (_, i) => value(i)),
    );
  return {
    ids: grid(() => random.integer(vocabulary)),
    mask: grid(() => 1),
    positions: grid((i) => i % seq),
    types: grid(() => 0),
  };
}
