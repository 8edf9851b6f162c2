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
import { type Rope, type RopeReading, ropeOf } from '../blocks/rotary.js';
import { softCap } from '../blocks/soft-cap.js';

const family = 'gemma3-text';

/** Gemma 3, its text model: Gemma 2 with norms of query and key heads and a rotary base for each kind of layer. Gemma Team 2025, arXiv:2503.19786. */
export default defineFamily({
  id: family,
  title: 'Gemma 3',
  paper: 'Gemma Team 2025, arXiv:2503.19786',
  modelTypes: ['gemma3_text'],
  architecture: 'decoder',
  heads: ['lm', 'cls', 'reg'],
  blocks: (config) => configReader(config, family).count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← √d·E[t];  x ← x + rms₁(O·attend(turn(rms₁(Q·n)), turn(rms₁(K·n)), V·n)), n = rms₁(x);
// x ← x + rms₁(D(gelu(G·m) ⊙ U·m)), m = rms₁(x), where rms₁ multiplies by 1 + w. The reference leaves scores uncapped
// whatever `attn_logit_softcapping` says.
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const read = configReader(config, family);
  const isBidirectional = read.flag('use_bidirectional_attention', false);
  // A text that is continued is read from left to right.
  if (head === 'lm') read.only('use_bidirectional_attention', [false]);
  const sizes = readDecoderConfig(config, family, gemmaDefaults);
  const hasBias = read.flag('attention_bias', false);
  const named = optionalSize(config, family, { name: 'sliding_window', fallback: 4096 });
  // The window is that of both sides together.
  const window = isBidirectional && named !== undefined ? Math.floor(named / 2) + 1 : named;
  const every = read.optionalCount('sliding_window_pattern') ?? 6;
  const windows = blockWindows(config, { family, blocks: sizes.blocks, window }, (index) =>
    (index + 1) % every === 0 ? 'full_attention' : 'sliding_attention',
  );
  const ropes = readRopes(config, { family, ...sizes });
  const last = optionalSize(config, family, { name: 'final_logit_softcapping' });
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
      rope: (index) => (windows[index] === undefined ? ropes.full : ropes.sliding),
      visible: (index) => windowOf(windows, index),
      biases: { queries: hasBias, output: hasBias },
      normOffset: 1,
      hasHeadNorms: true,
      hasBranchNorms: true,
      isBidirectional,
    },
  );
}

// transformers 5 nests `rope_parameters` by kind of layer; before, `rope_scaling` was that of full layers and
// `rope_local_base_freq` the base of sliding ones.
function readRopes(config: ModelConfig, reading: RopeReading) {
  const read = configReader(config, family);
  const nested = configReader(read.part('rope_parameters') ?? {}, family);
  const of = (name: string, base: number, scaling: ModelConfig = {}): Rope =>
    ropeOf(
      { config: {}, parameters: { ...nested.part(name), ...scaling } },
      { ...reading, base },
      name,
    );
  return {
    full: of('full_attention', read.number('rope_theta', 1e6), read.part('rope_scaling')),
    sliding: of('sliding_attention', read.number('rope_local_base_freq', 1e4)),
  };
}

const gemmaDefaults = {
  keyHeads: 4,
  headSize: 256,
  tied: true,
  positions: 131072,
  padToken: 0,
  activationKey: 'hidden_activation',
  activation: 'gelu_pytorch_tanh',
};
