import type { Graph, Node, Value } from '../graph/index.js';

/** What a rule is given: the graph to add to, the node, and the gradient of each of its outputs where there is one. */
export interface RuleInput {
  readonly g: Graph;
  readonly node: Node;
  readonly dys: readonly (Value | undefined)[];
  /** True for inputs whose gradient somebody needs; a rule may skip the others. */
  readonly needs: readonly boolean[];
}

/** Gradient of each input of a node, `undefined` where there is none. */
export type GradRule = (input: RuleInput) => readonly (Value | undefined)[];

/** No gradient flows through this operator, on purpose. */
export const blocked: GradRule = ({ node }) => node.inputs.map(() => undefined);
