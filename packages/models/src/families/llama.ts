import {
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
} from '@vflair/core/contract';
import { configReader, labelCount } from '../blocks/config.js';
import { contradiction, readDecoderConfig } from '../blocks/decoder-config.js';
import { gatedDecoderSpec } from '../blocks/gated-decoder.js';
import { readRope } from '../blocks/rotary.js';

/** LLaMA: pre-norm decoder with rotary positions and gated feed-forward parts. Touvron et al. 2023, arXiv:2302.13971. */
export default defineFamily({
  id: 'llama',
  title: 'LLaMA',
  paper: 'Touvron et al. 2023, arXiv:2302.13971',
  modelTypes: ['llama'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg', 'qa'],
  blocks: (config) => configReader(config, 'llama').count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← x + O·attend(turn(Q·n), turn(K·n), V·n), n = rms(x);   x ← x + D(act(G·m) ⊙ U·m), m = rms(x).
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const family = 'llama';
  const read = configReader(config, family);
  const sizes = readDecoderConfig(config, family);
  if (sizes.hidden % sizes.heads !== 0)
    throw contradiction(
      `\`hidden_size\` ${sizes.hidden} is not a multiple of \`num_attention_heads\` ${sizes.heads}`,
    );
  const rope = readRope(config, { family, ...sizes });
  const hasBias = read.flag('attention_bias', false);
  return gatedDecoderSpec(
    {
      family,
      head,
      labels,
      prefix: head === 'qa' ? 'transformer.' : 'model.',
    },
    {
      config: sizes,
      rope: () => rope,
      biases: { queries: hasBias, output: hasBias, mlp: read.flag('mlp_bias', false) },
    },
  );
}
