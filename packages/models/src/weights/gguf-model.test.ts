import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sharedCase } from '../testing/shared-folder.js';
import { openCheckpoint } from './checkpoint.js';
import { readModelConfig } from './model-config.js';

// A real file against what transformers computes from its weights: the first block of a Llama, in plain arithmetic.

const name = 'smollm2-135m-instruct';
const model = `models/${name}/SmolLM2-135M-Instruct.Q4_1.gguf`;
const golden = `golden/models/${name}`;
const config = sharedCase('metadata say what config.json says', [model]);
const block = sharedCase('the first block computes what was recorded', [model, golden]);

const [hidden, heads, groups, size, inner, epsilon, base] = [576, 9, 3, 64, 1536, 1e-5, 1e5];

test.skipIf(config.isAbsent)(config.title, () => {
  const found = readModelConfig(join(config.folder, model));
  const wanted = JSON.parse(
    readFileSync(join(config.folder, 'models', name, 'config.json'), 'utf8'),
  );
  const close = (a: unknown, b: unknown): boolean =>
    typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= 1e-6 * b : a === b;
  const different = Object.keys(found).filter(
    (field) => field in wanted && !close(found[field], wanted[field]),
  );
  expect(different).toEqual([]);
  const needed = 'model_type vocab_size hidden_size intermediate_size num_hidden_layers rope_theta'
    .concat(' num_attention_heads num_key_value_heads rms_norm_eps max_position_embeddings')
    .concat(' tie_word_embeddings hidden_act');
  expect(needed.split(' ').filter((field) => !(field in found))).toEqual([]);
});

type Rows = readonly Float64Array[];

function product(rows: Rows, weight: Float32Array): Rows {
  const width = rows[0]?.length ?? 1;
  return rows.map((row) =>
    Float64Array.from({ length: weight.length / width }, (_, out) => {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += (row[k] ?? 0) * (weight[out * width + k] ?? 0);
      return sum;
    }),
  );
}

function normal(rows: Rows, weight: Float32Array): Rows {
  return rows.map((row) => {
    const square = row.reduce((sum, x) => sum + x * x, 0) / row.length;
    return row.map((x, i) => (x / Math.sqrt(square + epsilon)) * (weight[i] ?? 0));
  });
}

/** Turns each head's elements i and i + size/2 by position · base^(−2i/size). */
function turned(rows: Rows): Rows {
  return rows.map((row, position) =>
    row.map((x, c) => {
      const i = c % (size / 2);
      const angle = position * base ** ((-2 * i) / size);
      const isFirst = c % size < size / 2;
      const other = row[isFirst ? c + size / 2 : c - size / 2] ?? 0;
      return x * Math.cos(angle) + (isFirst ? -other : other) * Math.sin(angle);
    }),
  );
}

function attended(query: Rows, key: Rows, value: Rows): Rows {
  return query.map((q, i) => {
    const result = new Float64Array(hidden);
    for (let head = 0; head < heads; head++) {
      const shared = Math.floor(head / (heads / groups)) * size;
      const scores = key.slice(0, i + 1).map((k) => {
        let sum = 0;
        for (let d = 0; d < size; d++) sum += (q[head * size + d] ?? 0) * (k[shared + d] ?? 0);
        return Math.exp(sum / Math.sqrt(size));
      });
      const total = scores.reduce((sum, x) => sum + x, 0);
      for (const [j, score] of scores.entries()) {
        for (let d = 0; d < size; d++)
          result[head * size + d] =
            (result[head * size + d] ?? 0) + (score / total) * (value[j]?.[shared + d] ?? 0);
      }
    }
    return result;
  });
}

const plus = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((x, c) => x + (b[i]?.[c] ?? 0)));

function firstBlock(x: Rows, weight: (name: string) => Float32Array): Rows {
  const before = normal(x, weight('input_layernorm'));
  const map = (name: string, rows: Rows): Rows => product(rows, weight(name));
  const mixed = attended(
    turned(map('self_attn.q_proj', before)),
    turned(map('self_attn.k_proj', before)),
    map('self_attn.v_proj', before),
  );
  const middle = plus(x, map('self_attn.o_proj', mixed));
  const settled = normal(middle, weight('post_attention_layernorm'));
  const up = map('mlp.up_proj', settled);
  const gated = map('mlp.gate_proj', settled).map((row, i) =>
    row.map((g, c) => (g / (1 + Math.exp(-g))) * (up[i]?.[c] ?? 0)),
  );
  expect(gated[0]?.length).toBe(inner);
  return plus(middle, map('mlp.down_proj', gated));
}

test.skipIf(block.isAbsent)(block.title, () => {
  const folder = join(block.folder, golden);
  const { hidden: recorded } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8'));
  const { ids, tensors }: { ids: number[]; tensors: Record<string, string> } =
    recorded[0] ?? recorded;
  const reference = openCheckpoint(join(folder, 'reference.safetensors'));
  const [h0, h1] = ['h0', 'h1'].map((level) => reference.read(tensors[level] ?? '').data);
  reference.close();
  const checkpoint = openCheckpoint(join(block.folder, model));
  const table = checkpoint.read('model.embed_tokens.weight').data;
  const start = ids.map((id) => Float64Array.from(table.subarray(id * hidden, (id + 1) * hidden)));
  const result = firstBlock(start, (key) => checkpoint.read(`model.layers.0.${key}.weight`).data);
  checkpoint.close();
  expect(start.flatMap((row) => [...row])).toEqual([...(h0 ?? [])]);
  const far = result
    .flatMap((row) => [...row])
    .filter((x, i) => !(Math.abs(x - (h1?.[i] ?? Number.NaN)) <= 2e-3 + 1e-5 * Math.abs(x)));
  expect(far).toEqual([]);
});
