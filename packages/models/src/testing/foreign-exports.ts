import { type FloatTensor, floatTensor } from '@vflair/core/tensor';
import { ForeignGraph, tensorProto } from './foreign-graph.js';

/** Parameters by their names in a checkpoint. */
export type ReadWeight = (key: string) => FloatTensor;

const LOWEST = -3.4028234663852886e38;

function norm(
  f: ForeignGraph,
  x: string,
  [weight, bias]: readonly [string, string],
  how: { fused: boolean; epsilon: number },
): string {
  if (how.fused)
    return f.node('LayerNormalization', [x, weight, bias], { axis: -1, epsilon: how.epsilon });
  const centred = f.node('Sub', [x, f.node('ReduceMean', [x], { axes: [-1] })]);
  const squared = f.node('Pow', [centred, f.float(2)]);
  const variance = f.node('ReduceMean', [squared], { axes: [-1] });
  const deviation = f.node('Sqrt', [f.node('Add', [variance, f.float(how.epsilon)])]);
  const normal = f.node('Div', [centred, deviation]);
  return f.node('Add', [f.node('Mul', [normal, weight]), bias]);
}

/** `[batch, seq, width]` → `[batch, heads, seq, width/heads]`, its sizes read off at run time. */
function heads(f: ForeignGraph, x: string, [count, size]: readonly [number, number]): string {
  const target = f.shape([f.size(x, 0), f.size(x, 1), count, size]);
  return f.node('Transpose', [f.node('Reshape', [x, target])], { perm: [0, 2, 1, 3] });
}

function merged(f: ForeignGraph, x: string, width: number): string {
  const y = f.node('Transpose', [x], { perm: [0, 2, 1, 3] });
  return f.node('Reshape', [y, f.shape([f.size(y, 0), f.size(y, 1), width])]);
}

interface Gpt2Export {
  readonly blocks: number;
  readonly width: number;
  readonly heads: number;
  readonly positions: number;
  readonly fused: boolean;
  /** Whether positions are an input; else they are counted. */
  readonly positionInput?: boolean;
}

