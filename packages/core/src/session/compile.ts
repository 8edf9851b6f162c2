import { gradients } from '../autodiff/index.js';
import type { CompileOptions, GraphBuilder } from '../contract/index.js';
import { createGraph, encodeModel, type Graph, type Value } from '../graph/index.js';
import { at, Bug } from '../text/index.js';
import { Session, type SessionOptions } from './onnx.js';

/**
 * Builds, differentiates and compiles a graph: outputs by the names the builder gave them, and `d<name>` = ∂(Σ `of`)/∂name
 * of each input in `wrt` (zeros where nothing depends on it). `of` may be left out when there is one output. Throws VF924
 * when `of` or `wrt` names nothing. The caller closes the session.
 */
export async function compileGraph(
  build: GraphBuilder,
  options: CompileOptions = {},
  session: SessionOptions = {},
): Promise<Session> {
  const g = createGraph();
  const outputs = Object.entries(build(g));
  const derived = derivatives(g, outputs, options);
  // An output that is an input or a constant has to be the result of a node.
  const named = [...outputs, ...derived].map(
    ([name, value]) => [name, isComputed(g, value) ? value : g.identity(value)] as const,
  );
  return Session.open(encodeModel(g, new Map(named)), session);
}

function derivatives(
  g: Graph,
  outputs: readonly (readonly [string, Value])[],
  { of, wrt = [] }: CompileOptions,
): [string, Value][] {
  if (wrt.length === 0) return [];
  const name = of ?? (outputs.length === 1 ? at(outputs, 0)[0] : undefined);
  const target = outputs.find(([output]) => output === name)?.[1];
  if (!target) throw new Bug('VF924', `no output \`${name ?? ''}\` to differentiate`);
  const inputs = wrt.map((input) => {
    const value = g.inputs.find((candidate) => candidate.name === input);
    if (!value) throw new Bug('VF924', `no input \`${input}\` to differentiate by`);
    return value;
  });
  const total = target.shape.length === 0 ? target : g.sum(target);
  const found = gradients(g, [{ of: total }], inputs);
  return inputs.map((input, i) => [`d${input.name}`, found[i] ?? g.zerosLike(input)]);
}

function isComputed(g: Graph, value: Value): boolean {
  return g.nodes.some((node) => node.outputs.includes(value));
}
