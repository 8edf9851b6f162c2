import type { Graph, Node, Value } from '../../graph/index.js';
import { blocked, type GradRule } from '../rule.js';

// dy, its reduced axes back as size 1, stretched over x.
function spread(g: Graph, node: Node, dy: Value): Value {
  const [x] = node.inputs;
  if (!x) return dy;
  const axes = g.initializers.get(node.inputs[1]?.name ?? '')?.tensor?.data;
  const reduced = axes ? Array.from(axes as BigInt64Array, Number) : [];
  const kept = node.attributes.keepdims === 1 ? dy : g.unsqueeze(dy, reduced);
  return g.expandLike(kept, x);
}

// y = Σ x  ⇒  dx = dy everywhere.
const ReduceSum: GradRule = ({ g, node, dys: [dy] }) => [dy && spread(g, node, dy)];

// y = mean x  ⇒  dx = dy/count, the count being the ratio of sizes.
const ReduceMean: GradRule = ({ g, node, dys: [dy] }) => {
  const [x] = node.inputs;
  const [y] = node.outputs;
  if (!dy || !x || !y) return [];
  const count = (value: Value): Value =>
    g.cast(g.node('Size', [value], [{ dtype: 'int64', shape: [] }])[0] as Value, 'float32');
  return [g.mul(spread(g, node, dy), g.div(count(y), count(x)))];
};

// y = running sums along an axis  ⇒  dx = Σ of dy from each place on = Σ dy − running sum + dy.
const CumSum: GradRule = ({ g, node, dys: [dy] }) => {
  const place = g.initializers.get(node.inputs[1]?.name ?? '')?.tensor?.data[0];
  if (!dy || place === undefined) return [];
  const axis = Number(place);
  return [g.add(g.sub(g.sum(dy, [axis], true), g.cumSum(dy, axis)), dy)];
};

// y = the largest elements of the last axis  ⇒  dx = zeros plus dy where they were.
const TopK: GradRule = ({
  g,
  node: {
    inputs: [x],
    outputs: [, indices],
  },
  dys: [dy],
}) => {
  if (!x || !indices || !dy) return [];
  return [g.scatterElementsAdd(g.zerosLike(x), indices, { updates: dy, axis: -1 }), undefined];
};

/** One rule per reduction; a maximum's gradient is blocked (it serves as a constant shift). */
export const reduce = {
  ReduceSum,
  ReduceMean,
  CumSum,
  TopK,
  ReduceMax: blocked,
  ArgMax: blocked,
  Size: blocked,
} as const;
