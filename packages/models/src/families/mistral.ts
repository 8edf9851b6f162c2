import {
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
} from '@vflair/core/contract';
import { configReader, labelCount } from '../blocks/config.js';
import { optionalSize, readDecoderConfig } from '../blocks/decoder-config.js';
import { gatedDecoderSpec } from '../blocks/gated-decoder.js';
import { readRope } from '../blocks/rotary.js';

/** Mistral: the LLaMA block with grouped key heads, of which a query sees the last `sliding_window`. Jiang et al. 2023, arXiv:2310.06825. */
export default defineFamily({
  id: 'mistral',
  title: 'Mistral',
  paper: 'Jiang et al. 2023, arXiv:2310.06825',
  modelTypes: ['mistral'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg', 'qa'],
  blocks: (config) => configReader(config, 'mistral').count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← x + O·attend(turn(Q·n), turn(K·n), V·n), n = rms(x), i − w < j ≤ i;   x ← x + D(act(G·m) ⊙ U·m), m = rms(x).
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const family = 'mistral';
  const sizes = readDecoderConfig(config, family, { keyHeads: 8, positions: 131072 });
  const rope = readRope(config, { family, ...sizes });
  const window = optionalSize(config, family, { name: 'sliding_window', fallback: 4096 });
  return gatedDecoderSpec(
    {
      family,
      head,
      labels,
    },
    {
      config: sizes,
      rope: () => rope,
      visible: () => (window === undefined ? {} : { window }),
    },
  );
}
