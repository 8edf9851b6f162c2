import type { Graph, Value } from '@vflair/core/graph';
import { finding } from '@vflair/core/text';

const activations: { readonly [name: string]: (g: Graph, x: Value) => Value } = {
  gelu: (g, x) => g.gelu(x),
  gelu_new: (g, x) => g.gelu(x, 'tanh'),
  gelu_fast: (g, x) => g.gelu(x, 'tanh'),
  gelu_pytorch_tanh: (g, x) => g.gelu(x, 'tanh'),
  quick_gelu: (g, x) => g.mul(x, g.sigmoid(g.mul(x, 1.702))),
  relu: (g, x) => g.relu(x),
  silu: (g, x) => g.mul(x, g.sigmoid(x)),
  swish: (g, x) => g.mul(x, g.sigmoid(x)),
  tanh: (g, x) => g.tanh(x),
  sigmoid: (g, x) => g.sigmoid(x),
  linear: (_, x) => x,
};

/** The activation a config.json names (transformers' `ACT2FN` names); throws Findings VF531 for one that isn't known. */
export function activation(name: string): (g: Graph, x: Value) => Value {
  const found = activations[name];
  if (!found) {
    throw finding(
      'VF531',
      `activation \`${name}\` is not known`,
      `known: ${Object.keys(activations).join(', ')}`,
    );
  }
  return found;
}
