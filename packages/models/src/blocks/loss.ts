import type { HeadKind, ModelSpec } from '@vflair/core/contract';
import type { Graph, Value } from '@vflair/core/graph';
import { Bug } from '@vflair/core/text';

type Loss = (g: Graph, logits: Value, labels: Value) => Value;

/** −ln p(label) per label (0 where it is −100) and 1 per label that counts; `logits` `[..., classes]`, `labels` int64 `[...]`. */
function surprisals(
  g: Graph,
  logits: Value,
  labels: Value,
): { readonly cost: Value; readonly weight: Value } {
  const counted = g.not(g.equal(labels, -100));
  const index = g.where(counted, labels, g.scalar(0, 'int64'));
  const chosen = g.squeeze(
    g.gatherElements(g.logSoftmax(logits), g.unsqueeze(index, [-1]), -1),
    [-1],
  );
  const weight = g.cast(counted, 'float32');
  return { cost: g.neg(g.mul(chosen, weight)), weight };
}

/** −Σ ln p(label)/count over labels that are not −100; 0 when there are none. */
export const crossEntropy: Loss = (g, logits, labels) => {
  const { cost, weight } = surprisals(g, logits, labels);
  return g.div(g.sum(cost), g.max(g.sum(weight), 1));
};

/** Logits and labels of next-token prediction: position t predicts the label of t + 1. */
function shifted(g: Graph, logits: Value, labels: Value): [Value, Value] {
  return [g.slice(logits, 1, { start: 0, end: -1 }), g.slice(labels, 1, { start: 1 })];
}

const nextToken: Loss = (g, logits, labels) => crossEntropy(g, ...shifted(g, logits, labels));

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

// Per row: its sum and how many labels counted, both `[batch]`.
function rowLoss(head: HeadKind): ModelSpec['rowLoss'] {
  return (g, logits, labels) => {
    if (head === 'reg') {
      const error = g.sub(g.squeeze(logits, [1]), labels);
      return { sum: g.mul(error, error), count: g.add(g.mul(labels, 0), 1) };
    }
    const [scores, wanted] =
      head === 'lm'
        ? shifted(g, logits, labels)
        : [head === 'qa' ? g.transpose(logits, [0, 2, 1]) : logits, labels];
    const { cost, weight } = surprisals(g, scores, wanted);
    const rest = cost.shape.slice(1).map((_, axis) => axis + 1);
    return { sum: g.sum(cost, rest), count: g.sum(weight, rest) };
  };
}

/** The loss that goes with a head: of a batch, of each row, and of token heads which label a position predicts. */
export function headLoss(head: HeadKind): Pick<ModelSpec, 'loss' | 'rowLoss' | 'predicts'> {
  const loss = losses[head];
  if (!loss) throw new Bug('VF930', `head ${head} has no loss`);
  const isOfToken = head === 'lm' || head === 'mlm' || head === 'seq2seq';
  return {
    loss,
    rowLoss: rowLoss(head),
    ...(isOfToken ? { predicts: head === 'lm' ? 'next' : 'same' } : {}),
  };
}
