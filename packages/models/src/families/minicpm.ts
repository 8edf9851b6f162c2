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

/** MiniCPM: the LLaMA block with scaled embeddings, branches and logits. Hu et al. 2024, arXiv:2404.06395, §3; names as in its published code. */
export default defineFamily({
  id: 'minicpm',
  title: 'MiniCPM',
  paper: 'Hu et al. 2024, arXiv:2404.06395',
  modelTypes: ['minicpm'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg'],
  blocks: (config) => configReader(config, 'minicpm').count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← s·E[t];  x ← x + r·O·attend(turn(Q·n), turn(K·n), V·n), n = rms(x);   x ← x + r·D(act(G·m) ⊙ U·m), m = rms(x),
// r = scale_depth/√layers. Logits of a language model come from x/(hidden/dim_model_base).
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const family = 'minicpm';
  const read = configReader(config, family);
  // Its variant with experts has the same `model_type`.
  read.only('num_experts', [0]);
  const sizes = readDecoderConfig(config, family, { tied: true });
  const rope = readRope(config, { family, ...sizes });
  const hasBias = read.flag('attention_bias', false);
  const width = sizes.hidden / read.number('dim_model_base', 1);
  return gatedDecoderSpec(
    {
      family,
      head,
      labels,
      embed: (g, tokens) => g.mul(tokens, read.number('scale_emb', 1)),
      around: ({ g }, x, map) => map(g.div(x, width)),
    },
    {
      config: sizes,
      rope: () => rope,
      biases: { queries: hasBias, output: hasBias },
      residual: read.number('scale_depth', 1) / Math.sqrt(sizes.blocks),
    },
  );
}
