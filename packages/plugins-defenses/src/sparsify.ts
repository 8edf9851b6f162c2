import { defineDefense, noClaim } from '@vflair/core/contract';
import { type FloatTensor, floatTensor, type IntTensor } from '@vflair/core/tensor';

/**
 * Sends the largest coordinates of each token only: k = ⌈(1 − rate)·d⌉ by size, ties to the lower index. The gradient
 * that comes back is masked alike. No residual is carried over: it would belong to another sample's token. It makes
 * messages smaller and promises nothing.
 */
export default defineDefense({
  id: 'sparsify',
  title: 'Top-k sparsification',
  paper: 'Lin et al. 2018, arXiv:1712.01887',
  at: ['forward-out', 'backward-out'],
  params: {
    rate: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.9,
      description: "Share of each token's coordinates that is not sent.",
    },
  },
  off: { rate: 0 },
  apply: (tensor, { params, mask }) => masked(tensor, sentCoordinates(tensor, mask, params.rate)),
  // y = m ⊙ x, m held fixed  ⇒  dx = m ⊙ dy.
  backward: (gradient, _sent, received, { params, mask }) =>
    masked(gradient, sentCoordinates(received, mask, params.rate)),
  expect: (tensor, sent) => ({ tensor, told: Uint8Array.from(sent.data, (x) => Number(x !== 0)) }),
  claim: () => noClaim,
});

/**
 * 1 where a coordinate of `[batch, seq, width]` (or `[batch, width]` with mask `[batch, 1]`) is sent: k of each token,
 * none of padding, whose rows would repeat what those of the tokens leave out. All ones where k = width.
 */
export function sentCoordinates(tensor: FloatTensor, mask: IntTensor, rate: number): Uint8Array {
  const width = tensor.shape.at(-1) ?? 0;
  // (1 − 0.9)·10 is 1 up to rounding, not 2.
  const keep = Math.ceil((1 - rate) * width - 1e-9);
  const sent = new Uint8Array(tensor.data.length);
  if (keep >= width) return sent.fill(1);
  mask.data.forEach((isReal, token) => {
    if (isReal !== 1n) return;
    const start = token * width;
    for (const j of largest(tensor.data.subarray(start, start + width), keep)) sent[start + j] = 1;
  });
  return sent;
}

/** Indices of the `count` elements of largest size, of equals the lower index, in ascending order. */
export function largest(values: Float32Array, count: number): number[] {
  const sizes = values.map(Math.abs);
  const bar = sizes.toSorted().at(-count) ?? Number.POSITIVE_INFINITY;
  let ties = count;
  for (const size of sizes) if (size > bar) ties -= 1;
  const found: number[] = [];
  for (let j = 0; j < sizes.length; j++) {
    const size = sizes[j] ?? 0;
    if (size > bar || (size === bar && ties-- > 0)) found.push(j);
  }
  return found;
}

function masked({ shape, data }: FloatTensor, sent: Uint8Array): FloatTensor {
  const kept = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) if (sent[i] === 1) kept[i] = data[i] ?? 0;
  return floatTensor(shape, kept);
}
