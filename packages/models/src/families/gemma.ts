import {
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
} from '@vflair/core/contract';
import { configReader, labelCount } from '../blocks/config.js';
import { readDecoderConfig } from '../blocks/decoder-config.js';
import { gatedDecoderSpec } from '../blocks/gated-decoder.js';
import { readRope } from '../blocks/rotary.js';

/** Gemma: the LLaMA block with norms that start at 1 + w, embeddings times √hidden and a tied output. Gemma Team 2024, arXiv:2403.08295. */
export default defineFamily({
  id: 'gemma',
  title: 'Gemma',
  paper: 'Gemma Team 2024, arXiv:2403.08295',
  modelTypes: ['gemma'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg'],
  blocks: (config) => configReader(config, 'gemma').count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← √d·E[t];  x ← x + O·attend(turn(Q·n), turn(K·n), V·n), n = rms₁(x);   x ← x + D(gelu(G·m) ⊙ U·m), m = rms₁(x),
// where rms₁ multiplies by 1 + w.
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const family = 'gemma';
  const read = configReader(config, family);
  read.only('use_bidirectional_attention', [false]);
  const named = read.text('hidden_act', 'gelu_pytorch_tanh');
  // Published configs say `gelu` and mean its tanh approximation.
  const act = named === 'gelu' ? 'gelu_pytorch_tanh' : named;
  const sizes = readDecoderConfig({ ...config, hidden_act: act }, family, gemmaDefaults);
  const rope = readRope(config, { family, ...sizes });
  const hasBias = read.flag('attention_bias', false);
  return gatedDecoderSpec(
    {
      family,
      head,
      labels,
      embed: (g, tokens) => g.mul(tokens, Math.sqrt(sizes.hidden)),
    },
    {
      config: sizes,
      rope: () => rope,
      biases: { queries: hasBias, output: hasBias },
      normOffset: 1,
    },
  );
}

const gemmaDefaults = { keyHeads: 16, headSize: 256, tied: true, positions: 8192, padToken: 0 };
