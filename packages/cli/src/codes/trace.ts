import type { CodeTable } from '@vflair/dsl';

/** VF580 to VF582: `vflair trace`. */
export const traceCodes: CodeTable = {
  VF580: {
    title: 'inputs that a trace can’t be made of',
    explanation:
      'The file holds `input_ids` of shape [batch, seq], and what goes with them in the same shape (`attention_mask`, `position_ids`, `token_type_ids`), each value in its range; labels have the shape their head takes. Inputs that only some families have are read under their names in transformers: the decoder behind an encoder reads `decoder_input_ids` or the labels, images are `pixel_values` with `image_grid_thw`. With `--generate` there is `gen.input_ids`, too.',
    language: 'json',
    wrong: '{ "input_ids": [[12, 7, 3]], "attention_mask": [[1, 1]] }',
    right: '{ "input_ids": [[12, 7, 3]], "attention_mask": [[1, 1, 1]] }',
  },
  VF581: {
    title: 'options of a trace that can’t go together',
    explanation:
      'They contradict each other or ask for what the model does not have; all that is wrong is listed at once. `vflair trace --help` says what each option takes.',
    language: 'sh',
    wrong: 'vflair trace --head cls --generate 8 …',
    right: 'vflair trace --head lm --generate 8 …',
  },
  VF582: {
    title: 'gradients without labels',
    explanation:
      '`--gradients` and `--steps` need a loss, and a loss needs labels: `labels` in the file of inputs, or `start_positions` and `end_positions` for a qa head.',
    language: 'json',
    wrong: '{ "input_ids": [[12, 7, 3]] }',
    right: '{ "input_ids": [[12, 7, 3]], "labels": [[12, 7, 3]] }',
  },
};
