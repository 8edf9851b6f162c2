import type {
  EmbedInput,
  InputSpec,
  ModelSpec,
  NextInputs,
  Tensors,
  Values,
} from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { asInt, floatTensor, intTensor } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';

const mapping = 'target_mapping';

/** Inputs of a model with a query stream: who may not see whom, which positions are asked for, and token types. */
export const queryInputs: readonly InputSpec[] = [
  { name: 'perm_mask', dtype: 'float32', shape: ['batch', 'seq', 'seq'] },
  { name: mapping, dtype: 'float32', shape: ['batch', 'target', 'seq'] },
  { name: 'token_type_ids', dtype: 'int64', shape: ['batch', 'seq'] },
];

/**
 * The query stream of two-stream attention (Yang et al. 2019, arXiv:1906.08237, §2.3), which goes along with the residual
 * stream where somebody asks for positions: it starts as the vector stored under `key`, the same at each of them.
 */
export function queryStream(hidden: number, key: string): NonNullable<ModelSpec['companions']> {
  return {
    at: (_, given) =>
      given.has(mapping) ? [{ name: 'query', shape: ['batch', 'target', hidden] }] : [],
    embed: (input) => embedQueries(input, key),
  };
}

function embedQueries(input: EmbedInput, key: string): Values {
  const { g, parameters } = input;
  if (!input.given.has(mapping)) return {};
  const places = g.sum(targetMapping(input), [2], true);
  const query = g.add(g.mul(places, 0), parameters.weight(key));
  input.observe('g.hidden.0', query);
  return { query };
}

/** 1 where the target stands for a position: float `[batch, target, seq]`. */
export function targetMapping({ input }: Pick<EmbedInput, 'input'>): Value {
  return input(mapping, 'float32', ['batch', 'target', 'seq']);
}

/** Prompt and chosen tokens are read again with a token 0 behind them that nobody sees and that is asked for. */
export function nextQuery(prompt: Tensors, chosen: ReturnType<typeof intTensor>): NextInputs {
  const [ids, mask] = [asInt(present(prompt.ids, 'ids')), asInt(present(prompt.mask, 'mask'))];
  const [batch = 0, width = 0] = ids.shape;
  const count = chosen.shape[1] ?? 0;
  const seq = width + count + 1;
  const grid = (value: (row: number, place: number) => bigint): ReturnType<typeof intTensor> =>
    intTensor(
      [batch, seq],
      BigInt64Array.from({ length: batch * seq }, (_, i) => value(Math.floor(i / seq), i % seq)),
    );
  const zeros = grid(() => 0n);
  const lasts = (rows: number): Float32Array =>
    Float32Array.from({ length: batch * rows * seq }, (_, i) => Number((i + 1) % seq === 0));
  const inputs = {
    ids: grid((row, place) => {
      if (place === seq - 1) return 0n;
      const [from, index] =
        place < width ? [ids, row * width + place] : [chosen, row * count + place - width];
      return from.data[index] ?? 0n;
    }),
    mask: grid((row, place) => (place < width ? (mask.data[row * width + place] ?? 0n) : 1n)),
    positions: zeros,
    types: zeros,
    perm_mask: floatTensor([batch, seq, seq], lasts(seq)),
    [mapping]: floatTensor([batch, 1, seq], lasts(1)),
  };
  return { inputs, added: intTensor([batch, 0], []) };
}
