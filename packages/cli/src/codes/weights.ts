import type { CodeTable } from '@vflair/dsl';

const tensor = (fields: string): string => `{ "w": { ${fields} } }`;

const folder = (...files: readonly string[]): string =>
  ['weights/', ...files.map((file) => `  ${file}`)].join('\n');

/** VF510 to VF518 and VF549: safetensors files. */
export const weightCodes: CodeTable = {
  VF510: {
    title: 'weights that are not there or can’t be opened',
    explanation:
      'A model folder holds `model.safetensors`, or `model.safetensors.index.json` with the shards it lists. Other formats are not read: convert them first. A file of tensors has to be a plain file that you may read.',
    language: 'text',
    wrong: folder('config.json', 'pytorch_model.bin', 'tokenizer.json'),
    right: folder('config.json', 'model.safetensors', 'tokenizer.json'),
  },
  VF511: {
    title: 'weights that are cut short',
    explanation:
      'The file ends before its header or a tensor does, as after a download that broke off. Compare its size with that at the source, and fetch it again.',
    language: 'text',
    wrong: '417 MB  model.safetensors  (440 MB at the source)',
    right: '440 MB  model.safetensors  (440 MB at the source)',
  },
  VF512: {
    title: 'a header or an index of weights that can’t be read',
    explanation:
      'The header of a safetensors file and the index of shards are JSON objects in UTF-8, without a name that stands twice. Every tensor has a `shape` and two `data_offsets`, and all metadata are texts. Often the file is not a safetensors file at all.',
    language: 'json',
    wrong: tensor('"dtype": "F32", "shape": [2, 2]'),
    right: tensor('"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]'),
  },
  VF513: {
    title: 'a tensor of a type that can’t be used here',
    explanation:
      'Weights are floating numbers (F64, F32, F16 or BF16); ids and labels are integers. Quantised and unknown types are not read.',
    language: 'json',
    wrong: tensor('"dtype": "Q4", "shape": [2, 2], "data_offsets": [0, 16]'),
    right: tensor('"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]'),
  },
  VF514: {
    title: 'a tensor with more or fewer bytes than its shape needs',
    explanation:
      'The bytes of a tensor are the product of its shape times the bytes of its type: the file was damaged or written wrongly.',
    language: 'json',
    wrong: tensor('"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 16]'),
    right: tensor('"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]'),
  },
  VF515: {
    title: 'tensors that do not lie where the file has its data',
    explanation:
      'The tensors of a safetensors file cover its data exactly: inside the file, one after the other, without overlap and without bytes that belong to none.',
    language: 'json',
    wrong: tensor('"dtype": "F32", "shape": [2, 2], "data_offsets": [4, 20]'),
    right: tensor('"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]'),
  },
  VF516: {
    title: 'an index of shards that does not fit its shards',
    explanation:
      'The `weight_map` of `model.safetensors.index.json` says in which file each tensor lies; the files stand beside the index, and each holds what is placed in it.',
    language: 'json',
    wrong: '{ "weight_map": { "w": "../shard.safetensors" } }',
    right: '{ "weight_map": { "w": "shard.safetensors" } }',
  },
  VF517: {
    title: 'a tensor that is asked for by name and is not in the file',
    explanation:
      'One tensor goes with another and is missing, as the `lora_B` of an adapter’s `lora_A`. The hint names the nearest that are there.',
    language: 'text',
    wrong: 'the file has c_attn.lora_A.weight',
    right: 'the file has c_attn.lora_A.weight and c_attn.lora_B.weight',
  },
  VF518: {
    title: 'a weight that is no finite number',
    explanation:
      'A tensor holds NaN or an infinity, or would when it is stored as float16, whose largest number is 65504. Results computed from it would be NaN, too.',
    language: 'text',
    wrong: 'h.0.mlp.c_fc.weight: 0.12, NaN, -0.07, …',
    right: 'h.0.mlp.c_fc.weight: 0.12, 0.31, -0.07, …',
  },
  VF549: {
    title: 'two tokens that would be the same in float16',
    explanation:
      'A pretrained table is stored as float16, and two of its rows are equal after rounding: nobody could tell these tokens apart, and recovery figures would be wrong. Longer training moves them apart.',
    language: 'sh',
    wrong: 'npm run pretrain -- tiny-gpt2 --steps 1',
    right: 'npm run pretrain -- tiny-gpt2 --steps 4000',
  },
};
