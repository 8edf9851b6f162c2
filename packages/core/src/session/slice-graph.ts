import {
  type BlockCache,
  type BlockContext,
  type EmbedInput,
  labelShapes,
  type ModelSpec,
  type PastContext,
  type StreamShape,
  type Tensors,
  type Values,
} from '../contract/index.js';
import { createGraph, type Graph, type Value } from '../graph/index.js';
import { present } from '../text/index.js';
import { bindParameters, type Part, type Weights } from './bindings.js';
import { cacheEntries } from './cache.js';

/** A slice as graph: its context, what comes in and goes out, and the streams between. */
export interface SliceGraph extends Built {
  /** What comes in, by input name; nothing for a part that begins with the embedding. */
  readonly received: ReadonlyMap<string, Value>;
}

/** What the blocks of a part, and its output head if it has one, make of what comes in. */
interface Built {
  readonly g: Graph;
  readonly context: BlockContext;
  /** Residual stream after the last block, and what goes along with it. */
  readonly hidden: Value;
  readonly companions: Values;
  /** What each block adds to its cache. */
  readonly cache: ReadonlyMap<number, BlockCache>;
  /** Streams by the names under which they are observed. */
  readonly observed: ReadonlyMap<string, Value>;
  readonly logits: Value | undefined;
}

/** What a slice's graph is built for. */
export interface SliceGraphOptions {
  /** Whether blocks have a past. */
  readonly cached?: boolean;
  /** Names of inputs that a family may do without and that will be fed. */
  readonly given?: ReadonlySet<string>;
  /** Stops at what the final norm gives, before the logits: `hidden` is that then. */
  readonly beforeLogits?: boolean;
}

/** Declares the usual inputs (`ids`, `positions`, `types`, `hidden`, `mask`, `pooled`) and builds the part on them. */
export function sliceGraph(
  spec: ModelSpec,
  part: Part,
  weights: Weights,
  { cached = false, given = new Set(), beforeLogits = false }: SliceGraphOptions = {},
): SliceGraph {
  const g = createGraph();
  const observed = new Map<string, Value>();
  const mask = g.input('mask', 'int64', ['batch', 'seq']);
  const { input, ...inputs } = graphInputs(g);
  const context: BlockContext = {
    g,
    parameters: bindParameters(g, spec, weights),
    mask,
    positions: () => input('positions', 'int64', ['batch', 'seq']),
    shared: new Map(),
    companions: {},
    given: new Set(part.embed ? [...given, 'ids'] : given),
    input,
    observe: (name, value) => observed.set(name, value),
    ...(cached ? { past: pastInputs(g, spec, part) } : {}),
  };
  const received = part.embed
    ? new Map<string, Value>()
    : new Map(
        crossingStreams(spec, part.first, given).map((stream) => [
          stream.name,
          inputs.stream(stream),
        ]),
      );
  const start = part.embed ? embedded(spec, context) : split(received);
  return { ...buildBlocks(spec, part, { context, start, observed, beforeLogits }), received };
}

/** Graph inputs, each declared when first asked for. */
function graphInputs(
  g: Graph,
): Pick<BlockContext, 'input'> & { stream: (s: StreamShape) => Value } {
  const declared = new Map(g.inputs.map((value) => [value.name, value]));
  const input: BlockContext['input'] = (name, dtype, shape) => {
    const value = declared.get(name) ?? g.input(name, dtype, shape);
    declared.set(name, value);
    return value;
  };
  return { input, stream: ({ name, shape }) => input(name, 'float32', shape) };
}

/** The streams before `block`: the residual stream under `hidden`, others under `hidden.<name>`. */
export function crossingStreams(
  spec: ModelSpec,
  block: number,
  given: ReadonlySet<string> = new Set(),
): StreamShape[] {
  const shape = spec.stream?.(block).shape ?? ['batch', 'seq', spec.hidden];
  const others = spec.companions?.at(block, given) ?? [];
  return [
    { name: 'hidden', shape },
    ...others.map((other) => ({ ...other, name: `hidden.${other.name}` })),
  ];
}

