import { defineFamily, type ModelConfig } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';
import { activation } from '../blocks/activation.js';
import { configReader, labelCount } from '../blocks/config.js';
import { encoder } from '../blocks/encoder.js';
import { countedPositions } from '../blocks/encoder-embedding.js';
import { bertLayerKeys, type EncoderPlan, encoderSizes } from '../blocks/encoder-plan.js';

/** RoBERTa: BERT's blocks, positions counted from the tokens, no pooler. Liu et al. 2019, arXiv:1907.11692; names as in transformers. */
export default defineFamily({
  id: 'roberta',
  title: 'RoBERTa',
  paper: 'Liu et al. 2019, arXiv:1907.11692',
  modelTypes: ['roberta'],
  architecture: 'encoder',
  heads: ['cls', 'reg', 'qa', 'mlm'],
  blocks: (config) => configReader(config, 'roberta').count('num_hidden_layers'),
  read: (config, head, labels) => encoder(plan(config), head, labelCount(config, head, labels)),
});

function plan(config: ModelConfig): EncoderPlan {
  const sizes = encoderSizes(config, 'roberta');
  const padToken = sizes.padToken ?? 1;
  const maxLength = sizes.positions - padToken - 1;
  if (maxLength < 1) {
    throw finding(
      'VF523',
      `\`max_position_embeddings\` ${sizes.positions} leaves no position after \`pad_token_id\` ${padToken}`,
      'positions of real tokens start at `pad_token_id` + 1: correct config.json',
    );
  }
  return {
    family: 'roberta',
    sizes: { ...sizes, padToken },
    width: sizes.hidden,
    maxLength,
    positions: (input) => countedPositions(input, padToken),
    // The row of padding positions stays as it is, like that of padding tokens.
    positionPadding: padToken,
    prefix: 'roberta.',
    layers: (block) => [bertLayerKeys(`roberta.encoder.layer.${block}`)],
    classifier: { dense: 'classifier.dense', output: 'classifier.out_proj' },
    mlm: {
      dense: 'lm_head.dense',
      norm: 'lm_head.layer_norm',
      bias: 'lm_head.bias',
      decoder: 'lm_head.decoder',
      // The head's own, whatever `hidden_act` says.
      activation: activation('gelu'),
    },
  };
}
