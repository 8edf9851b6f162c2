import type { BlockContext, ModelConfig, Pooling } from '@vflair/core/contract';
import { dimOf, type Graph, type Value } from '@vflair/core/graph';
import { finding } from '@vflair/core/text';
import { activation } from './activation.js';
import { configReader } from './config.js';
import { lastRow } from './decoder-head.js';
import { linear } from './linear.js';

/** How a sequence becomes one vector: which position is read, and what is done with it. */
export interface Summary {
  readonly kind: 'last' | 'first' | 'mean';
  readonly pooling: Pooling;
  /** Name of the map behind it, and whether there is one. */
  readonly map: string;
  readonly hasMap: boolean;
  readonly activation: (g: Graph, x: Value) => Value;
}

// Without a position of its own, `cls_index` reads the last one.
const kinds: { readonly [type: string]: Summary['kind'] } = {
  last: 'last',
  first: 'first',
  mean: 'mean',
  cls_index: 'last',
};

/** Reads the `summary_…` fields of a config; throws Findings VF532 for a type nobody built. */
export function readSummary(config: ModelConfig, family: string): Summary {
  const read = configReader(config, family);
  read.only('summary_proj_to_labels', [false]);
  const type = read.text('summary_type', 'last');
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (!kind)
    throw finding(
      'VF532',
      `\`summary_type\` is "${type}", which the ${family} family does not compute`,
      `it computes ${Object.keys(kinds).join(', ')}`,
    );
  const pooling = { last: 'last-position', first: 'first', mean: 'none' } as const;
  const named =
    config.summary_activation === null ? 'linear' : read.text('summary_activation', 'tanh');
  return {
    kind,
    pooling: pooling[kind],
    map: 'sequence_summary.summary',
    hasMap: read.flag('summary_use_proj', true),
    activation: activation(named),
  };
}

/** act(W·x + b) of the position that is read, or of the mean over all, padding included: `[batch, seq, hidden]` → `[batch, hidden]`. */
export function summarise({ g, parameters }: BlockContext, summary: Summary, hidden: Value): Value {
  const { kind, map } = summary;
  const row = {
    last: () => lastRow(g, hidden),
    first: () =>
      g.reshape(g.slice(hidden, 1, { start: 0, end: 1, size: 1 }), [
        dimOf(hidden, 0),
        dimOf(hidden, 2),
      ]),
    mean: () => g.mean(hidden, [1]),
  }[kind]();
  const mapped = summary.hasMap
    ? linear(g, parameters, row, { weight: `${map}.weight`, bias: `${map}.bias` })
    : row;
  return summary.activation(g, mapped);
}
