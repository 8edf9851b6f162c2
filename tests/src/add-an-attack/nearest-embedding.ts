import { defineAttack } from '@vflair/core/contract';
import { rows } from '@vflair/core/tensor';

/** Takes what the head sent for an embedding and names the token whose embedding points the same way. */
// biome-ignore lint/style/noDefaultExport: a plugin is its file's default export
export default defineAttack({
  id: 'nearest-embedding',
  title: 'Nearest embedding',
  paper: 'baseline',
  needs: ['activations', 'embedding'],
  guesses: 'tokens',
  params: {
    measure: {
      type: 'string',
      enum: ['cosine', 'product'],
      default: 'cosine',
      description: 'What decides: the angle, or the inner product, which favours long embeddings.',
    },
  },
  run(view, { params }) {
    const [vocabulary = 0] = view.embedding.shape;
    const table = Array.from({ length: vocabulary }, (_, id) => {
      const { data } = rows(view.embedding, id, id + 1);
      return { data, size: params.measure === 'cosine' ? Math.hypot(...data) : 1 };
    });
    const nearest = (h: Float32Array): number => {
      const scores = table.map(({ data, size }) => dot(data, h) / size);
      return scores.indexOf(Math.max(...scores));
    };
    const tokens = view.activations.flatMap(({ step, tensor, mask }) => {
      const [batch = 0, length = 0, hidden = 0] = tensor.shape;
      return Array.from({ length: batch }, (_, row) => ({
        step,
        row,
        tokens: Array.from({ length }, (_, s) => {
          const position = row * length + s;
          const h = tensor.data.subarray(position * hidden, (position + 1) * hidden);
          return mask.data[position] === 1n ? nearest(h) : 0;
        }),
      }));
    });
    return { tokens };
  },
});

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, j) => sum + x * (b[j] ?? 0), 0);
