import { defineFamily, type ModelConfig } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';
import { activation } from '../blocks/activation.js';
import { configReader, labelCount } from '../blocks/config.js';
import { encoder } from '../blocks/encoder.js';
import { type EncoderPlan, encoderSizes, type LayerKeys } from '../blocks/encoder-plan.js';

/** ALBERT: blocks that share their weights in groups, and narrow embeddings. Lan et al. 2020, arXiv:1909.11942; names as in transformers. */
export default defineFamily({
  id: 'albert',
  title: 'ALBERT',
  paper: 'Lan et al. 2020, arXiv:1909.11942',
  modelTypes: ['albert'],
  architecture: 'encoder',
  heads: ['cls', 'reg', 'qa', 'mlm'],
  blocks: (config) => configReader(config, 'albert').count('num_hidden_layers'),
  read: (config, head, labels) => encoder(plan(config), head, labelCount(config, head, labels)),
});

function plan(config: ModelConfig): EncoderPlan {
  const read = configReader(config, 'albert');
  const act = activation(read.text('hidden_act', 'gelu_new'));
  const sizes = { ...encoderSizes(config, 'albert'), activation: act };
  return {
    family: 'albert',
    sizes,
    width: read.optionalCount('embedding_size') ?? 128,
    widen: 'albert.encoder.embedding_hidden_mapping_in',
    maxLength: sizes.positions,
    positions: ({ positions }) => positions,
    prefix: 'albert.',
    layers: groupedLayers(config, sizes.blocks),
    classifier: { dense: 'albert.pooler', output: 'classifier' },
    mlm: {
      dense: 'predictions.dense',
      norm: 'predictions.LayerNorm',
      bias: 'predictions.bias',
      decoder: 'predictions.decoder',
      activation: act,
    },
  };
}

// Block i belongs to group ⌊i / (blocks / groups)⌋, and applies that group's layers one after another.
function groupedLayers(config: ModelConfig, blocks: number): EncoderPlan['layers'] {
  const read = configReader(config, 'albert');
  const groups = read.optionalCount('num_hidden_groups') ?? 1;
  const inside = read.optionalCount('inner_group_num') ?? 1;
  if (groups < 1 || groups > blocks || inside < 1) {
    throw finding(
      'VF523',
      `${groups} \`num_hidden_groups\` of ${inside} \`inner_group_num\` layers do not serve ${blocks} blocks`,
      'there are 1 to `num_hidden_layers` groups of at least one layer: correct config.json',
    );
  }
  return (block) => {
    const group = Math.floor(block / (blocks / groups));
    const key = `albert.encoder.albert_layer_groups.${group}.albert_layers`;
    return Array.from({ length: inside }, (_, i) => layer(`${key}.${i}`));
  };
}

function layer(key: string): LayerKeys {
  return {
    query: `${key}.attention.query`,
    key: `${key}.attention.key`,
    value: `${key}.attention.value`,
    attentionOutput: `${key}.attention.dense`,
    attentionNorm: `${key}.attention.LayerNorm`,
    inner: `${key}.ffn`,
    output: `${key}.ffn_output`,
    outputNorm: `${key}.full_layer_layer_norm`,
  };
}