/** What comes in, as blocks take it. */
function split(received: ReadonlyMap<string, Value>): Start {
  const others = [...received].filter(([name]) => name !== 'hidden');
  return {
    hidden: present(received.get('hidden'), 'hidden'),
    companions: Object.fromEntries(
      others.map(([name, value]) => [name.slice('hidden.'.length), value]),
    ),
  };
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

interface Start {
  readonly hidden: Value;
  readonly companions: Values;
}

function embedded(spec: ModelSpec, context: BlockContext): Start {
  const ids = context.input('ids', 'int64', ['batch', 'seq']);
  const types = spec.hasTokenTypes
    ? { tokenTypes: context.input('types', 'int64', ['batch', 'seq']) }
    : {};
  const input: EmbedInput = { ...context, ids, positions: context.positions(), ...types };
  return {
    hidden: spec.embed(input, spec.tokens(input, ids)),
    companions: spec.companions?.embed(input) ?? {},
  };
}

/** What blocks are built on. */
interface BlocksInput {
  readonly context: BlockContext;
  readonly start: Start;
  /** Where streams are noted under their names. */
  readonly observed?: Map<string, Value>;
  readonly beforeLogits?: boolean;
}

/** The blocks of a part, and its output head if it has one, on the streams of `start`. */
export function buildBlocks(
  spec: ModelSpec,
  part: Part,
  { context, start, observed = new Map(), beforeLogits = false }: BlocksInput,
): Built {
  const { g } = context;
  const cache = new Map<number, BlockCache>();
  let { hidden, companions } = start;
  const watch = (block: number): void => {
    // What came in was observed where it was made.
    const name = spec.stream?.(block).name ?? `hidden.${block}`;
    if (!g.inputs.includes(hidden)) observed.set(name, hidden);
  };
  watch(part.first);
  for (let block = part.first; block < part.end; block++) {
    const result = spec.block({ ...context, companions }, block, hidden);
    hidden = result.hidden;
    companions = crossingCompanions(spec, block + 1, {
      given: context.given,
      companions: { ...companions, ...result.companions },
    });
    cache.set(block, result.cache);
    watch(block + 1);
  }
  const built = { g, context: { ...context, companions }, hidden, companions, cache, observed };
  if (!part.output) return { ...built, logits: undefined };
  const normal = spec.final(built.context, context.past ? lastPosition(g, hidden) : hidden);
  // Without blocks and final norm it is the very tensor that came in, and a model's output must come from a node.
  const final = g.inputs.includes(normal) ? g.identity(normal) : normal;
  observed.set(spec.finalName ?? 'hidden.final', final);
  if (beforeLogits) return { ...built, hidden: final, logits: undefined };
  const pooled =
    spec.pooling === 'last-token' ? context.input('pooled', 'int64', ['batch']) : undefined;
  return { ...built, logits: spec.logits(built.context, final, pooled) };
}

/** A continuation is read off at its last position: `[batch, seq, hidden]` → `[batch, 1, hidden]`. */
function lastPosition(g: Graph, hidden: Value): Value {
  return g.slice(hidden, 1, { start: -1, size: 1 });
}

/** Those of the companions that go on to `block`. */
function crossingCompanions(
  spec: ModelSpec,
  block: number,
  { given, companions }: { given: ReadonlySet<string>; companions: Values },
): Values {
  const streams = spec.companions?.at(block, given) ?? [];
  return Object.fromEntries(
    streams.flatMap(({ name }) => {
      const value = companions[name];
      return value ? [[name, value] as const] : [];
    }),
  );
}

/** The labels input of a spec's head; a token's label stands where its logits do. */
export function labelInput(g: Graph, spec: ModelSpec, logits: Value): Value {
  const { dtype, shape } = labelShapes[spec.head];
  const isPerToken = shape.length === 2 && typeof shape[1] === 'string';
  return g.input('labels', dtype, isPerToken ? logits.shape.slice(0, 2) : shape);
}

/** What a slice has passed on, under the names the next slice has for it: `result` → `hidden`, `result.x` → `hidden.x`. */
export function crossing(outputs: Tensors): Tensors {
  const entries = Object.entries(outputs).flatMap(([name, tensor]) =>
    /^result(\.|$)/.test(name) ? [[name.replace('result', 'hidden'), tensor] as const] : [],
  );
  return Object.fromEntries(entries);
}

/** What the slice passes on, by output name: logits, or the streams after its last block (`result`, `result.<name>`). */
export function resultsOf({ g, logits, hidden, companions }: SliceGraph): Map<string, Value> {
  if (logits) return new Map([['result', logits]]);
  // What only passes through came in as an input, and a model's output must come from a node.
  const sent = (value: Value): Value => (g.inputs.includes(value) ? g.identity(value) : value);
  const others = Object.entries(companions).map(
    ([name, value]) => [`result.${name}`, sent(value)] as const,
  );
  return new Map([['result', sent(hidden)], ...others]);
}
