import {
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
} from '@vflair/core/contract';
import { configReader, labelCount } from '../blocks/config.js';
import {
  blockWindows,
  optionalSize,
  readDecoderConfig,
  windowOf,
} from '../blocks/decoder-config.js';
import { gatedDecoderSpec } from '../blocks/gated-decoder.js';
import { readRope } from '../blocks/rotary.js';
import { softCap } from '../blocks/soft-cap.js';

/** Gemma 2: Gemma with norms after each branch too, soft caps, and windows in every other layer. Gemma Team 2024, arXiv:2408.00118. */
export default defineFamily({
  id: 'gemma2',
  title: 'Gemma 2',
  paper: 'Gemma Team 2024, arXiv:2408.00118',
  modelTypes: ['gemma2'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg'],
  blocks: (config) => configReader(config, 'gemma2').count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← √d·E[t];  x ← x + rms₁(O·attend(turn(Q·n), turn(K·n), V·n)), n = rms₁(x);   x ← x + rms₁(D(gelu(G·m) ⊙ U·m)),
// m = rms₁(x), where rms₁ multiplies by 1 + w. Scores and logits z become c·tanh(z/c).
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const family = 'gemma2';
  const read = configReader(config, family);
  read.only('use_bidirectional_attention', [false]);
  const sizes = readDecoderConfig(config, family, gemmaDefaults);
  const rope = readRope(config, { family, ...sizes });
  const hasBias = read.flag('attention_bias', false);
  const window = optionalSize(config, family, { name: 'sliding_window', fallback: 4096 });
  const windows = blockWindows(config, { family, blocks: sizes.blocks, window }, (index) =>
    index % 2 === 0 ? 'sliding_attention' : 'full_attention',
  );
  const cap = optionalSize(config, family, { name: 'attn_logit_softcapping', fallback: 50 });
  const last = optionalSize(config, family, { name: 'final_logit_softcapping', fallback: 30 });
  return gatedDecoderSpec(
    {
      family,
      head,
      labels,
      embed: (g, tokens) => g.mul(tokens, Math.sqrt(sizes.hidden)),
      around: ({ g }, x, map) => softCap(g, map(x), last),
    },
    {
      config: sizes,
      scale: read.number('query_pre_attn_scalar', 256) ** -0.5,
      rope: () => rope,
      visible: (index) => windowOf(windows, index),
      biases: { queries: hasBias, output: hasBias },
      normOffset: 1,
      hasBranchNorms: true,
      ...(cap === undefined ? {} : { cap }),
    },
  );
}

const gemmaDefaults = {
  keyHeads: 4,
  headSize: 256,
  tied: true,
  positions: 8192,
  padToken: 0,
  activationKey: 'hidden_activation',
  activation: 'gelu_pytorch_tanh',
};
