import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FloatTensor, sizeOf } from '@vflair/core/tensor';
import { openCheckpoint } from '@vflair/models';
import { afterAll, expect, test } from 'vitest';
import { encodeGguf, floatPart } from '../../packages/models/src/testing/encode-gguf.js';
import { temporaryFolder } from '../../packages/models/src/testing/temporary-folder.js';
import { forwardDeviations, generation } from './families/family-cases.js';
import { type Golden, goldenAbsent, openGolden } from './families/golden.js';
import { offences } from './families/tolerance.js';

const folder = temporaryFolder(afterAll);

// GPT-2's names and what llama.cpp's converter makes of them.
const names = [
  ['wte', 'token_embd'],
  ['wpe', 'position_embd'],
  ['ln_f', 'output_norm'],
  ['ln_1', 'attn_norm'],
  ['attn.c_attn', 'attn_qkv'],
  ['attn.c_proj', 'attn_output'],
  ['ln_2', 'ffn_norm'],
  ['mlp.c_fc', 'ffn_up'],
  ['mlp.c_proj', 'ffn_down'],
] as const;

function convertedName(key: string): string {
  const known = names.find(([name]) => key.includes(`.${name}.`));
  const block = /\.h\.(\d+)\./.exec(key);
  const kind = key.slice(key.lastIndexOf('.') + 1);
  return `${block ? `blk.${block[1]}.` : ''}${known?.[1]}.${kind}`;
}

/** Matrices of linear maps are written `[out, in]`. */
function converted(key: string, { shape, data }: FloatTensor) {
  const [rows = 0, columns = 0] = shape;
  if (!key.includes('.c_') || shape.length < 2) return floatPart(shape, data);
  const turned = Array.from(
    { length: sizeOf(shape) },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0,
  );
  return floatPart([columns, rows], turned);
}

/** A recorded GPT-2 as one GGUF file. */
function asGguf(golden: Golden): string {
  const config = JSON.parse(readFileSync(join(golden.folder, 'config.json'), 'utf8'));
  const checkpoint = openCheckpoint(golden.folder);
  const parts = [...checkpoint.tensors.keys()].map(
    (key) => [convertedName(key), converted(key, checkpoint.read(key))] as const,
  );
  checkpoint.close();
  const metadata = new Map<string, string | number>([
    ['general.architecture', 'gpt2'],
    ['gpt2.embedding_length', config.n_embd],
    ['gpt2.block_count', config.n_layer],
    ['gpt2.feed_forward_length', config.n_inner ?? 4 * config.n_embd],
    ['gpt2.attention.head_count', config.n_head],
    ['gpt2.attention.layer_norm_epsilon', config.layer_norm_epsilon],
    ['gpt2.context_length', config.n_positions],
  ]);
  const file = join(folder, 'model.gguf');
  writeFileSync(file, encodeGguf(metadata, new Map(parts)));
  return file;
}

test.skipIf(goldenAbsent !== undefined)(
  `a model in a GGUF file computes, cut or not, what it computes from its own folder ${goldenAbsent ?? ''}`,
  async () => {
    const golden = openGolden('gpt2/base-lm');
    const model = asGguf(golden);
    // Gradients too: parameters carry their checkpoint keys, so that they are found under them.
    expect(offences(await forwardDeviations(golden, { model }))).toEqual([]);
    expect(offences(await forwardDeviations(golden, { model, cuts: ['1'] }))).toEqual([]);
    const { ids } = await generation(golden, { model });
    expect(ids).toEqual(golden.generated);
  },
);
