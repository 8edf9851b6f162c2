import type { BlockContext, HeadKind, ModelSpec, ParameterSpec } from '@vflair/core/contract';
import { dimOf, type Graph, type Value } from '@vflair/core/graph';
import { linear } from './linear.js';
import { linearSpecs, weightSpec } from './parameters.js';

/** What the heads of a decoder are made of. */
export interface DecoderHead {
  readonly head: HeadKind;
  readonly labels: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Key of the embedding table, which a tied output matrix is. */
  readonly table: string;
  readonly tied: boolean;
  /** Key of an untied output matrix; `lm_head.weight` when absent. */
  readonly output?: string;
  /** Name of the classifier, without bias; `score` when absent. */
  readonly classifier?: { readonly name: string; readonly bias: boolean };
  /** `last-token` when absent. */
  readonly pooling?: 'last-token' | 'last-position';
  /** What happens around the output matrix of a language model, `map`; nothing when absent. */
  readonly around?: (context: BlockContext, hidden: Value, map: (x: Value) => Value) => Value;
}

/** The parts of a ModelSpec that follow from the head. */
export interface DecoderOutput extends Pick<ModelSpec, 'pooling' | 'logits'> {
  readonly parameters: readonly ParameterSpec[];
}

/** Parameters, pooling and logits of an `lm`, `cls`, `reg` or `qa` head. */
export function decoderHead(parts: DecoderHead): DecoderOutput {
  const { head, pooling = 'last-token' } = parts;
  return {
    parameters: headParameters(parts),
    pooling: head === 'cls' || head === 'reg' ? pooling : 'none',
    logits: (context, hidden, pooled) => logits(context, parts, { hidden, pooled }),
  };
}

function logits(
  context: BlockContext,
  parts: DecoderHead,
  { hidden, pooled }: { readonly hidden: Value; readonly pooled: Value | undefined },
): Value {
  const { g, parameters } = context;
  const map = (x: Value, weight: string, bias?: string): Value =>
    linear(g, parameters, x, bias === undefined ? { weight } : { weight, bias });
  if (parts.head === 'qa') return map(hidden, 'qa_outputs.weight', 'qa_outputs.bias');
  if (parts.head === 'lm') {
    const output = (x: Value): Value => map(x, outputKey(parts));
    return parts.around ? parts.around(context, hidden, output) : output(hidden);
  }
  const { name, bias } = classifierOf(parts);
  const row = pooled ? rowAt(context, hidden, pooled) : lastRow(g, hidden);
  return map(row, `${name}.weight`, bias ? `${name}.bias` : undefined);
}

/** Key of the output matrix of a language model. */
export function outputKey({ tied, table, output = 'lm_head.weight' }: DecoderHead): string {
  return tied ? table : output;
}

const classifierOf = ({
  classifier = { name: 'score', bias: false },
}: DecoderHead): { readonly name: string; readonly bias: boolean } => classifier;

function headParameters(parts: DecoderHead): ParameterSpec[] {
  const { head, hidden, vocabulary, labels } = parts;
  if (head === 'qa') return linearSpecs('qa_outputs', [2, hidden], 'output');
  if (head === 'lm')
    return parts.tied ? [] : [weightSpec(outputKey(parts), [vocabulary, hidden], 'output')];
  const { name, bias } = classifierOf(parts);
  return linearSpecs(name, [labels, hidden], 'output').slice(0, bias ? 2 : 1);
}

/** Row `pooled[b]` of each sequence: `[batch, seq, hidden]` → `[batch, hidden]`. */
export function rowAt({ g, mask }: BlockContext, hidden: Value, pooled: Value): Value {
  const batch = g.unsqueeze(g.range(mask.shape[0] ?? 1), [1]);
  return g.gatherND(hidden, g.concat([batch, g.unsqueeze(pooled, [1])], 1));
}

/** The last row of each sequence, padding or not. */
export function lastRow(g: Graph, hidden: Value): Value {
  const batch = g.unsqueeze(g.range(dimOf(hidden, 0)), [1]);
  const last = g.add(g.mul(batch, 0), g.sub(g.sizeAt(hidden, 1), 1));
  return g.gatherND(hidden, g.concat([batch, last], 1));
}
