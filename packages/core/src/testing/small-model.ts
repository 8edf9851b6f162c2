import type { BlockContext, ModelSpec, ParameterSpec, Parameters } from '../contract/index.js';
import { dimOf, flattenedDim, type Graph, type Value } from '../graph/index.js';

const sizes = { vocabulary: 7, hidden: 4, blocks: 3, positions: 9 } as const;

/**
 * A language model of three blocks x ← x + W·gelu(LN(x)) + b with tied output, small enough for tests of slices and
 * parties: it has everything those look at and no attention.
 */
export function smallModel(): ModelSpec {
  return {
    family: 'small',
    architecture: 'decoder',
    head: 'lm',
    blocks: sizes.blocks,
    hidden: sizes.hidden,
    vocabulary: sizes.vocabulary,
    maxLength: sizes.positions,
    padToken: 0,
    hasTokenTypes: false,
    labels: 0,
    pooling: 'none',
    cache: () => [
      { name: 'key', shape: [sizes.hidden], kind: 'rows' },
      { name: 'value', shape: [sizes.hidden], kind: 'rows' },
    ],
    embeddingKey: 'table',
    defaultTargets: [0, 1, 2].map((i) => `block.${i}.weight`),
    parameters: parameters(),
    aliases: () => [],
    tokens: ({ g, parameters: p }, ids) => g.gather(p.weight('table'), ids),
    embed: ({ g, parameters: p, positions }, tokens) =>
      g.add(tokens, g.gather(p.weight('places'), positions)),
    block,
    final: ({ g, parameters: p }, hidden) =>
      g.layerNorm(hidden, p.weight('norm'), { epsilon: 1e-5 }),
    logits: ({ g, parameters: p }, hidden) => g.matMul(hidden, p.weight('table'), { transB: true }),
    loss: (g, logits, labels) => g.neg(g.mean(chosen(g, logits, labels))),
    rowLoss: (g, logits, labels) => {
      const rows = g.neg(g.sum(chosen(g, logits, labels), [1]));
      return { sum: rows, count: g.add(g.mul(rows, 0), sizes.positions) };
    },
  };
}

function block({ g, parameters: p }: BlockContext, index: number, hidden: Value) {
  const key = `block.${index}`;
  const normal = g.layerNorm(hidden, p.weight(`${key}.scale`), { epsilon: 1e-5 });
  const change = map(g, p, g.gelu(normal), key);
  return { hidden: g.add(hidden, change), cache: { key: change, value: normal } };
}

function map(g: Graph, p: Parameters, x: Value, key: string): Value {
  const flat = g.reshape(x, [flattenedDim(x, [0, 1]), dimOf(x, 2)]);
  const y = g.gemm(flat, p.weight(`${key}.weight`), { transB: true, c: p.weight(`${key}.bias`) });
  const adapter = p.adapter(`${key}.weight`);
  const update = adapter
    ? g.mul(
        g.gemm(g.gemm(flat, adapter.a, { transB: true }), adapter.b, { transB: true }),
        adapter.scale,
      )
    : undefined;
  return g.reshape(update ? g.add(y, update) : y, x.shape);
}

/** ln p(label): `[batch, seq]`. */
function chosen(g: Graph, logits: Value, labels: Value): Value {
  const index = g.unsqueeze(labels, [-1]);
  return g.squeeze(g.gatherElements(g.logSoftmax(logits), index, -1), [-1]);
}

function parameters(): ParameterSpec[] {
  const { vocabulary, hidden, blocks, positions } = sizes;
  const ofBlock = (i: number): ParameterSpec[] => [
    { key: `block.${i}.scale`, shape: [hidden], places: [i], init: 'ones' },
    { key: `block.${i}.weight`, shape: [hidden, hidden], places: [i], init: 'normal' },
    { key: `block.${i}.bias`, shape: [hidden], places: [i], init: 'zeros' },
  ];
  return [
    { key: 'table', shape: [vocabulary, hidden], places: ['embed', 'output'], init: 'normal' },
    { key: 'places', shape: [positions, hidden], places: ['embed'], init: 'normal' },
    ...Array.from({ length: blocks }, (_, i) => ofBlock(i)).flat(),
    { key: 'norm', shape: [hidden], places: ['output'], init: 'ones' },
  ];
}
