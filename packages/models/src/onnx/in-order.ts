import { shortName } from '../weights/stored-type.js';
import type { ForeignNode } from './foreign-model.js';
import { unreadable } from './wrong.js';

/**
 * The nodes in an order in which each comes after what it needs, as they stand where that is one already. Raises VF576
 * for a value that nothing makes, and for nodes that need each other.
 */
export function inOrder(
  file: string,
  nodes: readonly ForeignNode[],
  given: ReadonlySet<string>,
): ForeignNode[] {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const waiting = new Map<string, ForeignNode[]>();
  const missing = new Map<ForeignNode, number>();
  const ready: ForeignNode[] = [];
  for (const node of nodes) {
    const needed = new Set(node.inputs.filter((name) => name !== '' && !given.has(name)));
    for (const name of needed) {
      if (!made.has(name))
        throw unreadable(
          file,
          `node \`${shortName(node.name)}\` needs \`${shortName(name)}\`, which nothing makes`,
        );
      waiting.set(name, [...(waiting.get(name) ?? []), node]);
    }
    missing.set(node, needed.size);
    if (needed.size === 0) ready.push(node);
  }
  const order: ForeignNode[] = [];
  for (let node = ready.pop(); node; node = ready.pop()) {
    order.push(node);
    for (const name of new Set(node.outputs)) {
      for (const next of waiting.get(name) ?? []) {
        const left = (missing.get(next) ?? 0) - 1;
        missing.set(next, left);
        if (left === 0) ready.push(next);
      }
    }
  }
  if (order.length < nodes.length) throw unreadable(file, 'some nodes need each other in a circle');
  return order;
}
