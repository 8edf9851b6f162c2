import type { HeadKind } from '@vflair/core/contract';
import type { Graph, Value } from '@vflair/core/graph';
import { Bug } from '@vflair/core/text';

type Loss = (g: Graph, logits: Value, labels: Value) => Value;

/** −Σ ln p(label)/count over labels that are not −100; `logits` `[..., classes]`, `labels` int64 `[...]`. 0 when there are none. */
export const crossEntropy: Loss = (g, logits, labels) => {
  const counted = g.not(g.equal(labels, -100));
  const index = g.where(counted, labels, g.scalar(0, 'int64'));
  const chosen = g.squeeze(
    g.gatherElements(g.logSoftmax(logits), g.unsqueeze(index, [-1]), -1),
    [-1],
  );
  const weight = g.cast(counted, 'float32');
  return g.neg(g.div(g.sum(g.mul(chosen, weight)), g.max(g.sum(weight), 1)));
};

// Position t predicts the label of t + 1.
const nextToken: Loss = (g, logits, labels) =>
  crossEntropy(
    g,
    g.slice(logits, 1, { start: 0, end: -1, size: 'seq-1' }),
    g.slice(labels, 1, { start: 1, size: 'seq-1' }),
  );

// (CE(start) + CE(end))/2, each a softmax over all positions; logits `[batch, seq, 2]`, labels `[batch, 2]`.
const span: Loss = (g, logits, labels) => crossEntropy(g, g.transpose(logits, [0, 2, 1]), labels);

// Mean of (z − y)².
const squaredError: Loss = (g, logits, labels) => {
  const error = g.sub(g.squeeze(logits, [1]), labels);
  return g.mean(g.mul(error, error));
};

const losses: { readonly [H in HeadKind]: Loss | undefined } = {
  cls: crossEntropy,
  reg: squaredError,
  qa: span,
  lm: nextToken,
  mlm: crossEntropy,
  seq2seq: crossEntropy,
};

/** The loss that goes with a head. */
export function headLoss(head: HeadKind): Loss {
  const loss = losses[head];
  if (!loss) throw new Bug('VF930', `head ${head} has no loss`);
  return loss;
}
