import type { Tensors } from '@vflair/core/contract';
import {
  type Adapter,
  belongs,
  crossing,
  cutParts,
  heldKeys,
  type Part,
  type SessionOptions,
  Slice,
  trainedTensors,
} from '@vflair/core/session';
import {
  AdamW,
  addTo,
  asFloat,
  copyOf,
  type FloatTensor,
  floatTensor,
  randomStream,
  release,
  type Tensor,
  zeros,
} from '@vflair/core/tensor';
import type { OpenModel } from '@vflair/models';

/** What is trained: everything, or low-rank pairs on maps whose key matches. */
export type Trained = 'full' | { readonly rank: number; readonly on: RegExp };

/** One slice, the tensors it updates, and how. */
interface Member {
  readonly slice: Slice;
  readonly own: ReadonlyMap<string, FloatTensor>;
  readonly optimizer: AdamW;
}

/**
 * The slices of a model one after another in one process; what crosses a cut is copied, as a message would be. The first
 * and the last are one party's: a tied table is one tensor, updated with the first.
 */
export class Chain {
  readonly #members: readonly Member[];

  constructor(
    model: OpenModel,
    cuts: readonly number[],
    { train, ...session }: SessionOptions & { readonly train: Trained },
  ) {
    const known = new Map<string, FloatTensor>();
    const read = (key: string): FloatTensor => {
      const tensor = known.get(key) ?? model.read(key);
      known.set(key, tensor);
      return tensor;
    };
    const taken = new Set<FloatTensor>();
    this.#members = cutParts(model.spec, cuts).map((part, i): Member => {
      const weights = weightsOf({ ...model, read }, part, train);
      const own = [...trainedTensors(weights)].filter(([, tensor]) => !taken.has(tensor));
      for (const [, tensor] of own) taken.add(tensor);
      return {
        slice: new Slice(model.spec, part, weights, {
          ...session,
          arena: false,
          inputGradient: i > 0,
        }),
        own: new Map(own),
        optimizer: new AdamW({ learningRate: 1e-4, weightDecay: 0.01 }),
      };
    });
  }

  /** Forward, loss, backward; each slice's optimiser runs as soon as its gradients are there. */
  async step(inputs: Tensors, labels: Tensor): Promise<number> {
    let sent: Tensors = {};
    for (const { slice } of this.#members.slice(0, -1))
      sent = copied(crossing(await slice.forwardKeeping(0, { ...inputs, ...sent })));
    const last = this.#members.at(-1);
    if (!last) throw new Error('no slices');
    const { loss, trained, ...step } = await last.slice.lossStep({ ...inputs, ...sent }, labels);
    const waiting = update(last, trained, new Map());
    let { received } = step;
    for (const member of this.#members.slice(0, -1).toReversed()) {
      const back = await member.slice.backward(0, copied(received));
      update(member, back.trained, waiting);
      received = back.received;
    }
    return loss;
  }

  async close(): Promise<void> {
    for (const { slice } of this.#members) await slice.close();
  }
}

/** Updates what is the member's own, with `waiting` gradients of the same tensors added; gives back what isn't its own. */
function update(
  { own, optimizer }: Member,
  gradients: ReadonlyMap<string, FloatTensor>,
  waiting: ReadonlyMap<string, FloatTensor>,
): Map<string, FloatTensor> {
  for (const [name, gradient] of gradients) {
    const more = own.has(name) ? waiting.get(name) : undefined;
    if (!more) continue;
    addTo(gradient, more);
    release(more);
  }
  const mine = [...gradients].filter(([name]) => own.has(name));
  optimizer.step(own, new Map(mine));
  for (const [, gradient] of mine) release(gradient);
  return new Map([...gradients].filter(([name]) => !own.has(name)));
}

function copied(tensors: Tensors): Tensors {
  const entries = Object.entries(tensors).map(
    ([name, tensor]) => [name, copyOf(asFloat(tensor))] as const,
  );
  return Object.fromEntries(entries);
}

function weightsOf(
  model: Pick<OpenModel, 'spec' | 'stored' | 'read'>,
  part: Part,
  train: Trained,
): Slice['weights'] {
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
    held: new Map(heldKeys(model.spec, part).map((key) => [key, model.read(key)])),
  };
}
