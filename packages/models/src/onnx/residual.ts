import type { Dim } from '@vflair/core/graph';
import { at } from '@vflair/core/text';
import { shortName } from '../weights/stored-type.js';
import type { ForeignModel, ForeignNode } from './foreign-model.js';
import { noCut } from './wrong.js';

/** A value through which all that depends on the tokens passes, and whether attention lies between it and the next one. */
export interface Edge {
  readonly name: string;
  readonly attends: boolean;
}

/** Where a model is cut: what comes into its first block and goes out of each, and what its head reads. */
export interface Cuts {
  readonly places: readonly string[];
  /** The last stream of the same width. */
  readonly last: string;
  readonly hidden: number;
}

/** What the residual stream is looked for in. */
export interface Flow {
  readonly model: ForeignModel;
  /** Nodes that make the output, in order, without those whose result is known beforehand. */
  readonly nodes: readonly ForeignNode[];
  readonly active: ReadonlySet<string>;
  readonly shapes: ReadonlyMap<string, readonly Dim[]>;
  readonly output: string;
}

/**
 * Values after which nothing else that depends on the tokens is needed: exactly those at which one active value is left
 * when the nodes run in order.
 */
export function edgesOf({ nodes, active, output }: Flow, ids: string): Edge[] {
  const uses = new Map<string, number>([[output, 1]]);
  const working = nodes.filter(({ outputs }) => outputs.some((name) => active.has(name)));
  for (const { inputs } of working)
    for (const name of inputs) if (active.has(name)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const alive = new Set([ids]);
  const edges: { name: string; attends: boolean }[] = [];
  for (const node of working) {
    for (const name of node.outputs) if (uses.has(name)) alive.add(name);
    for (const name of node.inputs) {
      const left = (uses.get(name) ?? 0) - 1;
      uses.set(name, left);
      if (left === 0) alive.delete(name);
    }
    const before = edges.at(-1);
    if (before && isAttention(node, active)) before.attends = true;
    const [only] = alive;
    if (alive.size === 1 && only !== undefined && only !== before?.name)
      edges.push({ name: only, attends: false });
  }
  return edges;
}

// Scores and their use are the products of two activations.
function isAttention({ op, inputs }: ForeignNode, active: ReadonlySet<string>): boolean {
  const isProduct = op === 'MatMul' || op === 'FusedMatMul';
  return isProduct && inputs.slice(0, 2).every((name) => active.has(name));
}

/**
 * Cuts a model before and after each block: a block begins at the last edge before attention and ends where the next one
 * begins, the last after as many edges as the one before. Raises VF579 where there is no such edge, or `named` ones (the
 * results of the blocks) are none.
 */
export function findCuts(flow: Flow, ids: string, named?: readonly string[]): Cuts {
  const { model } = flow;
  const chain = streams(flow, edgesOf(flow, ids));
  const starts = chain.flatMap(({ attends }, i) => (attends ? [i] : []));
  const [first] = starts;
  if (first === undefined)
    throw noCut(
      `\`${model.file}\` has no residual stream: something else that depends on the tokens is always needed`,
      'see docs/onnx.md for how a model is cut; export it without fused attention and with an attention mask',
    );
  const hidden = Number(flow.shapes.get(at(chain, first).name)?.[2]);
  const last = at(chain, chain.length - 1).name;
  const begin = at(chain, first).name;
  if (named) return { places: [begin, ...checkNamed(flow, chain, { named, first })], last, hidden };
  const before = starts.at(-2);
  const start = at(starts, starts.length - 1);
  const end = before === undefined ? chain.length - 1 : start + start - before;
  const places = [...starts, Math.min(end, chain.length - 1)].map((i) => at(chain, i).name);
  return { places, last, hidden };
}

/** Edges of shape `[batch, seq, hidden]`, of the width that the first attention reads. */
function streams({ shapes }: Flow, edges: readonly Edge[]): Edge[] {
  const isStream = ({ name }: Edge): boolean => {
    const [batch, seq, width, ...more] = shapes.get(name) ?? [];
    return batch === 'batch' && seq === 'seq' && typeof width === 'number' && more.length === 0;
  };
  const found: { name: string; attends: boolean }[] = [];
  for (const edge of edges) {
    if (isStream(edge)) found.push({ ...edge });
    const before = found.at(-1);
    if (before && edge.attends) before.attends = true;
  }
  const width = shapes.get(found.find(({ attends }) => attends)?.name ?? '')?.[2];
  return found.filter(({ name }) => shapes.get(name)?.[2] === width);
}

function checkNamed(
  { model }: Flow,
  chain: readonly Edge[],
  { named, first }: { readonly named: readonly string[]; readonly first: number },
): readonly string[] {
  let before = first;
  for (const name of named) {
    const place = chain.findIndex((edge) => edge.name === name);
    if (place <= before)
      throw noCut(
        `\`${shortName(name)}\` is no place at which \`${model.file}\` can be cut${place >= 0 ? ' after the one before' : ''}`,
        `it can after ${chain
          .slice(first + 1, first + 7)
          .map((edge) => `\`${edge.name}\``)
          .join(', ')}, …`,
      );
    before = place;
  }
  if (named.length === 0)
    throw noCut('`cuts` in vflair.json is empty', 'name the result of each block');
  return named;
}
