import {
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
} from '@vflair/core/contract';
import { configReader, labelCount } from '../blocks/config.js';
import { lateWindows, readDecoderConfig, windowOf } from '../blocks/decoder-config.js';
import { gatedDecoderSpec } from '../blocks/gated-decoder.js';
import { readRope } from '../blocks/rotary.js';

/** Qwen3: the LLaMA block whose query and key heads pass a norm before they are turned. Yang et al. 2025, arXiv:2505.09388. */
export default defineFamily({
  id: 'qwen3',
  title: 'Qwen3',
  paper: 'Yang et al. 2025, arXiv:2505.09388',
  modelTypes: ['qwen3'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg', 'qa'],
  blocks: (config) => configReader(config, 'qwen3').count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← x + O·attend(turn(rms(Q·n)), turn(rms(K·n)), V·n), n = rms(x);   x ← x + D(act(G·m) ⊙ U·m), m = rms(x).
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const family = 'qwen3';
  const read = configReader(config, family);
  const sizes = readDecoderConfig(config, family, { headSize: 128, positions: 32768 });
  const rope = readRope(config, { family, ...sizes });
  const windows = lateWindows(config, family, sizes.blocks);
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
      visible: (index) => windowOf(windows, index),
      hasHeadNorms: true,
      biases: { queries: hasBias, output: hasBias },
    },
  );
}
