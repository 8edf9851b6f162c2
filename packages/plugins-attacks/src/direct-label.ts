import { defineAttack } from '@vflair/core/contract';
import { rows } from '@vflair/core/tensor';

/**
 * Reads labels off the gradient of the logits: softmax and cross-entropy give (p_c − 1[c = y])/batch, which is negative
 * at the label alone. In head-tail this is the very message, so without a defense every hard label is open.
 */
export default defineAttack({
  id: 'direct-label',
  title: 'Direct label inference from the gradient of the logits',
  paper:
    'Fu et al. 2022, USENIX Security, Label Inference Attacks Against Vertical Federated Learning',
  needs: ['gradients'],
  guesses: 'labels',
  topologies: ['head-tail'],
  params: {},
  run(view) {
    const labels = view.gradients.flatMap(({ step, tensor }) => {
      const [batch = 0, ...rest] = tensor.shape;
      // One label per sample: the gradient of a token head has one per position and is not read here.
      const isPerSample = rest.length === 1;
      return Array.from({ length: batch }, (_, row) => {
        const label = isPerSample ? negativeClass(rows(tensor, row, row + 1).data) : null;
        return { step, row, label };
      });
    });
    return { labels };
  },
});

/**
 * The class whose coordinate is negative and smaller than all others; null where there is none (a gradient of zeros) or
 * where the smallest occurs twice, since an index would decide then. Noise may make several negative.
 */
export function negativeClass(gradient: ArrayLike<number>): number | null {
  const values = Array.from(gradient);
  const least = Math.min(...values);
  const isUnique = values.indexOf(least) === values.lastIndexOf(least);
  return values.length > 1 && least < 0 && isUnique ? values.indexOf(least) : null;
}
