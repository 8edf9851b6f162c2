import type { HeadKind, ParameterSpec } from '@vflair/core/contract';
import { linearSpecs, scaleSpec, weightSpec } from './parameters.js';
import { type T5Sizes, t5BiasKey, t5Key } from './t5-block.js';

/** What decides about a model's parameters besides its sizes. */
export interface T5Head {
  readonly prefix: string;
  readonly head: HeadKind;
  readonly labels: number;
  readonly tied: boolean;
}

/** Parameters of T5 with a head. The position bias of a stack belongs to all blocks of the stack. */
export function t5Parameters(sizes: T5Sizes, parts: T5Head): ParameterSpec[] {
  const { encoder, decoder, hidden, vocabulary } = sizes;
  const { prefix, head, tied } = parts;
  const stacks = [
    { isDecoder: false, first: 0, count: encoder },
    { isDecoder: true, first: encoder, count: decoder },
  ];
  return [
    {
      ...weightSpec(`${prefix}shared.weight`, [vocabulary, hidden], 'embed'),
      places: head === 'seq2seq' && tied ? ['embed', 'output'] : ['embed'],
    },
    ...stacks.flatMap(({ isDecoder, first, count }) => {
      const blocks = Array.from({ length: count }, (_, i) => first + i);
      const bias = weightSpec(
        t5BiasKey(prefix, isDecoder),
        [sizes.buckets.count, sizes.heads],
        first,
      );
      const name = `${prefix}${isDecoder ? 'decoder' : 'encoder'}.final_layer_norm.weight`;
      const end = isDecoder ? 'output' : encoder - 1;
      return [
        { ...bias, places: blocks },
        ...blocks.flatMap((index) => blockParameters(sizes, prefix, index)),
        scaleSpec(name, hidden, end),
      ];
    }),
    ...headParameters(sizes, parts),
  ];
}

function blockParameters(sizes: T5Sizes, prefix: string, index: number): ParameterSpec[] {
  const { hidden, heads, headSize, inner } = sizes;
  const { key, isDecoder } = t5Key({ sizes, prefix, index });
  const width = heads * headSize;
  const map = (name: string, rows: number, columns: number): ParameterSpec =>
    weightSpec(`${key}${name}.weight`, [rows, columns], index);
  const norm = (layer: number): ParameterSpec =>
    scaleSpec(`${key}layer.${layer}.layer_norm.weight`, hidden, index);
  const attention = (name: string): ParameterSpec[] => [
    ...['q', 'k', 'v'].map((part) => map(`${name}.${part}`, width, hidden)),
    map(`${name}.o`, hidden, width),
  ];
  const last = isDecoder ? 2 : 1;
  const dense = `layer.${last}.DenseReluDense`;
  return [
    ...attention('layer.0.SelfAttention'),
    norm(0),
    ...(isDecoder ? [...attention('layer.1.EncDecAttention'), norm(1)] : []),
    ...(sizes.isGated ? ['wi_0', 'wi_1'] : ['wi']).map((name) =>
      map(`${dense}.${name}`, inner, hidden),
    ),
    map(`${dense}.wo`, hidden, inner),
    norm(last),
  ];
}

function headParameters(
  { hidden, vocabulary }: T5Sizes,
  { head, labels, tied }: T5Head,
): ParameterSpec[] {
  if (head === 'qa') return linearSpecs('qa_outputs', [2, hidden], 'output');
  if (head === 'seq2seq')
    return tied ? [] : [weightSpec('lm_head.weight', [vocabulary, hidden], 'output')];
  return [
    ...linearSpecs('classification_head.dense', [hidden, hidden], 'output'),
    ...linearSpecs('classification_head.out_proj', [labels, hidden], 'output'),
  ];
}
