import type { ModelConfig, Tensors } from '@vflair/core/contract';
import { Slice, wholePart } from '@vflair/core/session';
import { asFloat, floatTensor, intTensor, randomStream } from '@vflair/core/tensor';
import { cacheDefects, compositionDefects, drawFamilyCase } from '@vflair/core/testing';
import { Findings, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import qwen2 from './qwen2-vl.js';

const text = {
  hidden_size: 8,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  num_hidden_layers: 2,
  intermediate_size: 10,
  vocab_size: 11,
  rope_parameters: { rope_type: 'default', rope_theta: 100, mrope_section: [1, 1, 0] },
};
const vision = {
  depth: 1,
  embed_dim: 8,
  hidden_size: 8,
  num_heads: 2,
  mlp_ratio: 1.5,
  in_channels: 1,
  patch_size: 2,
  temporal_patch_size: 1,
  spatial_merge_size: 2,
};
const config = {
  model_type: 'qwen2_vl',
  text_config: text,
  vision_config: vision,
  image_token_id: 3,
};

const read = (extra: ModelConfig = {}) => qwen2.read({ ...config, ...extra }, 'lm');

const codeOf = (extra: ModelConfig): string => {
  try {
    read(extra);
    return 'none';
  } catch (error) {
    return error instanceof Findings ? (error.diagnostics[0]?.code ?? '') : String(error);
  }
};

/** Two images of 2 × 4 and 2 × 2 patches: two vectors in the first row, one in the second, which is padded. */
const images = (pixel = 0.5): Tensors => ({
  ids: intTensor([2, 5], [4, 3, 3, 5, 6, 7, 3, 8, 0, 0]),
  pixel_values: floatTensor(
    [12, 4],
    Float32Array.from({ length: 48 }, (_, i) => (i === 47 ? pixel : Math.sin(i))),
  ),
  image_grid_thw: intTensor([2, 3], [1, 2, 4, 1, 2, 2]),
});

test.each([[0], [1], [2], [0, 1, 2]])(
  'a model with images cut before block %i is the model in one piece',
  async (...cuts) => {
    const made = drawFamilyCase(read(), randomStream('qwen2-vl'), images());
    expect(await compositionDefects(made, cuts)).toEqual([]);
  },
);

test('position by position with a cache is all at once, on text', async () => {
  const made = drawFamilyCase(read(), randomStream('qwen2-vl/cache'));
  const { position_ids: _, ...inputs } = made.inputs;
  expect(await cacheDefects({ ...made, inputs })).toEqual([]);
});

test('an image changes the row it stands in and no other', async () => {
  const logits = async (pixel: number) => {
    const { spec, weights, inputs } = drawFamilyCase(read(), randomStream('pixels'), images(pixel));
    const stored = (key: string) => present(weights.get(key), key);
    const slice = new Slice(spec, wholePart(spec), {
      stored,
      trained: new Map(),
      adapters: new Map(),
    });
    const { result } = await slice.forward(inputs);
    await slice.close();
    return asFloat(present(result, 'logits')).data;
  };
  const [one, other] = [await logits(0.5), await logits(-2)];
  expect(one.slice(0, 55)).toEqual(other.slice(0, 55));
  // The token before the image doesn't see it, the image's own does.
  expect(one.slice(55, 66)).toEqual(other.slice(55, 66));
  expect(one.slice(66, 77)).not.toEqual(other.slice(66, 77));
});

test('patches of a square stand one after the other, frames apart', () => {
  const { prepare } = read();
  const { vision_places: places, vision_frames: frames } =
    prepare?.({
      ...images(),
      mask: intTensor([2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]),
    }) ?? {};
  const rows = [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1];
  const columns = [0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1];
  expect(places).toEqual(intTensor([2, 1, 12], [...rows, ...columns]));
  expect(frames).toEqual(intTensor([12], [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]));
});

test('images that are not those of the tokens are findings', () => {
  const mask = intTensor([2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
  const prepare = (extra: Tensors) => () => read().prepare?.({ ...images(), mask, ...extra });
  expect(prepare({})).not.toThrow();
  expect(prepare({ image_grid_thw: intTensor([1, 3], [1, 2, 4]) })).toThrow('12 patches');
  expect(prepare({ image_grid_thw: intTensor([2, 3], [1, 2, 4, 1, 1, 4]) })).toThrow('1 × 1 × 4');
  expect(prepare({ ids: intTensor([2, 5], [4, 3, 5, 5, 6, 7, 3, 8, 0, 0]) })).toThrow(
    '2 image tokens',
  );
  expect(prepare({ pixel_values_videos: floatTensor([0, 4], new Float32Array()) })).toThrow(
    'videos',
  );
});

test('new tokens go on after the largest position of their prompt, which an image makes smaller', () => {
  const prompt = { ...images(), mask: intTensor([2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]) };
  const { inputs } = present(read().next?.(prompt, intTensor([2, 2], [9, 8, 7, 6])), 'next');
  expect(inputs.ids).toEqual(intTensor([2, 1], [8, 6]));
  // Row 0: 0, the image at 1 with columns 1 and 2, then 3 and 4; row 1: 0, 1, 2.
  expect(inputs.position_ids).toEqual(intTensor([3, 2, 1], [6, 4, 6, 4, 6, 4]));
  expect(inputs.pixel_values).toBeUndefined();
});

test('the text part may stand among the rest, as transformers 4 writes it', () => {
  const { text_config: _, ...rest } = config;
  const scaling = { type: 'mrope', mrope_section: [1, 1, 0] };
  const { rope_parameters: __, ...flat } = text;
  const old = qwen2.read({ ...rest, ...flat, rope_theta: 100, rope_scaling: scaling }, 'lm');
  expect(old.parameters).toEqual(read().parameters);
});

test('a config that leaves out or contradicts what it needs is a finding', () => {
  const textOf = (extra: ModelConfig) => ({ text_config: { ...text, ...extra } });
  const visionOf = (extra: ModelConfig) => ({ vision_config: { ...vision, ...extra } });
  expect(codeOf({})).toBe('none');
  expect(codeOf(textOf({ hidden_size: undefined }))).toBe('VF530');
  expect(codeOf(textOf({ rope_parameters: {} }))).toBe('VF523');
  expect(codeOf(textOf({ rope_parameters: { mrope_section: [1, 1, 1] } }))).toBe('VF523');
  expect(codeOf(visionOf({ num_heads: 4 }))).toBe('VF523');
  expect(codeOf(visionOf({ hidden_size: 12 }))).toBe('VF523');
  expect(codeOf(visionOf({ hidden_act: 'swoosh' }))).toBe('VF531');
  expect(codeOf(visionOf({ rope_parameters: { rope_type: 'yarn' } }))).toBe('VF532');
  expect(codeOf(textOf({ layer_types: ['linear_attention', 'full_attention'] }))).toBe('VF532');
});
