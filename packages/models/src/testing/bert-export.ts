import { type FloatTensor, floatTensor } from '@vflair/core/tensor';
import { ForeignGraph, tensorProto } from './foreign-graph.js';
import { heads, LOWEST, merged, norm, type ReadWeight } from './foreign-parts.js';

const transposed = ({ shape: [rows = 0, columns = 0], data }: FloatTensor): FloatTensor =>
  floatTensor(
    [columns, rows],
    Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0),
  );

interface BertExport {
  readonly blocks: number;
  readonly width: number;
  readonly heads: number;
  readonly fused: boolean;
}

interface BertParts {
  readonly f: ForeignGraph;
  readonly sizes: BertExport;
  readonly weight: (key: string) => string;
  readonly pair: (key: string) => [string, string];
  readonly linear: (x: string, key: string, path: string) => string;
}

function bertEmbedding({ f, sizes, weight, pair }: BertParts, ids: string, kinds: string): string {
  const how = { fused: sizes.fused, epsilon: 1e-12 };
  const base = 'bert.embeddings';
  f.path = '/bert/embeddings';
  const counted = Array.from({ length: 40 }, (_, i) => i);
  f.initialisers.push(tensorProto(`${base}.position_ids`, 'int64', [1, 40], counted));
  const end = f.node('Unsqueeze', [f.size(ids, 1), f.ints([0])]);
  const places = f.node('Slice', [
    `${base}.position_ids`,
    f.ints([0]),
    end,
    f.ints([1]),
    f.ints([1]),
  ]);
  const words = f.node('Gather', [weight(`${base}.word_embeddings.weight`), ids]);
  const types = f.node('Gather', [weight(`${base}.token_type_embeddings.weight`), kinds]);
  const rows = f.node('Gather', [weight(`${base}.position_embeddings.weight`), places]);
  const sum = f.node('Add', [f.node('Add', [words, types]), rows]);
  return norm(f, sum, pair(`${base}.LayerNorm`), how);
}

/** The mask as the scores are given it: stretched by Tensor.expand, and turned into what is added. */
function bertMask(f: ForeignGraph, ids: string, mask: string): string {
  const [b, s] = [f.size(ids, 0), f.size(ids, 1)];
  const wide = f.node('Unsqueeze', [f.node('Unsqueeze', [mask, f.ints([1])]), f.ints([2])]);
  const target = f.shape([b, 1, s, s]);
  // Tensor.expand: −1 keeps a size.
  const ones = f.node('ConstantOfShape', [f.node('Shape', [target])], {
    value: tensorProto('', 'int64', [1], [1]),
  });
  const keeps = f.node('Equal', [target, f.node('Mul', [ones, f.ints([-1], [])])]);
  const shape = f.node('Where', [keeps, ones, target]);
  const stretched = f.node('Cast', [f.node('Expand', [wide, shape])], { to: 1 });
  const inverted = f.node('Sub', [f.float(1), stretched]);
  const hides = f.node('Cast', [inverted], { to: 9 });
  return f.node('Where', [hides, f.float(LOWEST), inverted]);
}

function bertLayer(
  { f, sizes, pair, linear }: BertParts,
  block: number,
  { x, bias }: { readonly x: string; readonly bias: string },
): string {
  const { width } = sizes;
  const how = { fused: sizes.fused, epsilon: 1e-12 };
  const key = `bert.encoder.layer.${block}`;
  const path = `/bert/encoder/layer.${block}`;
  const own = (name: string): string =>
    linear(x, `${key}.attention.self.${name}`, `${path}/attention/self/${name}`);
  const [q, k, v] = [own('query'), own('key'), own('value')];
  f.path = `${path}/attention/self`;
  const each = [sizes.heads, width / sizes.heads] as const;
  const [query, values] = [heads(f, q, each), heads(f, v, each)];
  const keys = f.node(
    'Transpose',
    [f.node('Reshape', [k, f.shape([f.size(k, 0), f.size(k, 1), ...each])])],
    { perm: [0, 2, 3, 1] },
  );
  const scores = f.node('Div', [f.node('MatMul', [query, keys]), f.float(Math.sqrt(each[1]))]);
  const shares = f.node('Softmax', [f.node('Add', [scores, bias])], { axis: -1 });
  const attended = merged(f, f.node('MatMul', [shares, values]), width);
  const out = linear(attended, `${key}.attention.output.dense`, `${path}/attention/output/dense`);
  f.path = `${path}/attention/output`;
  const middle = norm(f, f.node('Add', [out, x]), pair(`${key}.attention.output.LayerNorm`), how);
  const inner = linear(middle, `${key}.intermediate.dense`, `${path}/intermediate/dense`);
  f.path = `${path}/intermediate`;
  const error = f.node('Erf', [f.node('Div', [inner, f.float(Math.SQRT2)])]);
  const active = f.node('Mul', [
    f.node('Mul', [inner, f.node('Add', [error, f.float(1)])]),
    f.float(0.5),
  ]);
  const result = linear(active, `${key}.output.dense`, `${path}/output/dense`);
  f.path = `${path}/output`;
  return norm(f, f.node('Add', [result, middle]), pair(`${key}.output.LayerNorm`), how);
}

/** BERT as PyTorch's exporter writes it: weights of linear maps transposed, under numbers for names. */
export function bertExport(read: ReadWeight, sizes: BertExport): ForeignGraph {
  const f = new ForeignGraph();
  const weight = (key: string): string => f.weight(key, read(key));
  const pair = (key: string): [string, string] => [weight(`${key}.weight`), weight(`${key}.bias`)];
  let count = 1000;
  const linear = (x: string, key: string, path: string): string => {
    f.path = path;
    const w = f.weight(`onnx::MatMul_${count++}`, transposed(read(`${key}.weight`)));
    return f.node('Add', [weight(`${key}.bias`), f.node('MatMul', [x, w])]);
  };
  const parts: BertParts = { f, sizes, weight, pair, linear };
  const ids = f.input('input_ids', ['batch_size', 'sequence_length']);
  const mask = f.input('attention_mask', ['batch_size', 'sequence_length']);
  const kinds = f.input('token_type_ids', ['batch_size', 'sequence_length']);
  let x = bertEmbedding(parts, ids, kinds);
  f.path = '/bert';
  const bias = bertMask(f, ids, mask);
  for (let block = 0; block < sizes.blocks; block++) {
    x = bertLayer(parts, block, { x, bias });
  }
  f.path = '/bert/pooler';
  const first = f.node('Gather', [x, f.ints([0], [])], { axis: 1 });
  const pooled = f.node('Tanh', [
    f.node('Gemm', [first, ...pair('bert.pooler.dense')], { transB: 1 }),
  ]);
  f.path = '/classifier';
  f.output('logits', f.node('Gemm', [pooled, ...pair('classifier')], { transB: 1 }));
  return f;
}
