import type { Graph, Node, Value } from '../graph/index.js';
import { Bug } from '../text/index.js';
import type { GradRule } from './rule.js';
import { elementwise } from './rules/elementwise.js';
import { indexing } from './rules/indexing.js';
import { linear } from './rules/linear.js';
import { quantised } from './rules/quantised.js';
import { reduce } from './rules/reduce.js';
import { shape } from './rules/shape.js';
import { unary } from './rules/unary.js';

/** One rule per operator; an operator the graph language can build and this table lacks fails a test. */
export const rules: { readonly [op: string]: GradRule } = {
  ...elementwise,
  ...unary,
  ...linear,
  ...quantised,
  ...shape,
  ...reduce,
  ...indexing,
};

/** A result whose gradient is known: the seed of a backward pass. */
export interface Seed {
  readonly of: Value;
  /** Same shape as `of`; 1 for a scalar loss when absent. */
  readonly gradient?: Value;
}

/**
 * Adds to `g` the gradient of Σ seeds with respect to each Value of `wrt`, by reverse-mode differentiation (Griewank &
 * Walther 2008, ch. 3): nodes are visited backwards, each rule adds ordinary nodes, contributions to one Value are summed.
 * Gives `undefined` for a Value the seeds don't depend on. The result is graph, so it can be differentiated again.
 */
export function gradients(
  g: Graph,
  seeds: readonly Seed[],
  wrt: readonly Value[],
): (Value | undefined)[] {
  const nodes = [...g.nodes];
  const active = dependents(nodes, wrt);
  const found = new Map<string, Value>();
  const accumulate = (value: Value, dy: Value): void => {
    const sum = found.get(value.name);
    found.set(value.name, sum ? g.add(sum, dy) : dy);
  };
  for (const { of, gradient } of seeds) accumulate(of, gradient ?? g.scalar(1));
  for (const node of nodes.reverse()) {
    const dys = node.outputs.map((value) => found.get(value.name));
    if (dys.every((dy) => dy === undefined)) continue;
    const needs = node.inputs.map((value) => value !== undefined && active.has(value.name));
    if (!needs.some(Boolean)) continue;
    const dxs = ruleFor(node)({ g, node, dys, needs });
    node.inputs.forEach((value, i) => {
      const dx = dxs[i];
      if (value && dx && needs[i]) accumulate(value, dx);
    });
  }
  return wrt.map((value) => found.get(value.name));
}

function ruleFor(node: Node): GradRule {
  const rule = rules[node.op];
  if (!rule) throw new Bug('VF921', `operator ${node.op} has no gradient rule`);
  return rule;
}

/** Names of all Values that depend on one of `wrt`, those included. */
function dependents(nodes: readonly Node[], wrt: readonly Value[]): Set<string> {
  const active = new Set(wrt.map((value) => value.name));
  for (const node of nodes) {
    if (!node.inputs.some((value) => value && active.has(value.name))) continue;
    for (const value of node.outputs) active.add(value.name);
  }
  return active;
}
