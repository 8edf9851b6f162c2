import {
  type BlockCache,
  type BlockContext,
  type CacheEntry,
  labelShapes,
  type ModelSpec,
  type PastContext,
} from '../contract/index.js';
import { createGraph, type Graph, type Value } from '../graph/index.js';
import { at } from '../text/index.js';
import { bindParameters, type Part, type Weights } from './bindings.js';

/** A slice as graph: its context, the residual stream at each block, and what it sends on. */
export interface SliceGraph {
  readonly g: Graph;
  readonly context: BlockContext;
  /** What comes in: `undefined` for a part that begins with the embedding. */
  readonly received: Value | undefined;
  /** Residual stream before block i (and after the last one), by i. */
  readonly hidden: ReadonlyMap<number, Value>;
  /** What each block adds to its cache. */
  readonly cache: ReadonlyMap<number, BlockCache>;
  readonly final: Value | undefined;
  readonly logits: Value | undefined;
}

/** Declares the usual inputs and builds the part on them: `ids`, `positions`, `types`, `hidden`, `mask`, `pooled`. */
export function sliceGraph(
  spec: ModelSpec,
  part: Part,
  weights: Weights,
  cached = false,
): SliceGraph {
  const g = createGraph();
  const mask = g.input('mask', 'int64', ['batch', 'seq']);
  const parameters = bindParameters(g, spec, weights);
  const past = cached ? { past: pastInputs(g, spec, part) } : {};
  let declared: Value | undefined;
  const positions = (): Value => {
    declared ??= g.input('positions', 'int64', ['batch', 'seq']);
    return declared;
  };
  const context: BlockContext = { g, parameters, mask, positions, shared: new Map(), ...past };
  const received = part.embed
    ? undefined
    : g.input('hidden', 'float32', ['batch', 'seq', spec.hidden]);
  const start = received ?? embedInputs(spec, context);
  return { ...buildBlocks(spec, part, { context, start }), received };
}

function pastInputs(g: Graph, spec: ModelSpec, part: Part): PastContext {
  const mask = g.input('past.mask', 'int64', ['batch', 'past']);
  const inputs = cacheEntries(spec, part).map(({ block, entry, past }) => {
    const shape = ['batch', ...(entry.kind === 'rows' ? ['past'] : []), ...entry.shape];
    return { block, name: entry.name, value: g.input(past, 'float32', shape) };
  });
  const of = (block: number): BlockCache =>
    Object.fromEntries(
      inputs.filter((input) => input.block === block).map(({ name, value }) => [name, value]),
    );
  return { mask, of };
}

/** Everything the blocks of a part remember: graph input `past.<name>.<block>`, and output `<name>.<block>` of what is new. */
export function cacheEntries(
  spec: Pick<ModelSpec, 'cache'>,
  { first, end }: Pick<Part, 'first' | 'end'>,
): { readonly block: number; readonly entry: CacheEntry; past: string; fresh: string }[] {
  const blocks = Array.from({ length: end - first }, (_, i) => first + i);
  return blocks.flatMap((block) =>
    spec.cache(block).map((entry) => {
      const fresh = `${entry.name}.${block}`;
      return { block, entry, past: `past.${fresh}`, fresh };
    }),
  );
}

function embedInputs(spec: ModelSpec, { g, parameters, ...context }: BlockContext): Value {
  const ids = g.input('ids', 'int64', ['batch', 'seq']);
  const positions = context.positions();
  const types = spec.hasTokenTypes
    ? { tokenTypes: g.input('types', 'int64', ['batch', 'seq']) }
    : {};
  const input = { g, parameters, positions, ...types };
  return spec.embed(input, spec.tokens(input, ids));
}

/** The blocks of a part, and its output head if it has one, on the residual stream `start`. */
export function buildBlocks(
  spec: ModelSpec,
  part: Part,
  { context, start }: { context: BlockContext; start: Value },
): Omit<SliceGraph, 'received'> {
  const hidden = new Map<number, Value>([[part.first, start]]);
  const cache = new Map<number, BlockCache>();
  let stream = start;
  for (let block = part.first; block < part.end; block++) {
    const result = spec.block(context, block, stream);
    stream = result.hidden;
    hidden.set(block + 1, stream);
    cache.set(block, result.cache);
  }
  const { g } = context;
  if (!part.output) return { g, context, hidden, cache, final: undefined, logits: undefined };
  const pooled =
    spec.pooling === 'last-token' ? { pooled: g.input('pooled', 'int64', ['batch']) } : {};
  const normal = spec.final(context, stream);
  // Without blocks and final norm it is the very tensor that came in, and a model's output must come from a node.
  const final = g.inputs.includes(normal) ? g.identity(normal) : normal;
  return { g, context, hidden, cache, final, logits: spec.logits(context, final, pooled.pooled) };
}

/** The labels input of a spec's head. */
export function labelInput(g: Graph, spec: ModelSpec): Value {
  const { dtype, shape } = labelShapes[spec.head];
  return g.input('labels', dtype, shape);
}

/** What the slice passes on: logits, or the residual stream after its last block. */
export function resultOf(slice: SliceGraph): Value {
  return slice.logits ?? at([...slice.hidden.values()], slice.hidden.size - 1);
}
