import type { BlockContext } from '../contract/index.js';
import type { Value } from '../graph/index.js';
import { Bug } from '../text/index.js';

/** A block's context in a graph of somebody else's making: its inputs are values of that graph, and there are no others. Asking for one throws VF923. */
export function bareContext({
  positions,
  ...inside
}: Pick<BlockContext, 'g' | 'mask' | 'parameters'> & { readonly positions: Value }): BlockContext {
  return {
    ...inside,
    positions: () => positions,
    shared: new Map(),
    companions: {},
    given: new Set(),
    input: (name) => {
      throw new Bug('VF923', `${name} is not known in this graph`);
    },
    observe: () => undefined,
  };
}
