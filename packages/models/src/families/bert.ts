import { defineFamily, type ModelConfig } from '@vflair/core/contract';
import { configReader, labelCount } from '../blocks/config.js';
import { encoder } from '../blocks/encoder.js';
import { bertLayerKeys, type EncoderPlan, encoderSizes } from '../blocks/encoder-plan.js';

/** BERT: post-norm bidirectional encoder with learned positions. Devlin et al. 2019, arXiv:1810.04805; names as in transformers. */
export default defineFamily({
  id: 'bert',
  title: 'BERT',
  paper: 'Devlin et al. 2019, arXiv:1810.04805',
  modelTypes: ['bert'],
  architecture: 'encoder',
  heads: ['cls', 'reg', 'qa', 'mlm'],
  blocks: (config) => configReader(config, 'bert').count('num_hidden_layers'),
  read: (config, head, labels) => encoder(plan(config), head, labelCount(config, head, labels)),
});

function plan(config: ModelConfig): EncoderPlan {
  const sizes = encoderSizes(config, 'bert');
  return {
    family: 'bert',
    sizes,
    width: sizes.hidden,
    maxLength: sizes.positions,
    positions: ({ positions }) => positions,
    prefix: 'bert.',
    layers: (block) => [bertLayerKeys(`bert.encoder.layer.${block}`)],
    classifier: { dense: 'bert.pooler.dense', output: 'classifier' },
    mlm: {
      dense: 'cls.predictions.transform.dense',
      norm: 'cls.predictions.transform.LayerNorm',
      bias: 'cls.predictions.bias',
      decoder: 'cls.predictions.decoder',
      activation: sizes.activation,
    },
  };
}
