import {
  type BlockContext,
  defineFamily,
  type HeadKind,
  type ModelConfig,
  type ModelSpec,
} from '@vflair/core/contract';
import { dimOf, flattenedDim, type Value } from '@vflair/core/graph';
import { type Alibi, alibiSlopes } from '../blocks/alibi.js';
import { configReader, labelCount } from '../blocks/config.js';
import { readDecoderConfig } from '../blocks/decoder-config.js';
import { gatedDecoderSpec } from '../blocks/gated-decoder.js';
import { type Rope, type RopeReading, readRope } from '../blocks/rotary.js';

/** Baichuan 2: the LLaMA block with one map for queries, keys and values, rotary (7B) or with alibi (13B). Yang et al. 2023, arXiv:2309.10305. */
export default defineFamily({
  id: 'baichuan',
  title: 'Baichuan 2',
  paper: 'Yang et al. 2023, arXiv:2309.10305',
  modelTypes: ['baichuan'],
  architecture: 'decoder',
  heads: ['lm'],
  blocks: (config) => configReader(config, 'baichuan').count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, head, labelCount(config, head, labels)),
});

// x ← x + O·attend(turn(q), turn(k), v), (q, k, v) = W·rms(x);   x ← x + D(act(G·m) ⊙ U·m), m = rms(x); the larger model
// turns nothing and adds slope·j to scaled scores. Logits are x·wᵀ/|w| for each row w of the output matrix.
function describe(config: ModelConfig, head: HeadKind, labels: number): ModelSpec {
  const family = 'baichuan';
  const read = configReader(config, family);
  read.only('tie_word_embeddings', [false]);
  // Only the rotary model's config has this field; the other one says `model_max_length`.
  const isRotary = read.optionalCount('max_position_embeddings') !== undefined;
  const positions = read.count('max_position_embeddings', 'model_max_length');
  const plain = { ...config, num_key_value_heads: null, head_dim: null };
  const sizes = { ...readDecoderConfig(plain, family, { padToken: 0 }), positions };
  const place = isRotary
    ? { rope: ropeFor(config, { family, ...sizes }) }
    : { visible: () => ({ alibi: alibiFor(sizes.heads) }) };
  return gatedDecoderSpec(
    {
      family,
      head,
      labels,
      around: (context, x) => normalisedLogits(context, x),
    },
    {
      config: sizes,
      ...place,
      fusedQueries: 'W_pack',
    },
  );
}

function ropeFor(config: ModelConfig, reading: RopeReading): () => Rope {
  const rope = readRope(config, reading);
  return () => rope;
}

function alibiFor(heads: number): Alibi {
  return { name: 'baichuan', slopes: alibiSlopes(heads), scale: 1, rounded: false };
}

// Rows shorter than 10⁻¹² are divided by that instead.
function normalisedLogits({ g, parameters }: BlockContext, x: Value): Value {
  const weight = parameters.weight('lm_head.weight');
  const lengths = g.max(g.sqrt(g.sum(g.mul(weight, weight), [1], true)), 1e-12);
  const rows = g.reshape(x, [flattenedDim(x, [0, 1]), dimOf(x, 2)]);
  const logits = g.gemm(rows, g.div(weight, lengths), { transB: true });
  return g.reshape(logits, [dimOf(x, 0), dimOf(x, 1), dimOf(weight, 0)]);
}
