import { gradients } from '../autodiff/index.js';
import type { ModelSpec, Tensors } from '../contract/index.js';
import { createGraph, encodeModel, type Graph, type Value } from '../graph/index.js';
import { asFloat, type FloatTensor, type Tensor } from '../tensor/index.js';
import { present } from '../text/index.js';
import { Session, type SessionOptions } from './onnx.js';
import { labelInput } from './slice-graph.js';

/** The loss on logits that come from another party (head-tail): its value and its gradient, the message G2. */
export class LossHead {
  readonly #spec: ModelSpec;
  readonly #options: SessionOptions;
  #training: Promise<Session> | undefined;
  #evaluation: Promise<Session> | undefined;

  constructor(spec: ModelSpec, options: SessionOptions = {}) {
    this.#spec = spec;
    this.#options = options;
  }

  /** Mean loss and ∂loss/∂logits, of the shape of the logits. */
  async train(
    logits: Tensor,
    labels: Tensor,
  ): Promise<{ readonly loss: number; readonly gradient: FloatTensor }> {
    this.#training ??= this.#open((g, scores) => {
      const loss = this.#spec.loss(g, scores, labelInput(g, this.#spec, scores));
      const [gradient] = gradients(g, [{ of: loss }], [scores]);
      return new Map([
        ['loss', loss],
        ['gradient', present(gradient, 'gradient of the loss')],
      ]);
    });
    const { loss, gradient } = await (await this.#training).run({ logits, labels });
    const value = asFloat(present(loss, 'loss')).data[0];
    return { loss: present(value, 'loss'), gradient: asFloat(present(gradient, 'gradient')) };
  }

  /** Loss and label count per row, as {@link Slice.evaluate} gives them. */
  async evaluate(logits: Tensor, labels: Tensor): Promise<Tensors> {
    this.#evaluation ??= this.#open((g, scores) => evaluationOutputs(this.#spec, g, scores));
    return (await this.#evaluation).run({ logits, labels });
  }

  /** Frees the native sessions. */
  async close(): Promise<void> {
    const open = await Promise.all([this.#training, this.#evaluation]);
    await Promise.all(open.map((session) => session?.close()));
  }

  #open(build: (g: Graph, logits: Value) => ReadonlyMap<string, Value>): Promise<Session> {
    const g = createGraph();
    const scores = g.input('logits', 'float32', logitShape(this.#spec));
    return Session.open(encodeModel(g, build(g, scores)), this.#options);
  }
}

function logitShape(spec: ModelSpec): (number | string)[] {
  if (spec.head === 'qa') return ['batch', 'seq', 2];
  return spec.head === 'cls' || spec.head === 'reg'
    ? ['batch', spec.labels]
    : ['batch', spec.head === 'seq2seq' ? 'target' : 'seq', spec.vocabulary];
}

/** Logits, loss and label count per row, and the most likely class or token. */
export function evaluationOutputs(spec: ModelSpec, g: Graph, logits: Value): Map<string, Value> {
  const { sum, count } = spec.rowLoss(g, logits, labelInput(g, spec, logits));
  const outputs = new Map([
    ['loss', sum],
    ['count', count],
  ]);
  // Token logits are large and nobody reads them here; class logits are small and wanted.
  if (logits.shape.length === 2) outputs.set('logits', g.identity(logits));
  return outputs;
}
