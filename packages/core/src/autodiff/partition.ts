import { type Graph, type Node, neededNodes, type Value } from '../graph/index.js';

/** A graph cut in time: what runs before the gradient arrives, what runs after, and what is kept in between. */
export interface Partition {
  /** Values the forward part hands to the backward part: activations that are worth keeping. */
  readonly stash: readonly Value[];
  /** Nodes of the backward part that are run again because they cost less than keeping their result. */
  readonly again: readonly Node[];
}

// Moving elements costs less than copying a result out of a session and feeding it again.
const cheap = new Set([
  'Reshape',
  'Unsqueeze',
  'Squeeze',
  'Transpose',
  'Cast',
  'Range',
  'Equal',
  'Less',
  'Greater',
  'And',
  'Not',
  'Where',
  'ConstantOfShape',
  'Expand',
  'Concat',
  'Slice',
  'Split',
  'Identity',
  'Gather',
  'Pad',
]);

// They read sizes only: nothing large is kept for them.
const sizes = new Set(['Shape', 'Size']);

/**
 * Splits the nodes that `backward` needs: those that depend on `late` inputs (the incoming gradient) must wait; of the
 * others, cheap ones run again and the rest is stashed by the forward part. Sizes are read again from what the backward
 * part has anyway, else stashed in place of the value they are of.
 */
export function partition(g: Graph, backward: readonly Value[], late: readonly Value[]): Partition {
  const waiting = new Set(late.map((value) => value.name));
  const needed = neededNodes(g, backward);
  const producers = new Map<string, Node>();
  for (const node of needed) {
    for (const value of node.outputs) producers.set(value.name, node);
    if (!node.inputs.some((value) => value && waiting.has(value.name))) continue;
    for (const value of node.outputs) waiting.add(value.name);
  }
  const stash = new Map<string, Value>();
  const again = new Set<Node>();
  const ofSizes = new Map<Node, Value>();
  const isThere = (value: Value): boolean => {
    const node = producers.get(value.name);
    return !node || waiting.has(value.name) || stash.has(value.name) || again.has(node);
  };
  const visit = (value: Value): void => {
    const node = producers.get(value.name);
    if (!node || isThere(value)) return;
    if (sizes.has(node.op)) {
      ofSizes.set(node, value);
      return;
    }
    if (!cheap.has(node.op)) {
      stash.set(value.name, value);
      return;
    }
    again.add(node);
    for (const input of node.inputs) if (input) visit(input);
  };
  for (const node of needed) {
    if (!node.outputs.some((value) => waiting.has(value.name))) continue;
    for (const value of node.inputs) if (value) visit(value);
  }
  for (const value of backward) visit(value);
  for (const [node, value] of ofSizes) {
    if (node.inputs.every((input) => !input || isThere(input))) again.add(node);
    else stash.set(value.name, value);
  }
  return { stash: [...stash.values()], again: [...again] };
}
