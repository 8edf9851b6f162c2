import type { BlockContext, EmbedInput, ParameterSpec } from '@vflair/core/contract';
import { type Graph, multiplyDims, type Value } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import { attention } from './attention.js';
import { never } from './attention-bias.js';
import { type Layer, layerOf } from './layer.js';
import { linearSpecs, normSpecs, weightSpec } from './parameters.js';
import { type Rope, rotate } from './rotary.js';

/** Sizes of a vision transformer over patches. */
export interface VisionSizes {
  readonly blocks: number;
  /** Width of a patch's vector, and of a merged one as the text model reads it. */
  readonly width: number;
  readonly hidden: number;
  readonly heads: number;
  readonly inner: number;
  /** Channels, frames, height and width of a patch. */
  readonly patch: readonly [number, number, number, number];
  /** A square of merge × merge patches becomes one vector. */
  readonly merge: number;
  readonly activation: (g: Graph, x: Value) => Value;
  readonly rope: Rope;
}

/** Names of the tower's inputs: the patches' pixels, their place in the image (int64 `[2, 1, patches]`), and the frame each is of. */
export const visionInputs = {
  pixels: 'pixel_values',
  places: 'vision_places',
  frames: 'vision_frames',
} as const;

const epsilon = 1e-6;
const dot = 'visual.';

/**
 * Pixels `[patches, channels·frames·height·width]` → vectors `[patches/merge², hidden]`, one per image token: a transformer
 * over the patches of each frame, turned by row and column, whose squares are merged by two maps. Wang et al. 2024,
 * arXiv:2409.12191, §2.1; names as in transformers. Shows `vis.hidden.i` and `vis.hidden.final`.
 */
export function visionTower(input: EmbedInput, sizes: VisionSizes): Value {
  const { g, parameters, observe } = input;
  const pixels = input.input(visionInputs.pixels, 'float32', ['patches', patchSize(sizes)]);
  const patches = parameters.weight(`${dot}patch_embed.proj.weight`);
  const flat = g.reshape(patches, [sizes.width, patchSize(sizes)]);
  const context = visionContext(input);
  const frames = frameBias(context);
  let hidden = g.gemm(pixels, flat, { transB: true });
  observe('vis.hidden.0', hidden);
  for (let index = 0; index < sizes.blocks; index++) {
    const layer = layerOf(context, `${dot}blocks.${index}.`, index);
    hidden = block(context, { sizes, layer, frames }, hidden);
    observe(`vis.hidden.${index + 1}`, hidden);
  }
  const merged = merge(g, layerOf(context, `${dot}merger.`, sizes.blocks), { sizes, hidden });
  observe('vis.hidden.final', merged);
  return merged;
}

function patchSize({ patch }: VisionSizes): number {
  return patch.reduce((product, size) => product * size, 1);
}

/** Patches are one sequence without padding, whatever the text around them is. */
function visionContext({ g, parameters, given, input, observe }: EmbedInput): BlockContext {
  const places = input(visionInputs.places, 'int64', [2, 1, 'patches']);
  const mask = g.unsqueeze(g.add(g.mul(g.range('patches'), 0), 1), [0]);
  const positions = (): Value => places;
  const shared = new Map<string, Value>();
  return { g, parameters, given, input, observe, mask, positions, shared, companions: {} };
}

/** 0 between patches of one frame, else the most negative float32: `[1, 1, patches, patches]`. */
function frameBias({ g, input }: BlockContext): Value {
  const frames = input(visionInputs.frames, 'int64', ['patches']);
  const isSame = g.equal(g.unsqueeze(frames, [1]), g.unsqueeze(frames, [0]));
  return g.unsqueeze(g.where(isSame, 0, never), [0, 1]);
}

interface Place {
  readonly sizes: VisionSizes;
  readonly layer: Layer;
  readonly frames: Value;
}

// x ← x + O·attend(turn(Q·n), turn(K·n), V·n), n = N(x);   x ← x + W₂·act(W₁·N(x)).
function block(context: BlockContext, { sizes, layer, frames }: Place, hidden: Value): Value {
  const { g } = context;
  const { width, heads, rope } = sizes;
  const headSize = width / heads;
  const fused = layer.map('attn.qkv', layer.layerNorm('norm1', hidden, epsilon));
  const rows = g.split(g.unsqueeze(fused, [0]), [width, width, width], -1);
  const turned = (i: number): Value => rotate(context, at(rows, i), { rope, headSize });
  const attended = attention(context, {
    query: turned(0),
    key: turned(1),
    value: at(rows, 2),
    block: layer.index,
    heads,
    headSize,
    scale: headSize ** -0.5,
    causal: false,
    added: { now: frames },
  });
  const middle = g.add(hidden, layer.map('attn.proj', g.squeeze(attended, [0])));
  const inner = layer.map('mlp.fc1', layer.layerNorm('norm2', middle, epsilon));
  return g.add(middle, layer.map('mlp.fc2', sizes.activation(g, inner)));
}

// W₂·gelu(W₁·(N(x₁) ‖ … ‖ N(xₘ²))) of patches that stand one after the other.
function merge(
  g: Graph,
  layer: Layer,
  { sizes, hidden }: { readonly sizes: VisionSizes; readonly hidden: Value },
): Value {
  const normal = layer.layerNorm('ln_q', hidden, epsilon);
  const together = g.reshape(normal, ['squares', mergedWidth(sizes)]);
  return layer.map('mlp.2', g.gelu(layer.map('mlp.0', together)));
}

const mergedWidth = ({ width, merge }: VisionSizes): number => width * merge ** 2;

/** Parameters of the tower, all of them where the embedding is. */
export function visionParameters(sizes: VisionSizes): ParameterSpec[] {
  const { width, inner, hidden } = sizes;
  const merged = mergedWidth(sizes);
  const blocks = Array.from({ length: sizes.blocks }, (_, index) => {
    const key = `${dot}blocks.${index}`;
    return [
      ...normSpecs(`${key}.norm1`, width, 'embed'),
      ...normSpecs(`${key}.norm2`, width, 'embed'),
      ...linearSpecs(`${key}.attn.qkv`, [3 * width, width], 'embed'),
      ...linearSpecs(`${key}.attn.proj`, [width, width], 'embed'),
      ...linearSpecs(`${key}.mlp.fc1`, [inner, width], 'embed'),
      ...linearSpecs(`${key}.mlp.fc2`, [width, inner], 'embed'),
    ];
  });
  return [
    weightSpec(`${dot}patch_embed.proj.weight`, [width, ...sizes.patch], 'embed'),
    ...blocks.flat(),
    ...normSpecs(`${dot}merger.ln_q`, width, 'embed'),
    ...linearSpecs(`${dot}merger.mlp.0`, [merged, merged], 'embed'),
    ...linearSpecs(`${dot}merger.mlp.2`, [hidden, merged], 'embed'),
  ];
}

/** Token embeddings `[batch, seq, hidden]` with the rows of `features`, in order, in place of image tokens. */
export function placeFeatures(
  g: Graph,
  tokens: Value,
  {
    ids,
    imageToken,
    features,
  }: { readonly ids: Value; readonly imageToken: number; readonly features: Value },
): Value {
  const isImage = g.equal(ids, imageToken);
  const flat = g.reshape(g.cast(isImage, 'int64'), [multiplyDims(ids.shape)]);
  const row = g.max(g.sub(g.cumSum(flat, 0), 1), 0);
  const found = g.reshape(g.gather(features, row), tokens.shape);
  return g.where(g.unsqueeze(isImage, [-1]), found, tokens);
}
