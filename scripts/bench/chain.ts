import type { Tensors } from '@vflair/core/contract';
import {
  type Adapter,
  belongs,
  crossing,
  cutParts,
  type Part,
  type SessionOptions,
  Slice,
  trainedTensors,
} from '@vflair/core/session';
import {
  AdamW,
  asFloat,
  copyOf,
  floatTensor,
  randomStream,
  type Tensor,
  zeros,
} from '@vflair/core/tensor';
import type { OpenModel } from '@vflair/models';

/** What is trained: everything, or low-rank pairs on maps whose key matches. */
export type Trained = 'full' | { readonly rank: number; readonly on: RegExp };

/** The slices of a model one after another in one process; what crosses a cut is copied, as a message would be. */
export class Chain {
  readonly #members: readonly { readonly slice: Slice; readonly optimizer: AdamW }[];

  constructor(
    model: OpenModel,
    cuts: readonly number[],
    { train, ...session }: SessionOptions & { readonly train: Trained },
  ) {
    this.#members = cutParts(model.spec, cuts).map((part, i) => ({
      slice: new Slice(model.spec, part, weightsOf(model, part, train), {
        ...session,
        arena: false,
        inputGradient: i > 0,
      }),
      optimizer: new AdamW({ learningRate: 1e-4, weightDecay: 0.01 }),
    }));
  }

  /** Forward, loss, backward; each slice's optimiser runs as soon as its gradients are there. */
  async step(inputs: Tensors, labels: Tensor): Promise<number> {
    let sent: Tensors = {};
    for (const { slice } of this.#members.slice(0, -1))
      sent = copied(crossing(await slice.forwardKeeping(0, { ...inputs, ...sent })));
    const last = this.#members.at(-1);
    if (!last) throw new Error('no slices');
    const { loss, trained, ...step } = await last.slice.lossStep({ ...inputs, ...sent }, labels);
    last.optimizer.step(trainedTensors(last.slice.weights), trained);
    let { received } = step;
    for (const { slice, optimizer } of this.#members.slice(0, -1).toReversed()) {
      const back = await slice.backward(0, copied(received));
      optimizer.step(trainedTensors(slice.weights), back.trained);
      received = back.received;
    }
    return loss;
  }

  async close(): Promise<void> {
    for (const { slice } of this.#members) await slice.close();
  }
}

function copied(tensors: Tensors): Tensors {
  const entries = Object.entries(tensors).map(
    ([name, tensor]) => [name, copyOf(asFloat(tensor))] as const,
  );
  return Object.fromEntries(entries);
}

function weightsOf(model: OpenModel, part: Part, train: Trained): Slice['weights'] {
  const own = model.spec.parameters.filter(({ places }) => belongs(part, places));
  if (train === 'full') {
    const trained = new Map(own.map(({ key }) => [key, model.read(key)]));
    return { stored: model.stored, trained, adapters: new Map() };
  }
  const random = randomStream('bench');
  const targets = own.filter(({ key }) => train.on.test(key));
  const adapters = targets.map(({ key, shape, layout }): [string, Adapter] => {
    const [rows = 0, columns = 0] = shape;
    const [output, input] = layout === 'in-out' ? [columns, rows] : [rows, columns];
    const a = Float32Array.from({ length: train.rank * input }, () => 0.01 * random.normal());
    const pair = { a: floatTensor([train.rank, input], a), b: zeros([output, train.rank]) };
    return [key, { ...pair, scale: 2 }];
  });
  // A fresh classification head is trained with the adapters.
  const head = own.filter(({ key }) => /^(classifier|score|bert\.pooler)/.test(key));
  return {
    stored: model.stored,
    trained: new Map(head.map(({ key }) => [key, model.read(key)])),
    adapters: new Map(adapters),
  };
}
