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

/** Qwen2: the LLaMA block with biases on queries, keys and values; late layers may see a window only. Yang et al. 2024, arXiv:2407.10671. */
export default defineFamily({
  id: 'qwen2',
  title: 'Qwen2',
  paper: 'Yang et al. 2024, arXiv:2407.10671',
  modelTypes: ['qwen2'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg', 'qa'],
  blocks: (config) => configReader(config, 'qwen2').count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← x + O·attend(turn(Q·n + b), turn(K·n + c), V·n + d), n = rms(x);   x ← x + D(act(G·m) ⊙ U·m), m = rms(x).
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const family = 'qwen2';
  const sizes = readDecoderConfig(config, family, { positions: 32768 });
  const rope = readRope(config, { family, ...sizes });
  const windows = lateWindows(config, family, sizes.blocks);
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
      biases: { queries: true },
    },
  );
}
