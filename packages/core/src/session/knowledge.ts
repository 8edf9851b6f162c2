import { closeSync, openSync, readSync } from 'node:fs';
import type {
  BlockCache,
  BlockContext,
  HeadKnowledge,
  ModelSpec,
  Parameters,
  TailKnowledge,
} from '../contract/index.js';
import { dimOf, type Graph, type Value } from '../graph/index.js';
import { copyOf, type FloatTensor, floatTensor, intTensor } from '../tensor/index.js';
import { at, Bug } from '../text/index.js';
import { bareContext } from './bare-context.js';
import {
  type Adapter,
  bindParameters,
  inputNames,
  type Part,
  packedOf,
  type Weights,
} from './bindings.js';
import { buildBlocks } from './slice-graph.js';

/**
 * The head slice as a value an adversary may hold: graph functions over `weights` as they are now (trained tensors and
 * adapters are copied, so later training doesn't show). `part` begins with the embedding; throws VF925 otherwise.
 */
export function headKnowledge(
  spec: ModelSpec,
  part: Part,
  weights: Weights,
  provenance: HeadKnowledge['provenance'],
): HeadKnowledge {
  if (!part.embed || part.output) throw new Bug('VF925', 'a head begins with the embedding');
  const frozen = snapshot(weights);
  const context = (g: Graph, mask: Value, positions: Value): BlockContext =>
    bareContext({ g, mask, positions, parameters: constants(g, spec, frozen) });
  return {
    provenance,
    architecture: spec.architecture,
    hidden: spec.hidden,
    vocabulary: spec.vocabulary,
    blocks: part.end - part.first,
    cache: (block) => spec.cache(part.first + block),
    embedding: inMemory(frozen, spec.embeddingKey),
    forward: (g, tokens, mask) => {
      const positions = places(g, mask);
      const inside = context(g, mask, positions);
      const hidden = spec.embed({ ...inside, positions }, tokens);
      return buildBlocks(spec, part, { context: inside, start: { hidden, companions: {} } }).hidden;
    },
    step: (g, { ids, positions, mask }, past) => {
      const inside = context(g, mask, positions);
      const input = { ...inside, positions, ids };
      const hidden = spec.embed(input, spec.tokens(input, ids));
      const built = buildBlocks(spec, part, {
        context: { ...inside, ...pastOf(g, past, { spec, part }) },
        start: { hidden, companions: {} },
      });
      return { hidden: built.hidden, rows: [...built.cache.values()] };
    },
  };
}

/**
 * The task's end of the model, from the residual stream after the body to the logits. A classification head of a
 * decoder reads each row's last token, which follows from the mask; the graph then has to call its batch axis `batch`.
 */
export function tailKnowledge(
  spec: ModelSpec,
  part: Part,
  weights: Weights,
  provenance: TailKnowledge['provenance'],
): TailKnowledge {
  if (!part.output) throw new Bug('VF925', 'a tail ends in the output');
  const frozen = snapshot(weights);
  return {
    provenance,
    forward: (g, hidden, mask) => {
      const parameters = constants(g, spec, frozen);
      const context = bareContext({ g, mask, positions: places(g, mask), parameters });
      const blocks = { ...part, output: false };
      const built = buildBlocks(spec, blocks, { context, start: { hidden, companions: {} } });
      const final = spec.final(context, built.hidden);
      return spec.pooling === 'last-token'
        ? spec.logits(context, final, lastToken(g, mask))
        : spec.logits(context, final);
    },
  };
}

/** The embedding table `[vocabulary, hidden]` in memory, read from its file where it is stored there. */
function inMemory(weights: Weights, key: string): FloatTensor {
  const stored = weights.stored(key);
  if ('data' in stored) return stored;
  const { file, offset, length } = stored.external;
  if (stored.dtype !== 'float32') throw new Bug('VF903', `expected float32, found ${stored.dtype}`);
  const bytes = new Uint8Array(length);
  const handle = openSync(file, 'r');
  try {
    const read = readSync(handle, bytes, 0, length, offset);
    if (read !== length) throw new Bug('VF925', `${file} ends inside \`${key}\``);
  } finally {
    closeSync(handle);
  }
  return floatTensor(stored.shape, new Float32Array(bytes.buffer));
}

/** The same weights with nothing left to train. */
function snapshot(weights: Weights): Weights {
  const trained = new Map([...weights.trained].map(([key, tensor]) => [key, copyOf(tensor)]));
  const adapters = [...weights.adapters].map(([key, { a, b, scale }]): [string, Adapter] => [
    key,
    { a: copyOf(a), b: copyOf(b), scale },
  ]);
  return {
    stored: (key) => trained.get(key) ?? weights.stored(key),
    packed: (key, use) => packedOf(weights, key, use),
    trained: new Map(),
    adapters: new Map(adapters),
  };
}

/** Parameters as constants of the graph, adapters too. */
function constants(g: Graph, spec: ModelSpec, frozen: Weights): Parameters {
  return {
    ...bindParameters(g, spec, { ...frozen, adapters: new Map() }),
    adapter: (key) => {
      const adapter = frozen.adapters.get(key);
      if (!adapter) return undefined;
      const { a, b, scale } = adapter;
      return {
        a: g.parameter(inputNames.adapterA(key), a),
        b: g.parameter(inputNames.adapterB(key), b),
        scale,
      };
    },
  };
}

/** A past that all rows share and that has no holes; none for a slice without blocks or without prefix. */
function pastOf(
  g: Graph,
  past: readonly BlockCache[],
  { spec, part }: { spec: ModelSpec; part: Part },
): Pick<BlockContext, 'past'> {
  const [first] = past;
  if (!first || Object.keys(first).length === 0) return {};
  const named = spec.cache(part.first).find(({ kind }) => kind === 'rows')?.name;
  const rows = named === undefined ? undefined : first[named];
  // Blocks that carry a state only don't look at single positions of the past.
  const mask = rows
    ? g.unsqueeze(g.add(g.mul(g.range(dimOf(rows, 1)), 0), 1), [0])
    : g.constant(intTensor([1, 0], []));
  return { past: { mask, of: (block) => at(past, block - part.first) } };
}

/** 0, 1, … along the second axis of `mask`: int64 `[1, seq]`. */
function places(g: Graph, mask: Value): Value {
  return g.unsqueeze(g.range(dimOf(mask, 1)), [0]);
}

/** The position of each row's last token: int64 `[batch]`. */
function lastToken(g: Graph, mask: Value): Value {
  return g.reduceMax(g.mul(mask, places(g, mask)), [1]);
}
