import type { BlockContext } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';

/** What `build` makes when a graph asks for `name` first, and the same value after that. */
export function once(
  { shared }: Pick<BlockContext, 'shared'>,
  name: string,
  build: () => Value,
): Value {
  const value = shared.get(name) ?? build();
  shared.set(name, value);
  return value;
}
