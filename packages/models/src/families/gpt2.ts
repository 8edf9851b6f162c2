import {
  type BlockContext,
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
  type ParameterSpec,
} from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { finding } from '@vflair/core/text';
import { activation } from '../blocks/activation.js';
import { attention, keyValueCache } from '../blocks/attention.js';
import { configReader, labelCount } from '../blocks/config.js';
import { decoderHead } from '../blocks/decoder-head.js';
import { embedding } from '../blocks/embedding.js';
import { linear } from '../blocks/linear.js';
import { headLoss } from '../blocks/loss.js';
import { normSpecs, weightSpec } from '../blocks/parameters.js';

/** GPT-2: pre-norm decoder with learned positions and tied output. Radford et al. 2019; names as in transformers. */
export default defineFamily({
  id: 'gpt2',
  title: 'GPT-2',
  paper: 'Radford et al. 2019, Language Models are Unsupervised Multitask Learners',
  modelTypes: ['gpt2'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'qa', 'reg'],
  blocks: (config) => configReader(config, 'gpt2').count('n_layer', 'num_hidden_layers'),
  read: (config, head, labels) =>
    describe(readSizes(config), head, labelCount(config, head, labels)),
});

function readSizes(config: ModelConfig) {
  const read = configReader(config, 'gpt2');
  read.only('add_cross_attention', [false]);
  const hidden = read.count('n_embd', 'hidden_size');
  const heads = read.count('n_head', 'num_attention_heads');
  if (hidden % heads !== 0)
    throw finding(
      'VF523',
      `\`n_embd\` ${hidden} is not a multiple of \`n_head\` ${heads}`,
      'correct config.json',
    );
  return {
    hidden,
    heads,
    blocks: read.count('n_layer', 'num_hidden_layers'),
    vocabulary: read.count('vocab_size'),
    positions: read.count('n_positions', 'max_position_embeddings'),
    inner: read.optionalCount('n_inner') ?? 4 * hidden,
    epsilon: read.number('layer_norm_epsilon', 1e-5),
    activation: activation(read.text('activation_function', 'gelu_new')),
    scaled: read.flag('scale_attn_weights', true),
    scaledByLayer: read.flag('scale_attn_by_inverse_layer_idx', false),
    tied: read.flag('tie_word_embeddings', true),
    padToken: read.optionalCount('pad_token_id'),
  };
}

type Sizes = ReturnType<typeof readSizes>;

const prefix = 'transformer.';
const table = `${prefix}wte.weight`;

function describe(sizes: Sizes, head: HeadKind, labels: number): ModelSpec {
  const output = decoderHead({ ...sizes, head, labels, table });
  return {
    family: 'gpt2',
    architecture: 'decoder',
    head,
    blocks: sizes.blocks,
    hidden: sizes.hidden,
    vocabulary: sizes.vocabulary,
    maxLength: sizes.positions,
    padToken: sizes.padToken,
    hasTokenTypes: false,
    labels,
    pooling: output.pooling,
    cache: () => keyValueCache(sizes.hidden),
    embeddingKey: table,
    defaultTargets: Array.from(
      { length: sizes.blocks },
      (_, i) => `${prefix}h.${i}.attn.c_attn.weight`,
    ),
    parameters: [...parameters(sizes, head), ...output.parameters],
    aliases: (key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []),
    tokens: (input, ids) => embedding(input, table, ids),
    embed: (input, tokens) =>
      input.g.add(tokens, embedding(input, `${prefix}wpe.weight`, input.positions)),
    block: (context, index, hidden) => block(context, { sizes, index, hidden }),
    final: (context, hidden) => norm(context, hidden, `${prefix}ln_f`, sizes.epsilon),
    logits: output.logits,
    ...headLoss(head),
  };
}

function norm({ g, parameters }: BlockContext, x: Value, key: string, epsilon: number): Value {
  return g.layerNorm(x, parameters.weight(`${key}.weight`), {
    bias: parameters.weight(`${key}.bias`),
    epsilon,
  });
}

// x ← x + Attention(LN(x));  x ← x + W₂·act(W₁·LN(x)).
function block(
  context: BlockContext,
  { sizes, index, hidden }: { sizes: Sizes; index: number; hidden: Value },
) {
  const { g, parameters } = context;
  const key = `${prefix}h.${index}`;
  const map = (name: string, x: Value): Value =>
    linear(g, parameters, x, {
      weight: `${key}.${name}.weight`,
      bias: `${key}.${name}.bias`,
      layout: 'in-out',
    });
  const width = sizes.hidden;
  const fused = map('attn.c_attn', norm(context, hidden, `${key}.ln_1`, sizes.epsilon));
  const [query, keys, values] = g.split(fused, [width, width, width], -1) as [Value, Value, Value];
  const headSize = width / sizes.heads;
  const scale =
    (sizes.scaled ? 1 / Math.sqrt(headSize) : 1) / (sizes.scaledByLayer ? index + 1 : 1);
  const attended = attention(context, {
    block: index,
    query,
    key: keys,
    value: values,
    heads: sizes.heads,
    headSize,
    scale,
    causal: true,
  });
  const middle = g.add(hidden, map('attn.c_proj', attended));
  const inner = sizes.activation(
    g,
    map('mlp.c_fc', norm(context, middle, `${key}.ln_2`, sizes.epsilon)),
  );
  return {
    hidden: g.add(middle, map('mlp.c_proj', inner)),
    cache: { key: keys, value: values },
  };
}

function parameters(sizes: Sizes, head: HeadKind): ParameterSpec[] {
  const { hidden, inner } = sizes;
  const tied = head === 'lm' && sizes.tied;
  const pair = (key: string, size: [number, number], place: number): ParameterSpec[] => [
    { ...weightSpec(`${key}.weight`, size, place), layout: 'in-out' },
    { key: `${key}.bias`, shape: [size[1]], places: [place], init: 'zeros' },
  ];
  const blocks = Array.from({ length: sizes.blocks }, (_, i) => {
    const key = `${prefix}h.${i}`;
    return [
      ...normSpecs(`${key}.ln_1`, hidden, i),
      ...pair(`${key}.attn.c_attn`, [hidden, 3 * hidden], i),
      ...pair(`${key}.attn.c_proj`, [hidden, hidden], i),
      ...normSpecs(`${key}.ln_2`, hidden, i),
      ...pair(`${key}.mlp.c_fc`, [hidden, inner], i),
      ...pair(`${key}.mlp.c_proj`, [inner, hidden], i),
    ];
  });
  return [
    {
      key: table,
      shape: [sizes.vocabulary, hidden],
      places: tied ? ['embed', 'output'] : ['embed'],
      init: 'normal',
    },
    weightSpec(`${prefix}wpe.weight`, [sizes.positions, hidden], 'embed'),
    ...blocks.flat(),
    ...normSpecs(`${prefix}ln_f`, hidden, 'output'),
  ];
}
