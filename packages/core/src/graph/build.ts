import { GraphCore } from './graph.js';
import { ops } from './ops/index.js';

type Bound<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends (
    g: GraphCore,
    ...rest: infer Rest
  ) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

/** A graph under construction whose operators are methods: `g.mul(y, g.sub(a, b))`. */
export type Graph = GraphCore & Bound<Omit<typeof ops, 'flattenedDim'>>;

/** An empty graph. */
export function createGraph(): Graph {
  const core = new GraphCore();
  const table: Record<string, unknown> = {};
  for (const [name, op] of Object.entries(ops)) {
    const build = op as (g: GraphCore, ...rest: unknown[]) => unknown;
    table[name] = (...rest: unknown[]) => build(core, ...rest);
  }
  // The loop above binds each key of `ops`; the compiler can't follow Object.entries.
  return Object.assign(core, table) as unknown as Graph;
}
