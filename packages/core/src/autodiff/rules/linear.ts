import type { Attribute, Graph, Node, Product, Value } from '../../graph/index.js';
import { at } from '../../text/index.js';
import type { GradRule } from '../rule.js';
import { unbroadcast } from '../unbroadcast.js';

function flag(attribute: Attribute | undefined): boolean {
  return attribute === 1;
}

function factor(attribute: Attribute | undefined): number {
  return typeof attribute === 'object' && 'float' in attribute ? attribute.float : 1;
}

type Multiply = (a: Value, b: Value, product: Product) => Value;

// y = α·op(a)·op(b).  With A = op(a), B = op(b):  dA = α·dy·Bᵀ,  dB = α·Aᵀ·dy;  transposed back where op transposes.
function productGradients(
  [a, b]: readonly [Value, Value],
  dy: Value,
  {
    attributes,
    multiply,
  }: { readonly attributes: Node['attributes']; readonly multiply: Multiply },
): { readonly da: () => Value; readonly db: () => Value } {
  const [ta, tb, alpha] = [
    flag(attributes.transA),
    flag(attributes.transB),
    factor(attributes.alpha),
  ];
  return {
    da: () =>
      ta
        ? multiply(b, dy, { transA: tb, transB: true, alpha })
        : multiply(dy, b, { transB: !tb, alpha }),
    db: () =>
      tb
        ? multiply(dy, a, { transA: true, transB: ta, alpha })
        : multiply(a, dy, { transA: !ta, alpha }),
  };
}

// As above; batch axes that broadcast are summed away.
const FusedMatMul: GradRule = ({ g, node: { inputs, attributes }, dys: [dy], needs }) => {
  const [a, b] = inputs;
  if (!a || !b || !dy) return [];
  const { da, db } = productGradients([a, b], dy, { attributes, multiply: g.matMul });
  return [
    needs[0] ? unbroadcast(g, da(), a) : undefined,
    needs[1] ? unbroadcast(g, db(), b) : undefined,
  ];
};

// y = op(a)·op(b) + c  ⇒  as above on matrices, dc = Σ_rows dy.
const Gemm: GradRule = ({ g, node: { inputs, attributes }, dys: [dy], needs }) => {
  const [a, b, c] = inputs;
  if (!a || !b || !dy) return [];
  const { da, db } = productGradients([a, b], dy, { attributes, multiply: g.gemm });
  return [
    needs[0] ? da() : undefined,
    needs[1] ? db() : undefined,
    c && needs[2] ? unbroadcast(g, dy, c) : undefined,
  ];
};

// y = softmax(x) over `axis`  ⇒  dx = y ⊙ (dy − Σ_axis dy ⊙ y).
const Softmax: GradRule = ({ g, node, dys: [dy] }) => {
  const y = at(node.outputs, 0);
  const axis = Number(node.attributes.axis);
  return [dy && g.mul(y, g.sub(dy, g.sum(g.mul(dy, y), [axis], true)))];
};

// y = ln softmax(x)  ⇒  dx = dy − eʸ·Σ_axis dy.
const LogSoftmax: GradRule = ({ g, node, dys: [dy] }) => {
  const y = at(node.outputs, 0);
  const axis = Number(node.attributes.axis);
  return [dy && g.sub(dy, g.mul(g.exp(y), g.sum(dy, [axis], true)))];
};

// y = w ⊙ x̂ + b, x̂ = (x − μ)·r, r = 1/√(var + ε).  With e = w ⊙ dy:
//   dx = r·(e − mean(e) − x̂·mean(e ⊙ x̂)) + dμ/d − dr·r²·x̂/d,  dw = Σ dy ⊙ x̂,  db = Σ dy.
const LayerNormalization: GradRule = ({
  g,
  node: {
    inputs: [x, w, b],
    outputs,
  },
  dys,
  needs,
}) => {
  const [, mean, inverse] = outputs;
  if (!x || !w || !mean || !inverse) return [];
  const normal = g.mul(g.sub(x, mean), inverse);
  const [dy, dMean, dInverse] = dys;
  const parts: Value[] = [];
  if (dy && needs[0]) parts.push(normalGradient(g, { e: g.mul(dy, w), normal, inverse }));
  const width = g.cast(g.sizeAt(x, -1), 'float32');
  if (dMean && needs[0]) parts.push(g.expandLike(g.div(dMean, width), x));
  if (dInverse && needs[0])
    parts.push(g.div(g.mul(g.neg(g.mul(dInverse, g.mul(inverse, inverse))), normal), width));
  const dx = parts.length > 0 ? parts.reduce((sum, part) => g.add(sum, part)) : undefined;
  const dw = dy && needs[1] ? unbroadcast(g, g.mul(dy, normal), w) : undefined;
  return [dx, dw, dy && b && needs[2] ? unbroadcast(g, dy, b) : undefined];
};

function normalGradient(
  g: Graph,
  { e, normal, inverse }: { e: Value; normal: Value; inverse: Value },
): Value {
  const level = g.mean(e, [-1], true);
  const tilt = g.mul(normal, g.mean(g.mul(e, normal), [-1], true));
  return g.mul(inverse, g.sub(g.sub(e, level), tilt));
}

// y = w ⊙ x̂, x̂ = x·r, r = 1/√(mean x² + ε).  With e = w ⊙ dy:
//   dx = r·(e − x̂·mean(e ⊙ x̂)) − dr·r²·x̂/d,  dw = Σ dy ⊙ x̂.
const SimplifiedLayerNormalization: GradRule = ({
  g,
  node: {
    inputs: [x, w],
    outputs: [, inverse],
  },
  dys: [dy, dInverse],
  needs,
}) => {
  if (!x || !w || !inverse) return [];
  const normal = g.mul(x, inverse);
  const parts: Value[] = [];
  if (dy && needs[0]) {
    const e = g.mul(dy, w);
    const tilt = g.mul(normal, g.mean(g.mul(e, normal), [-1], true));
    parts.push(g.mul(inverse, g.sub(e, tilt)));
  }
  if (dInverse && needs[0]) {
    const width = g.cast(g.sizeAt(x, -1), 'float32');
    const slope = g.mul(g.neg(g.mul(dInverse, g.mul(inverse, inverse))), normal);
    parts.push(g.div(slope, width));
  }
  const dx = parts.length > 0 ? parts.reduce((sum, part) => g.add(sum, part)) : undefined;
  return [dx, dy && needs[1] ? unbroadcast(g, g.mul(dy, normal), w) : undefined];
};

/** One rule per matrix product, normalisation and softmax. */
export const linear = {
  MatMul: FusedMatMul,
  FusedMatMul,
  Gemm,
  Softmax,
  LogSoftmax,
  LayerNormalization,
  SimplifiedLayerNormalization,
} as const;
