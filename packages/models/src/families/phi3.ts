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

/** Phi-3: the LLaMA block with one map for queries, keys and values and one for gate and up. Abdin et al. 2024, arXiv:2404.14219. */
export default defineFamily({
  id: 'phi3',
  title: 'Phi-3',
  paper: 'Abdin et al. 2024, arXiv:2404.14219',
  modelTypes: ['phi3'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg'],
  blocks: (config) => configReader(config, 'phi3').count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← x + O·attend(turn(q), turn(k), v), (q, k, v) = W·rms(x);   x ← x + D(act(a) ⊙ b), (a, b) = U·rms(x).
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const family = 'phi3';
  const defaults = { epsilon: 1e-5, positions: 4096, padToken: 32000 };
  const sizes = readDecoderConfig(config, family, defaults);
  const rope = readRope(config, {
    family,
    ...sizes,
    partial: 1,
    original: 4096,
    // Older configs call long rope by other names; no other scaling is known for this family.
    types: { default: 'default', longrope: 'longrope', su: 'longrope', yarn: 'longrope' },
  });
  const window = optionalSize(config, family, { name: 'sliding_window' });
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
      fusedQueries: 'qkv_proj',
      fusedGate: 'gate_up_proj',
    },
  );
}
