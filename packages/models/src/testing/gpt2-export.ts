import { ForeignGraph, tensorProto } from './foreign-graph.js';
import { heads, LOWEST, merged, norm, type ReadWeight } from './foreign-parts.js';

interface Gpt2Export {
  readonly blocks: number;
  readonly width: number;
  readonly heads: number;
  readonly positions: number;
  readonly fused: boolean;
  /** Whether positions are an input; else they are counted. */
  readonly positionInput?: boolean;
}

interface Gpt2Parts {
  readonly f: ForeignGraph;
  readonly sizes: Gpt2Export;
  readonly weight: (key: string) => string;
  readonly pair: (key: string) => [string, string];
}

function gpt2Start({ f, sizes, weight }: Gpt2Parts, given: string, mask: string) {
  const seq = f.size(given, 1);
  const ids = f.node('Reshape', [given, f.shape([-1, seq])]);
  const table = weight('transformer.wte.weight');
  const tokens = f.node('Gather', [table, ids]);
  const range = f.node('Range', [f.ints([0], []), seq, f.ints([1], [])]);
  const counted = sizes.positionInput
    ? f.input('position_ids', ['batch_size', 'sequence_length'])
    : f.node('Unsqueeze', [range, f.ints([0])]);
  const places = f.node('Reshape', [counted, f.shape([-1, seq])]);
  const embedded = f.node('Add', [
    tokens,
    f.node('Gather', [weight('transformer.wpe.weight'), places]),
  ]);
  const wide = f.node(
    'Cast',
    [f.node('Unsqueeze', [f.node('Unsqueeze', [mask, f.ints([1])]), f.ints([2])])],
    { to: 1 },
  );
  const padding = f.node('Mul', [f.node('Sub', [f.float(1), wide]), f.float(LOWEST)]);
  const n = sizes.positions;
  const triangle = Array.from({ length: n * n }, (_, i) => Number(i % n <= Math.floor(i / n)));
  f.initialisers.push(tensorProto('transformer.bias', 'bool', [1, 1, n, n], triangle));
  return { embedded, padding, table };
}

function gpt2Attention(
  { f, sizes, pair }: Gpt2Parts,
  key: string,
  { normal, padding }: { readonly normal: string; readonly padding: string },
): string {
  const { width } = sizes;
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
  return conv(attended, 'attn.c_proj', width);
}

function gpt2Mlp({ f, pair }: Gpt2Parts, key: string, again: string): string {
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
  return map(active, 'mlp.c_proj');
}

/** GPT-2 as PyTorch's exporter writes it with operator set 14 or 17. */
export function gpt2Export(read: ReadWeight, sizes: Gpt2Export): ForeignGraph {
  const f = new ForeignGraph();
  const weight = (key: string): string => f.weight(key, read(key));
  const pair = (key: string): [string, string] => [weight(`${key}.weight`), weight(`${key}.bias`)];
  const parts: Gpt2Parts = { f, sizes, weight, pair };
  const how = { fused: sizes.fused, epsilon: 1e-5 };
  const given = f.input('input_ids', ['batch_size', 'sequence_length']);
  const mask = f.input('attention_mask', ['batch_size', 'sequence_length']);
  f.path = '/transformer';
  const { embedded, padding, table } = gpt2Start(parts, given, mask);
  let x = embedded;
  for (let block = 0; block < sizes.blocks; block++) {
    const key = `transformer.h.${block}`;
    f.path = `/transformer/h.${block}`;
    const normal = norm(f, x, pair(`${key}.ln_1`), how);
    f.path = `/transformer/h.${block}/attn`;
    const out = gpt2Attention(parts, key, { normal, padding });
    f.path = `/transformer/h.${block}`;
    const middle = f.node('Add', [out, x]);
    const again = norm(f, middle, pair(`${key}.ln_2`), how);
    f.path = `/transformer/h.${block}/mlp`;
    const result = gpt2Mlp(parts, key, again);
    f.path = `/transformer/h.${block}`;
    x = f.node('Add', [middle, result]);
  }
  f.path = '/transformer';
  const last = norm(f, x, pair('transformer.ln_f'), how);
  f.path = '/lm_head';
  f.output('logits', f.node('MatMul', [last, f.node('Transpose', [table], { perm: [1, 0] })]));
  return f;
}
