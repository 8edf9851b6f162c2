import type { Value } from '@vflair/core/graph';
import { linear as linearMap } from '../../blocks/linear.js';
import type { Call, Operator } from '../call.js';

// A product with a weight is a linear map, on which an adapter can sit.
const MatMul: Operator = (call) => {
  const weight = call.parts.weightAt(1);
  const x = call.value(0);
  if (weight && x.shape.length >= 2) return map(call, weight, x);
  return call.g.matMul(x, call.value(1));
};

function map(
  call: Call,
  { key, isTransposed }: { readonly key: string; readonly isTransposed: boolean },
  x: Value,
): Value {
  const layout = isTransposed ? 'out-in' : 'in-out';
  return linearMap(call.g, call.parts.parameters, x, { weight: key, layout });
}

// y = α·op(A)·op(B) + β·C.
const Gemm: Operator = (call) => {
  const { g } = call;
  const [alpha, beta] = [call.number('alpha', 1), call.number('beta', 1)];
  const [transA, transB] = [call.number('transA', 0) !== 0, call.number('transB', 0) !== 0];
  const weight = call.parts.weightAt(1);
  const given = call.optional(2);
  const c = given && beta !== 1 ? g.mul(given, beta) : given;
  const y =
    weight && alpha === 1 && !transA
      ? map(call, { key: weight.key, isTransposed: weight.isTransposed !== transB }, call.value(0))
      : g.gemm(call.value(0), call.value(1), { transA, transB, alpha });
  return c ? g.add(y, c) : y;
};

const FusedMatMul: Operator = (call) => {
  const [transA, transB] = [call.number('transA', 0) !== 0, call.number('transB', 0) !== 0];
  if (call.number('transBatchA', 0) !== 0 || call.number('transBatchB', 0) !== 0)
    throw call.fail('it transposes batches');
  return call.g.matMul(call.value(0), call.value(1), {
    transA,
    transB,
    alpha: call.number('alpha', 1),
  });
};

const softmaxLike =
  (name: 'softmax' | 'logSoftmax'): Operator =>
  (call) => {
    const x = call.value(0);
    const isOld = call.parts.opset < 13;
    const axis = call.axis(x.shape.length, isOld ? 1 : -1);
    // Before operator set 13 all axes from this one on were one.
    if (isOld && axis !== x.shape.length - 1)
      throw call.fail(`its axis ${axis} is not the last one`);
    return call.g[name](x, axis);
  };

const LayerNormalization: Operator = (call) => {
  const x = call.value(0);
  if (call.axis(x.shape.length, -1) !== x.shape.length - 1)
    throw call.fail('it normalises more than the last axis');
  const bias = call.optional(2);
  const epsilon = call.number('epsilon', 1e-5);
  return call.g.layerNorm(x, call.value(1), bias ? { bias, epsilon } : { epsilon });
};

const RmsNormalization: Operator = (call) => {
  const x = call.value(0);
  if (call.axis(x.shape.length, -1) !== x.shape.length - 1)
    throw call.fail('it normalises more than the last axis');
  return call.g.rmsNorm(x, call.value(1), call.number('epsilon', 1e-5));
};

/** Products, norms and softmax. */
export const linear: { readonly [op: string]: Operator } = {
  MatMul,
  Gemm,
  FusedMatMul,
  Softmax: softmaxLike('softmax'),
  LogSoftmax: softmaxLike('logSoftmax'),
  LayerNormalization,
  RMSNormalization: RmsNormalization,
  SimplifiedLayerNormalization: RmsNormalization,
};
