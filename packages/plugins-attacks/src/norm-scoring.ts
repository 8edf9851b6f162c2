import { defineAttack, type SeenMessage } from '@vflair/core/contract';
import { rows } from '@vflair/core/tensor';

/**
 * Scores each sample by the size of its gradient: the loss of the rarer class is larger, and so is its gradient. The
 * direction is fixed in advance, larger norm = rarer class. A mean loss divides by the batch size, so norms are
 * multiplied by it and messages of different sizes can be ranked together.
 */
export default defineAttack({
  id: 'norm-scoring',
  title: 'Norm-based label scoring',
  paper: 'Li et al. 2022, arXiv:2102.08504',
  needs: ['gradients'],
  guesses: 'label-scores',
  params: {
    norm: {
      type: 'string',
      enum: ['l1', 'l2'],
      default: 'l2',
      description: "Norm taken over each sample's gradient, padding left out.",
    },
  },
  run(view, { params }) {
    const scores = view.gradients.flatMap((message) => {
      const norms = rowNorms(message, params.norm);
      return norms.map((norm, row) => ({ step: message.step, row, score: norm * norms.length }));
    });
    return { scores };
  },
});

/**
 * Norm of each sample's gradient over the positions that hold a token: `[batch, seq, hidden]` or `[batch, labels]` →
 * one number ≥ 0 per sample; an empty batch gives none. Source: Li et al. 2022, section 3.
 */
export function rowNorms(
  { tensor, mask }: Pick<SeenMessage, 'tensor' | 'mask'>,
  norm: 'l1' | 'l2',
): number[] {
  const [batch = 0] = tensor.shape;
  const length = mask.shape[1] ?? 1;
  return Array.from({ length: batch }, (_, row) => {
    const { data } = rows(tensor, row, row + 1);
    const width = data.length / length;
    let sum = 0;
    for (let s = 0; s < length; s++) {
      if (mask.data[row * length + s] !== 1n) continue;
      for (const x of data.subarray(s * width, (s + 1) * width))
        sum += norm === 'l1' ? Math.abs(x) : x * x;
    }
    return norm === 'l1' ? sum : Math.sqrt(sum);
  });
}
