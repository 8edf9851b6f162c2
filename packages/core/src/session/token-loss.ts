import { gradients } from '../autodiff/index.js';
import type { ModelSpec, Tensors } from '../contract/index.js';
import { createGraph, encodeModel, type Graph, type Value } from '../graph/index.js';
import {
  asFloat,
  asInt,
  type FloatTensor,
  floatTensor,
  intTensor,
  type Tensor,
  zeros,
} from '../tensor/index.js';
import { at, present } from '../text/index.js';
import { bareContext } from './bare-context.js';
import { bindParameters, fedTensors, trainedTensors, type Weights } from './bindings.js';
import { Session, type SessionOptions } from './onnx.js';
import { addAll } from './segments.js';

/** Most logits held at once. Where the output matrix is trained, each piece costs its whole gradient: there are fewer. */
const mostLogits = { frozen: 2 ** 23, trained: 2 ** 25 };

/** A position whose label counts, flat over `[batch, seq]`. */
interface Prediction {
  readonly position: number;
  readonly label: bigint;
}

/** Mean loss in nats, the gradient of what it was computed from, and of the trained tensors the logits are made with. */
export interface TokenLossStep {
  readonly loss: number;
  readonly gradient: FloatTensor;
  readonly trained: ReadonlyMap<string, FloatTensor>;
}

/**
 * The loss of a token head from what the final norm gives, `[batch, seq, hidden]`. The logits of all positions are never
 * held together: those whose label counts are read in pieces.
 */
export class TokenLoss {
  #training: Promise<Session> | undefined;
  #evaluation: Promise<Session> | undefined;

  constructor(
    readonly spec: ModelSpec,
    readonly weights: Weights,
    readonly options: SessionOptions = {},
    readonly most = mostLogits,
  ) {}

  /** Whether the loss of a spec can be computed so: not where another stream than the residual one reaches the output. */
  static fits(spec: ModelSpec, given: ReadonlySet<string>): boolean {
    const others = spec.companions?.at(spec.blocks, given) ?? [];
    return spec.predicts !== undefined && others.length === 0;
  }

