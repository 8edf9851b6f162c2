import type { ForeignModel, ForeignNode } from './foreign-model.js';
import type { Sizes } from './foreign-value.js';

/** Operators whose result depends on the size of an operand, not on its elements. */
const SIZE_ONLY: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** All values that depend on the elements of the input `from`, itself included. */
export function dependents({ nodes }: ForeignModel, from: string): Set<string> {
  const found = new Set([from]);
  for (const { op, inputs, outputs } of nodes) {
    if (SIZE_ONLY.has(op) || !inputs.some((name) => found.has(name))) continue;
    for (const name of outputs) found.add(name);
  }
  return found;
}

/** What makes a value from other values: nodes in order, and the constants and inputs they start from. */
export interface Needed {
  readonly nodes: readonly ForeignNode[];
  readonly sources: ReadonlySet<string>;
}

/** What `target` is made of, up to the values of `given` and what is known of sizes. */
export function neededFor(
  model: ForeignModel,
  target: string,
  {
    given,
    sizes,
  }: { readonly given: ReadonlySet<string>; readonly sizes: ReadonlyMap<string, Sizes> },
): Needed {
  const nodes = new Set<ForeignNode>();
  const sources = new Set<string>();
  const open = [target];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === '' || given.has(name) || sizes.has(name)) continue;
    const maker = model.makers.get(name);
    if (!maker) sources.add(name);
    else if (!nodes.has(maker)) {
      nodes.add(maker);
      open.push(...maker.inputs);
    }
  }
  return { nodes: model.nodes.filter((node) => nodes.has(node)), sources };
}
