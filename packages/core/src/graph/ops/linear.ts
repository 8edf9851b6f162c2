import { Bug } from '../../text/index.js';
import type { Dim, GraphCore, Value } from '../graph.js';
import { broadcastShapes, dimOf, normalAxis } from '../shapes.js';

/** Which operands of a product are transposed in their last two axes, and a factor on the product. */
export interface Product {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly alpha?: number;
}

/** y = α·op(a)·op(b) over the last two axes, batch axes broadcast. */
export function matMul(g: GraphCore, a: Value, b: Value, product: Product = {}): Value {
  const { transA = false, transB = false, alpha = 1 } = product;
  const rows = dimOf(a, transA ? -1 : -2);
  const inner = dimOf(a, transA ? -2 : -1);
  const columns = dimOf(b, transB ? -2 : -1);
  if (inner !== dimOf(b, transB ? -1 : -2)) {
    throw new Bug(
      'VF918',
      `[${a.shape.join(', ')}] · [${b.shape.join(', ')}] (transposed: ${transA}, ${transB})`,
    );
  }
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const result = [{ dtype: a.dtype, shape: [...batch, rows, columns] }];
  if (!transA && !transB && alpha === 1) return g.node('MatMul', [a, b], result)[0] as Value;
  const attributes = { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } };
  return g.node('FusedMatMul', [a, b], result, attributes)[0] as Value;
}

/** y = op(a)·op(b) + c on matrices; `c` `[columns]` is added to every row. */
export function gemm(
  g: GraphCore,
  a: Value,
  b: Value,
  options: Product & { readonly c?: Value } = {},
): Value {
  const { transA = false, transB = false, alpha = 1, c } = options;
  if (dimOf(a, transA ? 0 : 1) !== dimOf(b, transB ? 1 : 0)) {
    throw new Bug(
      'VF918',
      `[${a.shape.join(', ')}] · [${b.shape.join(', ')}] (transposed: ${transA}, ${transB})`,
    );
  }
  const shape: Dim[] = [dimOf(a, transA ? 1 : 0), dimOf(b, transB ? 0 : 1)];
  const attributes = { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } };
  return g.node(
    'Gemm',
    c ? [a, b, c] : [a, b],
    [{ dtype: a.dtype, shape }],
    attributes,
  )[0] as Value;
}

/** Softmax over `axis`. */
export function softmax(g: GraphCore, x: Value, axis = -1): Value {
  const attributes = { axis: normalAxis(axis, x.shape.length) };
  return g.node('Softmax', [x], [{ dtype: x.dtype, shape: x.shape }], attributes)[0] as Value;
}

/** ln softmax over `axis`. */
export function logSoftmax(g: GraphCore, x: Value, axis = -1): Value {
  const attributes = { axis: normalAxis(axis, x.shape.length) };
  return g.node('LogSoftmax', [x], [{ dtype: x.dtype, shape: x.shape }], attributes)[0] as Value;
}

/** Layer normalisation over the last axis: y = scale ⊙ (x − mean)/√(var + ε) + bias. Ba et al. 2016. */
export function layerNorm(
  g: GraphCore,
  x: Value,
  scale: Value,
  options: { readonly bias?: Value; readonly epsilon: number },
): Value {
  const one = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] };
  const inputs = options.bias ? [x, scale, options.bias] : [x, scale];
  const attributes = { axis: -1, epsilon: { float: options.epsilon } };
  return g.node(
    'LayerNormalization',
    inputs,
    [{ dtype: x.dtype, shape: x.shape }, one, one],
    attributes,
  )[0] as Value;
}

/** Root-mean-square normalisation over the last axis: y = scale ⊙ x/√(mean x² + ε). Zhang & Sennrich 2019, arXiv:1910.07467. */
export function rmsNorm(g: GraphCore, x: Value, scale: Value, epsilon: number): Value {
  const one = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] };
  const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 };
  return g.node(
    'SimplifiedLayerNormalization',
    [x, scale],
    [{ dtype: x.dtype, shape: x.shape }, one],
    attributes,
  )[0] as Value;
}