  /** Loss and gradients of one batch; all 0 where no label counts. */
  async train(final: FloatTensor, labels: Tensor): Promise<TokenLossStep> {
    this.#training ??= this.#open(true);
    const session = await this.#training;
    const predictions = this.#predictions(final, labels);
    const isTrained = session.inputs.some((name) => trainedTensors(this.weights).has(name));
    const gradient = zeros(final.shape);
    const trained = new Map<string, FloatTensor>();
    let loss = 0;
    for (const piece of this.#pieces(predictions, isTrained ? 'trained' : 'frozen')) {
      const outputs = await session.run(this.#feeds(final, piece, 1 / predictions.length));
      for (const cost of asFloat(present(outputs.cost, 'cost')).data) loss += cost;
      putRows(gradient, piece, asFloat(present(outputs.gradient, 'gradient')));
      addAll(trained, gradientsIn(outputs));
    }
    return { loss, gradient, trained };
  }

  /** Loss summed per row and count of labels, both `[batch]`. */
  async evaluate(final: FloatTensor, labels: Tensor): Promise<Tensors> {
    this.#evaluation ??= this.#open(false);
    const session = await this.#evaluation;
    const [batch = 0, seq = 0] = final.shape;
    const [loss, count] = [zeros([batch]), zeros([batch])];
    for (const piece of this.#pieces(this.#predictions(final, labels), 'frozen')) {
      const { cost } = await session.run(this.#feeds(final, piece, 1));
      const costs = asFloat(present(cost, 'cost')).data;
      for (const [i, { position }] of piece.entries()) {
        const row = Math.floor(position / seq);
        loss.data[row] = (loss.data[row] ?? 0) + (costs[i] ?? 0);
        count.data[row] = (count.data[row] ?? 0) + 1;
      }
    }
    return { loss, count };
  }

  /** Frees the native sessions. */
  async close(): Promise<void> {
    const open = await Promise.all([this.#training, this.#evaluation]);
    await Promise.all(open.map((session) => session?.close()));
  }

  #predictions({ shape }: FloatTensor, labels: Tensor): Prediction[] {
    const [, seq = 0] = shape;
    const { data } = asInt(labels);
    const ahead = this.spec.predicts === 'next' ? 1 : 0;
    const found: Prediction[] = [];
    data.forEach((_, position) => {
      const label = data[position + ahead];
      if (label === undefined || label === -100n || (position % seq) + ahead >= seq) return;
      found.push({ position, label });
    });
    return found;
  }

  #pieces(
    predictions: readonly Prediction[],
    kind: keyof typeof mostLogits,
  ): (readonly Prediction[])[] {
    const size = Math.max(1, Math.floor(this.most[kind] / this.spec.vocabulary));
    return Array.from({ length: Math.ceil(predictions.length / size) }, (_, i) =>
      predictions.slice(i * size, (i + 1) * size),
    );
  }

  #feeds(final: FloatTensor, piece: readonly Prediction[], weight: number): Tensors {
    const { hidden } = this.spec;
    const rows = new Float32Array(piece.length * hidden);
    for (const [i, { position }] of piece.entries())
      rows.set(final.data.subarray(position * hidden, (position + 1) * hidden), i * hidden);
    return {
      rows: floatTensor([1, piece.length, hidden], rows),
      labels: intTensor(
        [1, piece.length],
        piece.map(({ label }) => Number(label)),
      ),
      weight: floatTensor([1], Float32Array.of(weight)),
      ...Object.fromEntries(fedTensors(this.weights)),
    };
  }

  #open(trains: boolean): Promise<Session> {
    const g = createGraph();
    const rows = g.input('rows', 'float32', ['one', 'rows', this.spec.hidden]);
    const labels = g.input('labels', 'int64', ['one', 'rows']);
    const weight = g.input('weight', 'float32', [1]);
    const parameters = bindParameters(g, this.spec, this.weights);
    // Nothing but the rows: no mask, no positions.
    const context = bareContext({ g, parameters, mask: labels, positions: labels });
    const logits = this.spec.logits(context, rows);
    const { cost, gradient } = crossEntropy(g, logits, { labels, weight });
    const outputs = new Map([['cost', cost]]);
    if (trains) {
      const trained = trainedTensors(this.weights);
      const wanted = [rows, ...g.inputs.filter(({ name }) => trained.has(name))];
      const found = gradients(g, [{ of: logits, gradient }], wanted);
      for (const [i, value] of wanted.entries())
        outputs.set(i === 0 ? 'gradient' : `grad:${value.name}`, present(found[i], value.name));
    }
    return Session.open(encodeModel(g, outputs), this.options);
  }
}

/**
 * c = w·(ln Σ exp(x) − x[label]) `[1, rows]` and ∂Σc/∂x = w·(softmax(x) − onehot(label)), of the shape of the logits x. Written
 * out, so that two tensors of that size are alive at a time and not six.
 */
function crossEntropy(
  g: Graph,
  logits: Value,
  { labels, weight }: { readonly labels: Value; readonly weight: Value },
): { readonly cost: Value; readonly gradient: Value } {
  const index = g.unsqueeze(labels, [-1]);
  const chosen = g.gatherElements(logits, index, -1);
  const top = g.reduceMax(logits, [2], true);
  const size = g.exp(g.sub(logits, top));
  const total = g.sum(size, [2], true);
  const cost = g.squeeze(g.mul(g.sub(g.add(g.log(total), top), chosen), weight), [2]);
  const share = g.mul(size, g.div(weight, total));
  const updates = g.sub(g.mul(chosen, 0), weight);
  return { cost, gradient: g.scatterElementsAdd(share, index, { updates, axis: 2 }) };
}

function putRows(
  whole: FloatTensor,
  piece: readonly Prediction[],
  { data, shape }: FloatTensor,
): void {
  const hidden = at(shape, 2);
  for (const [i, { position }] of piece.entries())
    whole.data.set(data.subarray(i * hidden, (i + 1) * hidden), position * hidden);
}

function gradientsIn(outputs: Tensors): Map<string, FloatTensor> {
  return new Map(
    Object.entries(outputs).flatMap(([name, tensor]) =>
      name.startsWith('grad:') ? [[name.slice('grad:'.length), asFloat(tensor)] as const] : [],
    ),
  );
}
