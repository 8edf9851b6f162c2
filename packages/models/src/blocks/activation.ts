import type { Graph, Value } from '@vflair/core/graph';
import { finding } from '@vflair/core/text';

type Activation = (g: Graph, x: Value) => Value;

const gelu: Activation = (g, x) => g.gelu(x);
const geluTanh: Activation = (g, x) => g.gelu(x, 'tanh');
const silu: Activation = (g, x) => g.mul(x, g.sigmoid(x));
// ln(1 + eˣ) = max(x, 0) + ln(1 + e^(−|x|)), which no x makes overflow.
const softplus: Activation = (g, x) => g.add(g.relu(x), g.log(g.add(g.exp(g.neg(g.abs(x))), 1)));
const clip = (g: Graph, x: Value, low: number, high: number): Value => g.min(g.max(x, low), high);

const activations: { readonly [name: string]: Activation } = {
  gelu,
  gelu_python: gelu,
  gelu_10: (g, x) => clip(g, g.gelu(x), -10, 10),
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_accurate: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_python_tanh: geluTanh,
  quick_gelu: (g, x) => g.mul(x, g.sigmoid(g.mul(x, 1.702))),
  relu: (g, x) => g.relu(x),
  relu2: (g, x) => g.mul(g.relu(x), g.relu(x)),
  relu6: (g, x) => clip(g, x, 0, 6),
  leaky_relu: (g, x) => g.max(x, g.mul(x, 0.01)),
  hardswish: (g, x) => g.mul(x, g.mul(clip(g, g.add(x, 3), 0, 6), 1 / 6)),
  silu,
  swish: silu,
  mish: (g, x) => g.mul(x, g.tanh(softplus(g, x))),
  // The normal distribution with mean √½ and deviation 0.282095. Ma et al. 2022, arXiv:2209.10655, §3.3.
  laplace: (g, x) =>
    g.mul(g.add(g.erf(g.mul(g.sub(x, Math.SQRT1_2), 1 / (0.282095 * Math.SQRT2))), 1), 0.5),
  tanh: (g, x) => g.tanh(x),
  sigmoid: (g, x) => g.sigmoid(x),
  linear: (_, x) => x,
};

/** The activation a config.json names (transformers' `ACT2FN` names); throws Findings VF531 for one that isn't known. */
export function activation(name: string): Activation {
  const found = Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (!found) {
    throw finding(
      'VF531',
      `activation \`${name}\` is not known`,
      `known: ${Object.keys(activations).join(', ')}`,
    );
  }
  return found;
}
