import {
  type BlockContext,
  defineFamily,
  type EmbedInput,
  type ModelConfig,
  type ModelSpec,
} from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { finding } from '@vflair/core/text';
import { activation } from '../blocks/activation.js';
import { configReader, labelCount } from '../blocks/config.js';
import {
  contradiction,
  lateWindows,
  readDecoderConfig,
  windowOf,
} from '../blocks/decoder-config.js';
import { gatedDecoderSpec } from '../blocks/gated-decoder.js';
import { imageInputs } from '../blocks/image-inputs.js';
import { scaleRope } from '../blocks/rope-scaling.js';
import { type Rope, readRope } from '../blocks/rotary.js';
import {
  placeFeatures,
  type VisionSizes,
  visionInputs,
  visionParameters,
  visionTower,
} from '../blocks/vision-tower.js';

const family = 'qwen2-vl';

/** Qwen2-VL: a decoder that reads images, and counts positions in time, height and width. Wang et al. 2024, arXiv:2409.12191. */
export default defineFamily({
  id: 'qwen2-vl',
  title: 'Qwen2-VL',
  paper: 'Wang et al. 2024, arXiv:2409.12191',
  modelTypes: ['qwen2_vl'],
  architecture: 'decoder',
  heads: ['lm'],
  blocks: (config) => configReader(textConfig(config), family).count('num_hidden_layers'),
  read: (config, head, labels) => describe(config, labelCount(config, head, labels)),
});

/** The part about text: of its own (transformers 5), or among the rest (transformers 4). */
function textConfig(config: ModelConfig): ModelConfig {
  const text = configReader(config, family).part('text_config') ?? config;
  const tied = config.tie_word_embeddings ?? text.tie_word_embeddings ?? false;
  return { ...text, tie_word_embeddings: tied };
}

function describe(config: ModelConfig, labels: number): ModelSpec {
  const read = configReader(config, family);
  const text = textConfig(config);
  const defaults = { keyHeads: 8, epsilon: 1e-5, positions: 32768 };
  const sizes = readDecoderConfig(text, family, defaults);
  const rope = readTextRope(text, sizes);
  const vision = readVision(read.part('vision_config') ?? {}, sizes.hidden);
  const imageToken = read.optionalCount('image_token_id') ?? 151655;
  const windows = lateWindows(text, family, sizes.blocks, 80);
  const decoder = gatedDecoderSpec(
    {
      family,
      head: 'lm',
      labels,
    },
    {
      config: sizes,
      rope: () => rope,
      visible: (index) => windowOf(windows, index),
      biases: { queries: true },
    },
  );
  const [channels, frames, height, width] = vision.patch;
  return {
    ...decoder,
    parameters: [...decoder.parameters, ...visionParameters(vision)],
    aliases,
    ...imageInputs({
      imageToken,
      merge: vision.merge,
      patchSize: channels * frames * height * width,
    }),
    embed: (input, tokens) => embed(input, { tokens, vision, imageToken }),
    block: (context, index, hidden) => decoder.block(withPlaces(context), index, hidden),
  };
}

/** `mrope` names the sections, which are read apart; the scalings are those of everybody. */
const ropeTypes = {
  mrope: 'default',
  default: 'default',
  linear: 'linear',
  dynamic: 'dynamic',
  yarn: 'yarn',
  llama3: 'llama3',
  longrope: 'longrope',
};

function readTextRope(text: ModelConfig, sizes: { headSize: number; positions: number }): Rope {
  const read = configReader(text, family);
  const parameters = read.part('rope_scaling') ?? read.part('rope_parameters') ?? {};
  const sections = configReader(parameters, family).numbers('mrope_section');
  const sum = (sections ?? []).reduce((a, b) => a + b, 0);
  if (sections?.length !== 3 || sum !== sizes.headSize / 2)
    throw contradiction(
      `\`mrope_section\` [${sections ?? ''}] does not share ${sizes.headSize / 2} pairs among time, height and width`,
    );
  const rope = readRope(text, { family, ...sizes, base: 1e6, types: ropeTypes });
  return { ...rope, sections };
}

function readVision(config: ModelConfig, hidden: number): VisionSizes {
  const read = configReader(config, family);
  const [width, heads] = [
    read.optionalCount('embed_dim') ?? 1280,
    read.optionalCount('num_heads') ?? 16,
  ];
  const headSize = width / heads;
  if (headSize % 4 !== 0)
    throw contradiction(
      `\`embed_dim\` ${width} is not \`num_heads\` ${heads} times a multiple of 4`,
    );
  if ((read.optionalCount('hidden_size') ?? hidden) !== hidden)
    throw contradiction('`hidden_size` of text and images differ');
  const patch = read.optionalCount('patch_size') ?? 14;
  const channels = read.optionalCount('in_channels') ?? read.optionalCount('in_chans') ?? 3;
  return {
    blocks: read.optionalCount('depth') ?? 32,
    width,
    hidden,
    heads,
    inner: Math.trunc(width * read.number('mlp_ratio', 4)),
    patch: [channels, read.optionalCount('temporal_patch_size') ?? 2, patch, patch],
    merge: read.optionalCount('spatial_merge_size') ?? 2,
    activation: activation(read.text('hidden_act', 'quick_gelu')),
    rope: visionRope(config, headSize),
  };
}

/** Half of a head's pairs turns by a patch's row, half by its column, with the same frequencies. */
function visionRope(config: ModelConfig, headSize: number): Rope {
  const parameters = configReader(config, family).part('rope_parameters') ?? {};
  const read = configReader(parameters, family);
  const type = read.text('rope_type', 'axial');
  if (type !== 'axial' && type !== 'default')
    throw finding(
      'VF532',
      `rope type \`${type}\` of images is one the ${family} family does not compute`,
      'it computes axial',
    );
  const half = {
    family,
    parameters: {},
    base: read.number('rope_theta', 10000),
    size: headSize / 2,
  };
  const { frequencies } = scaleRope('default', { ...half, positions: 1, original: 1 });
  const inverse = [...frequencies.inverse, ...frequencies.inverse];
  return {
    name: 'vision',
    size: headSize,
    pairing: 'half',
    sections: [headSize / 4, headSize / 4],
    frequencies: { kind: 'fixed', inverse },
    attentionFactor: 1,
  };
}

/** Vectors of the images in place of their tokens, where there are images. */
function embed(
  input: EmbedInput,
  {
    tokens,
    vision,
    imageToken,
  }: { readonly tokens: Value; readonly vision: VisionSizes; readonly imageToken: number },
): Value {
  if (!input.given.has(visionInputs.pixels)) return tokens;
  const ids = input.input('ids', 'int64', ['batch', 'seq']);
  return placeFeatures(input.g, tokens, { ids, imageToken, features: visionTower(input, vision) });
}

/** Positions on three axes where they are given; without images all three are the same. */
function withPlaces(context: BlockContext): BlockContext {
  const { given, input, positions } = context;
  return {
    ...context,
    positions: () =>
      given.has('position_ids') ? input('position_ids', 'int64', [3, 'batch', 'seq']) : positions(),
  };
}

/** Names of transformers 5, which has both parts under one prefix. */
function aliases(key: string): string[] {
  if (key.startsWith('visual.')) return [`model.${key}`];
  if (!key.startsWith('model.')) return [];
  const bare = key.slice('model.'.length);
  return [`model.language_model.${bare}`, `language_model.model.${bare}`, `language_model.${bare}`];
}
