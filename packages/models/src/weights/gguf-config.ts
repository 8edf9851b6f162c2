import type { ModelConfig } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';
import type { GgufHeader, GgufValue } from './gguf-header.js';
import { shortName } from './stored-type.js';

/** A model format inside GGUF, and the family it is in config.json. */
interface Architecture {
  readonly modelType: string;
  /** Field of config.json by key of the metadata, which has the architecture's name before it. */
  readonly fields: { readonly [key: string]: string };
  /** Fields that hold whatever the metadata says. */
  readonly fixed: ModelConfig;
}

const SIZES = {
  embedding_length: 'hidden_size',
  block_count: 'num_hidden_layers',
  feed_forward_length: 'intermediate_size',
  'attention.head_count': 'num_attention_heads',
  'attention.head_count_kv': 'num_key_value_heads',
  'attention.layer_norm_rms_epsilon': 'rms_norm_eps',
  'attention.key_length': 'head_dim',
  context_length: 'max_position_embeddings',
  'rope.freq_base': 'rope_theta',
} as const;

const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map([
  ['llama', { modelType: 'llama', fields: SIZES, fixed: { hidden_act: 'silu' } }],
  ['qwen2', { modelType: 'qwen2', fields: SIZES, fixed: { hidden_act: 'silu' } }],
  ['gemma', { modelType: 'gemma', fields: SIZES, fixed: { hidden_act: 'gelu_pytorch_tanh' } }],
  [
    'phi3',
    {
      modelType: 'phi3',
      fields: { ...SIZES, 'attention.sliding_window': 'sliding_window' },
      fixed: { hidden_act: 'silu' },
    },
  ],
  [
    'gpt2',
    {
      modelType: 'gpt2',
      fields: {
        embedding_length: 'n_embd',
        block_count: 'n_layer',
        feed_forward_length: 'n_inner',
        'attention.head_count': 'n_head',
        'attention.layer_norm_epsilon': 'layer_norm_epsilon',
        context_length: 'n_positions',
      },
      fixed: { activation_function: 'gelu_new' },
    },
  ],
]);

// Keys that say nothing a field above does not, or that ropeFields reads. Any other key of the architecture may change
// what the model computes.
const KNOWN = new Set([
  'vocab_size',
  'attention.value_length',
  'rope.dimension_count',
  'rope.scaling.type',
  'rope.scaling.factor',
  'rope.scaling.original_context_length',
  'rope.scaling.attn_factor',
  'rope.scaling.finetuned',
]);

/**
 * What config.json would say of a GGUF model: sizes from its metadata, the rest from the tensors it has. Raises VF536
 * (an architecture that is not mapped) and VF532 (a property that is not).
 */
export function ggufConfig(file: string, header: GgufHeader): ModelConfig {
  const name = architectureOf(file, header);
  const architecture = ARCHITECTURES.get(name);
  if (!architecture) throw notMapped(file, name);
  const own = ownMetadata(header, name);
  const fields: Record<string, unknown> = {};
  for (const [key, value] of own) {
    const field = architecture.fields[key];
    if (field !== undefined) fields[field] = value;
    else if (!KNOWN.has(key)) throw notKnown(file, `${name}.${key}`, value);
  }
  return {
    model_type: architecture.modelType,
    ...architecture.fixed,
    ...fields,
    vocab_size: own.get('vocab_size') ?? header.tensors.get('token_embd.weight')?.shape[0],
    tie_word_embeddings: !header.tensors.has('output.weight'),
    ...biasFields(header),
    ...(name === 'gpt2' ? {} : ropeFields(file, name, own)),
    ...tokenFields(header),
  };
}

/** The architecture a GGUF file names; VF512 where it names none. */
export function architectureOf(file: string, { metadata }: GgufHeader): string {
  const name = metadata.get('general.architecture');
  if (typeof name === 'string') return name;
  throw finding('VF512', `\`${file}\` has no \`general.architecture\``, 'is it a language model?');
}

/** Metadata of an architecture by key without its name. */
function ownMetadata({ metadata }: GgufHeader, name: string): Map<string, GgufValue> {
  const prefix = `${name}.`;
  return new Map(
    [...metadata].flatMap(([key, value]): [string, GgufValue][] =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

function notMapped(file: string, name: string): Error {
  return finding(
    'VF536',
    `no family serves the architecture \`${shortName(name)}\` of \`${file}\``,
    `GGUF files are read of ${[...ARCHITECTURES.keys()].join(', ')}`,
  );
}

function notKnown(file: string, key: string, value: unknown): Error {
  return finding(
    'VF532',
    `\`${shortName(key)}\` of \`${file}\` is ${shortName(JSON.stringify(value))}, which is not computed from GGUF files`,
    'use the checkpoint in safetensors format',
  );
}

// A file has no field for biases: it has them or not.
function biasFields({ tensors }: GgufHeader): ModelConfig {
  return {
    attention_bias: tensors.has('blk.0.attn_q.bias'),
    mlp_bias: tensors.has('blk.0.ffn_gate.bias'),
  };
}

/** Rotary fields: how much of each head turns, and how frequencies are scaled. */
function ropeFields(file: string, name: string, own: ReadonlyMap<string, GgufValue>): ModelConfig {
  const number = (key: string): number | undefined => {
    const value = own.get(key);
    return typeof value === 'number' ? value : undefined;
  };
  const width = number('embedding_length') ?? Number.NaN;
  const headSize = number('attention.key_length') ?? width / (number('attention.head_count') ?? 1);
  const turning = number('rope.dimension_count') ?? headSize;
  const values = number('attention.value_length');
  if (values !== undefined && values !== headSize)
    throw notKnown(file, `${name}.attention.value_length`, values);
  if (name !== 'phi3' && !Number.isNaN(turning) && turning !== headSize)
    throw notKnown(file, `${name}.rope.dimension_count`, turning);
  const partial =
    name !== 'phi3' || turning === headSize ? {} : { partial_rotary_factor: turning / headSize };
  const type = own.get('rope.scaling.type') ?? 'none';
  const original = number('rope.scaling.original_context_length');
  const before = original === undefined ? {} : { original_max_position_embeddings: original };
  if (type === 'none') return { ...partial, ...(name === 'phi3' ? before : {}) };
  if (type !== 'linear' && type !== 'yarn') throw notKnown(file, `${name}.rope.scaling.type`, type);
  const factor = number('rope.scaling.factor');
  return { ...partial, rope_scaling: { type, rope_type: type, factor, ...before } };
}

function tokenFields({ metadata }: GgufHeader): ModelConfig {
  const names = { bos: 'bos', eos: 'eos', padding: 'pad' } as const;
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, short]) => {
      const id = metadata.get(`tokenizer.ggml.${name}_token_id`);
      return id === undefined ? [] : [[`${short}_token_id`, id]];
    }),
  );
}