/** GPT-2 as PyTorch's exporter writes it with operator set 14 or 17. */
export function gpt2Export(read: ReadWeight, sizes: Gpt2Export): ForeignGraph {
  const { width, fused } = sizes;
  const f = new ForeignGraph();
  const weight = (key: string): string => f.weight(key, read(key));
  const pair = (key: string): [string, string] => [weight(`${key}.weight`), weight(`${key}.bias`)];
  const how = { fused, epsilon: 1e-5 };
  const given = f.input('input_ids', ['batch_size', 'sequence_length']);
  const mask = f.input('attention_mask', ['batch_size', 'sequence_length']);
  f.path = '/transformer';
  const seq = f.size(given, 1);
  const ids = f.node('Reshape', [given, f.shape([-1, seq])]);
  const table = weight('transformer.wte.weight');
  const tokens = f.node('Gather', [table, ids]);
  const range = f.node('Range', [f.ints([0], []), seq, f.ints([1], [])]);
  const counted = sizes.positionInput
    ? f.input('position_ids', ['batch_size', 'sequence_length'])
    : f.node('Unsqueeze', [range, f.ints([0])]);
  const places = f.node('Reshape', [counted, f.shape([-1, seq])]);
  let x = f.node('Add', [tokens, f.node('Gather', [weight('transformer.wpe.weight'), places])]);
  const wide = f.node(
    'Cast',
    [f.node('Unsqueeze', [f.node('Unsqueeze', [mask, f.ints([1])]), f.ints([2])])],
    { to: 1 },
  );
  const padding = f.node('Mul', [f.node('Sub', [f.float(1), wide]), f.float(LOWEST)]);
  const n = sizes.positions;
  const triangle = Array.from({ length: n * n }, (_, i) => Number(i % n <= Math.floor(i / n)));
  f.initialisers.push(tensorProto('transformer.bias', 'bool', [1, 1, n, n], triangle));
  for (let block = 0; block < sizes.blocks; block++) {
    const key = `transformer.h.${block}`;
    f.path = `/transformer/h.${block}`;
    const normal = norm(f, x, pair(`${key}.ln_1`), how);
    f.path = `/transformer/h.${block}/attn`;
    // Conv1D: rows as a matrix, Gemm, and back.
    const conv = (rows: string, name: string, size: number): string => {
      const flat = f.node('Reshape', [rows, f.shape([-1, width])]);
      const y = f.node('Gemm', [flat, ...pair(`${key}.${name}`)]);
      return f.node('Reshape', [y, f.shape([f.size(rows, 0), f.size(rows, 1), size])]);
    };
    const [q = '', k = '', v = ''] = f.several(
      'Split',
      [conv(normal, 'attn.c_attn', 3 * width), f.ints([width, width, width])],
      { count: 3, attributes: { axis: 2 } },
    );
    const each = [sizes.heads, width / sizes.heads] as const;
    const [query, keys, values] = [heads(f, q, each), heads(f, k, each), heads(f, v, each)];
    const turned = f.node('Transpose', [keys], { perm: [0, 1, 3, 2] });
    const root = f.node('Sqrt', [f.node('Cast', [f.size(values, -1)], { to: 1 })]);
    const scores = f.node('Div', [f.node('MatMul', [query, turned]), root]);
    const [nd, ns] = [f.size(query, -2), f.size(keys, -2)];
    const start = f.node('Unsqueeze', [f.node('Sub', [ns, nd]), f.ints([0])]);
    const end = f.node('Unsqueeze', [ns, f.ints([0])]);
    const rows = f.node('Slice', ['transformer.bias', start, end, f.ints([2]), f.ints([1])]);
    const seen = f.node('Slice', [rows, f.ints([0]), end, f.ints([3]), f.ints([1])]);
    const causal = f.node('Where', [seen, scores, f.float(LOWEST)]);
    const shares = f.node('Softmax', [f.node('Add', [causal, padding])], { axis: -1 });
    const attended = merged(f, f.node('MatMul', [shares, values]), width);
    const out = conv(attended, 'attn.c_proj', width);
    f.path = `/transformer/h.${block}`;
    const middle = f.node('Add', [out, x]);
    const again = norm(f, middle, pair(`${key}.ln_2`), how);
    f.path = `/transformer/h.${block}/mlp`;
    const map = (y: string, name: string): string => {
      const [w, b] = pair(`${key}.${name}`);
      return f.node('Add', [f.node('MatMul', [y, w]), b]);
    };
    const inner = map(again, 'mlp.c_fc');
    const cube = f.node('Mul', [f.node('Pow', [inner, f.float(3)]), f.float(0.044715)]);
    const bent = f.node('Tanh', [
      f.node('Mul', [f.node('Add', [inner, cube]), f.float(Math.sqrt(2 / Math.PI))]),
    ]);
    const half = f.node('Mul', [inner, f.float(0.5)]);
    const active = f.node('Mul', [half, f.node('Add', [bent, f.float(1)])]);
    const result = map(active, 'mlp.c_proj');
    f.path = `/transformer/h.${block}`;
    x = f.node('Add', [middle, result]);
  }
  f.path = '/transformer';
  const last = norm(f, x, pair('transformer.ln_f'), how);
  f.path = '/lm_head';
  f.output('logits', f.node('MatMul', [last, f.node('Transpose', [table], { perm: [1, 0] })]));
  return f;
}

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

/** BERT as PyTorch's exporter writes it: weights of linear maps transposed, under numbers for names. */
export function bertExport(read: ReadWeight, sizes: BertExport): ForeignGraph {
  const { width } = sizes;
  const f = new ForeignGraph();
  const weight = (key: string): string => f.weight(key, read(key));
  const pair = (key: string): [string, string] => [weight(`${key}.weight`), weight(`${key}.bias`)];
  const how = { fused: sizes.fused, epsilon: 1e-12 };
  let count = 1000;
  const linear = (x: string, key: string, path: string): string => {
    f.path = path;
    const w = f.weight(`onnx::MatMul_${count++}`, transposed(read(`${key}.weight`)));
    return f.node('Add', [weight(`${key}.bias`), f.node('MatMul', [x, w])]);
  };
  const ids = f.input('input_ids', ['batch_size', 'sequence_length']);
  const mask = f.input('attention_mask', ['batch_size', 'sequence_length']);
  const kinds = f.input('token_type_ids', ['batch_size', 'sequence_length']);
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
  let x = norm(f, sum, pair(`${base}.LayerNorm`), how);
  f.path = '/bert';
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
  const bias = f.node('Where', [hides, f.float(LOWEST), inverted]);
  for (let block = 0; block < sizes.blocks; block++) {
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
    x = norm(f, f.node('Add', [result, middle]), pair(`${key}.output.LayerNorm`), how);
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
