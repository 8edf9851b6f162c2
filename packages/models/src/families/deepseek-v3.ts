import {
  type BlockContext,
  type BlockOutput,
  type CacheEntry,
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
  type ParameterSpec,
} from '@vflair/core/contract';
import { dimOf, flattenedDim, type Value } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import { configReader, labelCount } from '../blocks/config.js';
import { decoderSpec } from '../blocks/decoder.js';
import { contradiction, readDecoderConfig } from '../blocks/decoder-config.js';
import { mixExperts, type Routing, routerWeights } from '../blocks/experts.js';
import { gatedMlp } from '../blocks/gated-mlp.js';
import { type LatentSizes, latentAttention, latentParameters } from '../blocks/latent-attention.js';
import type { Layer } from '../blocks/layer.js';
import { linearSpecs, scaleSpec, weightSpec } from '../blocks/parameters.js';
import { yarnScale } from '../blocks/rope-scaling.js';
import { readRope } from '../blocks/rotary.js';

/** DeepSeek-V3, also R1: attention from compressed keys and values, experts behind a router. DeepSeek-AI 2024, arXiv:2412.19437. */
export default defineFamily({
  id: 'deepseek-v3',
  title: 'DeepSeek-V3',
  paper: 'DeepSeek-AI 2024, arXiv:2412.19437',
  modelTypes: ['deepseek_v3'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg'],
  blocks: (config) => configReader(config, 'deepseek-v3').count('num_hidden_layers'),
  read: (config, head, labels) =>
    describe(readSizes(config), head, labelCount(config, head, labels)),
});

const family = 'deepseek-v3';

function readSizes(config: ModelConfig) {
  const read = configReader(config, family);
  const sizes = readDecoderConfig({ ...config, head_dim: null }, family, { positions: 4096 });
  if (sizes.keyHeads !== sizes.heads)
    throw contradiction('`num_key_value_heads` differs from `num_attention_heads`');
  return {
    ...sizes,
    latent: readLatent(config, sizes),
    routing: readRouting(config),
    expertInner: read.count('moe_intermediate_size'),
    sharedExperts: read.count('n_shared_experts'),
    firstRouted: read.optionalCount('first_k_dense_replace') ?? 3,
  };
}

function readLatent(
  config: ModelConfig,
  { hidden, heads, positions }: { hidden: number; heads: number; positions: number },
): LatentSizes {
  const read = configReader(config, family);
  const turned = read.count('qk_rope_head_dim');
  const plain = read.count('qk_nope_head_dim');
  const pairing = read.flag('rope_interleave', true) ? 'interleaved' : 'half';
  return {
    hidden,
    heads,
    plain,
    turned,
    value: read.count('v_head_dim'),
    queryRank: config.q_lora_rank === null ? undefined : read.count('q_lora_rank'),
    keyRank: read.count('kv_lora_rank'),
    scale: (plain + turned) ** -0.5 * scoreScale(config),
    hasBias: read.flag('attention_bias', false),
    rope: readRope(config, { family, headSize: turned, positions, pairing }),
  };
}

// With YaRN scores are multiplied by m(mscale_all_dim)² on top.
function scoreScale(config: ModelConfig): number {
  const outer = configReader(config, family);
  const parameters = outer.part('rope_scaling') ?? outer.part('rope_parameters') ?? {};
  const read = configReader(parameters, family);
  const share = read.optionalNumber('mscale_all_dim');
  const type = read.text('rope_type', read.text('type', 'default'));
  return type === 'default' || !share ? 1 : yarnScale(read.number('factor'), share) ** 2;
}

function readRouting(config: ModelConfig): Routing {
  const read = configReader(config, family);
  read.only('scoring_func', ['sigmoid']);
  read.only('topk_method', ['noaux_tc']);
  read.only('moe_layer_freq', [1]);
  const experts = read.count('n_routed_experts');
  const groups = read.optionalCount('n_group') ?? 8;
  const openGroups = read.optionalCount('topk_group') ?? 4;
  const chosen = read.optionalCount('num_experts_per_tok') ?? 8;
  const each = experts / groups;
  if (!Number.isInteger(each) || each < 2)
    throw contradiction(`${experts} experts don't make ${groups} groups of two or more`);
  if (openGroups < 1 || openGroups > groups || chosen < 1 || chosen > openGroups * each)
    throw contradiction(`${chosen} experts of ${openGroups} in ${groups} groups can't be chosen`);
  return {
    experts,
    groups,
    openGroups,
    chosen,
    normalised: read.flag('norm_topk_prob', true),
    scale: read.number('routed_scaling_factor', 2.5),
  };
}

type Sizes = ReturnType<typeof readSizes>;

function describe(sizes: Sizes, head: HeadKind, labels: number): ModelSpec {
  const { latent } = sizes;
  const queries = latent.queryRank === undefined ? ['q_proj'] : ['q_a_proj', 'q_b_proj'];
  return decoderSpec({
    family,
    head,
    labels,
    sizes,
    names: { prefix: 'model.', table: 'embed_tokens', blocks: 'layers' },
    hasPaddingRow: true,
    cache: cacheOf(latent),
    targets: () => [...queries, 'kv_b_proj'].map((name) => `self_attn.${name}`),
    blockParameters: (key, index) => blockParameters(sizes, key, index),
    finalParameters: (prefix) => [scaleSpec(`${prefix}norm.weight`, sizes.hidden, 'output')],
    block: (context, layer, hidden) => block(context, { sizes, layer, hidden }),
    final: (layer, hidden) => layer.rmsNorm('norm', hidden, sizes.epsilon),
  });
}

/** Compressed keys and values, and the turned part of keys that all heads share. */
function cacheOf({ keyRank, turned }: LatentSizes): CacheEntry[] {
  return [
    { name: 'latent', shape: [keyRank], kind: 'rows' },
    { name: 'key', shape: [turned], kind: 'rows' },
  ];
}

interface Place {
  readonly sizes: Sizes;
  readonly layer: Layer;
  readonly hidden: Value;
}

// x ← x + A(rms(x));   x ← x + F(rms(x)), where F is gated in the first blocks and S + Σₑ wₑ·Fₑ after them.
function block(context: BlockContext, { sizes, layer, hidden }: Place): BlockOutput {
  const { g } = context;
  const before = layer.rmsNorm('input_layernorm', hidden, sizes.epsilon);
  const { attended, cache } = latentAttention(context, layer, { sizes: sizes.latent, x: before });
  const middle = g.add(hidden, attended);
  const between = layer.rmsNorm('post_attention_layernorm', middle, sizes.epsilon);
  const isDense = layer.index < sizes.firstRouted;
  const fed = isDense
    ? gatedMlp(g, layer, between, { name: 'mlp', activation: sizes.activation })
    : routed(context, { sizes, layer, hidden: between });
  return { hidden: g.add(middle, fed), cache };
}

function routed(context: BlockContext, { sizes, layer, hidden }: Place): Value {
  const { g, parameters } = context;
  const mlp = (name: string, x: Value): Value =>
    gatedMlp(g, layer, x, { name, activation: sizes.activation });
  const rows = g.reshape(hidden, [flattenedDim(hidden, [0, 1]), dimOf(hidden, 2)]);
  const bias = parameters.weight(layer.keyOf('mlp.gate.e_score_correction_bias'));
  const weights = routerWeights(g, { logits: layer.map('mlp.gate', rows), bias }, sizes.routing);
  const mixed = mixExperts(context, hidden, {
    weights,
    expert: (k, x) => mlp(`mlp.experts.${k}`, x),
  });
  return g.add(mixed, mlp('mlp.shared_experts', hidden));
}

function blockParameters(sizes: Sizes, key: string, index: number): ParameterSpec[] {
  const { hidden } = sizes;
  const norm = (name: string): ParameterSpec => scaleSpec(`${key}${name}.weight`, hidden, index);
  return [
    norm('input_layernorm'),
    ...latentParameters(sizes.latent, `${key}self_attn.`, index),
    norm('post_attention_layernorm'),
    ...(index < sizes.firstRouted
      ? gatedParameters(`${key}mlp`, [hidden, sizes.inner], index)
      : routedParameters(sizes, `${key}mlp`, index)),
  ];
}

function gatedParameters(
  key: string,
  [hidden, inner]: readonly [number, number],
  index: number,
): ParameterSpec[] {
  const map = (name: string, size: readonly [number, number]): ParameterSpec =>
    at(linearSpecs(`${key}.${name}`, size, index), 0);
  return [
    map('gate_proj', [inner, hidden]),
    map('up_proj', [inner, hidden]),
    map('down_proj', [hidden, inner]),
  ];
}

function routedParameters(sizes: Sizes, key: string, index: number): ParameterSpec[] {
  const { hidden, expertInner: inner, routing } = sizes;
  const bias = scaleSpec(`${key}.gate.e_score_correction_bias`, routing.experts, index, 'zeros');
  return [
    weightSpec(`${key}.gate.weight`, [routing.experts, hidden], index),
    { ...bias, untrained: 'buffer' },
    ...Array.from({ length: routing.experts }, (_, k) =>
      gatedParameters(`${key}.experts.${k}`, [hidden, inner], index),
    ).flat(),
    ...gatedParameters(`${key}.shared_experts`, [hidden, inner * sizes.sharedExperts], index),
  ];
}
