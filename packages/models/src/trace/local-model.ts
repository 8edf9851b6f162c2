import type { ModelSpec, NextInputs, Tensors } from '@vflair/core/contract';
import {
  crossing,
  cutParts,
  emptyCache,
  grownCache,
  type Part,
  type SessionOptions,
  Slice,
  trainedTensors,
  type Weights,
} from '@vflair/core/session';
import {
  AdamW,
  type AdamWOptions,
  asFloat,
  copyOf,
  type FloatTensor,
  floatTensor,
  type Tensor,
} from '@vflair/core/tensor';
import { at, present } from '@vflair/core/text';

/** One pass with loss: what a trace shows of it, and the gradient of each trained tensor by input name. */
export interface Pass {
  readonly loss: number;
  readonly logits: FloatTensor;
  /** `hidden.i`, `hidden.final`, and `grad.` of each. */
  readonly streams: Tensors;
  readonly gradients: ReadonlyMap<string, FloatTensor>;
}

/** A model to be traced, whole or in parts at parties of their own. */
export interface TracedModel {
  /** Streams and logits of a batch. */
  readonly forward: (inputs: Tensors) => Promise<Pick<Pass, 'logits' | 'streams'>>;
  readonly pass: (inputs: Tensors, labels: Tensor) => Promise<Pass>;
  /** One step of the optimiser at every part, on gradients as {@link pass} gave them. */
  readonly update: (gradients: Pass['gradients']) => void;
  /** Trained tensors as they are now, by input name. */
  readonly trained: () => ReadonlyMap<string, FloatTensor>;
  /** Logits of new positions; each part keeps what its blocks remember of earlier ones. */
  readonly next: (next: NextInputs) => Promise<FloatTensor>;
  readonly close: () => Promise<void>;
}

/** What a model is made of: `weights` gives each part its own copies of what is trained. */
export interface LocalModelOptions {
  readonly spec: ModelSpec;
  readonly cuts: readonly number[];
  readonly weights: (part: Part) => Weights;
  readonly optimizer: AdamWOptions;
  readonly session: SessionOptions;
}

/** One part: its slice, its optimiser, its cache. */
interface Member {
  readonly slice: Slice;
  readonly optimizer: AdamW;
  cache: Tensors | undefined;
}

/** All parts in this process; what goes from one to the next is copied, as a message would be. */
export function localModel({
  spec,
  cuts,
  weights,
  optimizer,
  session,
}: LocalModelOptions): TracedModel {
  const members = cutParts(spec, cuts).map((part, i): Member => {
    const options = { ...session, inputGradient: i > 0, observe: true };
    return {
      slice: new Slice(spec, part, weights(part), options),
      optimizer: new AdamW(optimizer),
      cache: undefined,
    };
  });
  return {
    forward: (inputs) => forward(members, inputs),
    pass: (inputs, labels) => pass(members, inputs, labels),
    update: (gradients) => {
      for (const member of members) updateMember(member, gradients);
    },
    trained: () => new Map(members.flatMap(({ slice }) => [...trainedTensors(slice.weights)])),
    next: (inputs) => nextLogits(members, inputs),
    close: async () => {
      await Promise.all(members.map(({ slice }) => slice.close()));
    },
  };
}

async function forward(
  members: readonly Member[],
  inputs: Tensors,
): Promise<Pick<Pass, 'logits' | 'streams'>> {
  const found: Tensors[] = [];
  let sent: Tensors = {};
  for (const { slice } of members) {
    const outputs = await slice.forward({ ...inputs, ...sent });
    found.push(outputs);
    sent = copied(crossing(outputs));
  }
  return { logits: asFloat(present(sent.hidden, 'logits')), streams: streamsOf(found) };
}

async function pass(members: readonly Member[], inputs: Tensors, labels: Tensor): Promise<Pass> {
  const [earlier, last] = [members.slice(0, -1), at(members, members.length - 1)];
  const found: Tensors[] = [];
  let sent: Tensors = {};
  for (const { slice } of earlier) {
    const outputs = await slice.forwardKeeping(0, { ...inputs, ...sent });
    found.push(outputs);
    sent = copied(crossing(outputs));
  }
  const step = await last.slice.lossStep({ ...inputs, ...sent }, labels);
  found.push(step.outputs);
  const gradients = [step.trained];
  let { received } = step;
  for (const { slice } of earlier.toReversed()) {
    const back = await slice.backward(0, copied(received));
    found.push(back.outputs);
    gradients.push(back.trained);
    received = back.received;
  }
  const { loss, outputs } = step;
  const logits = asFloat(present(outputs.logits, 'logits'));
  return { loss, logits, streams: streamsOf(found), gradients: summed(gradients) };
}

/** Copies: no part can change what another still reads. */
function copied(tensors: Tensors): Tensors {
  const entries = Object.entries(tensors).map(
    ([name, tensor]) => [name, copyOf(asFloat(tensor))] as const,
  );
  return Object.fromEntries(entries);
}

function streamsOf(outputs: readonly Tensors[]): Tensors {
  const entries = outputs.flatMap((tensors) => Object.entries(tensors));
  return Object.fromEntries(entries.filter(([name]) => /^(grad\.)?(\w+\.)?hidden\./.test(name)));
}

/** A tied parameter lives at two parts: its gradient is the sum of both. */
function summed(maps: readonly ReadonlyMap<string, FloatTensor>[]): Map<string, FloatTensor> {
  const sums = new Map<string, FloatTensor>();
  for (const [name, { shape, data }] of maps.flatMap((map) => [...map])) {
    const before = sums.get(name)?.data;
    sums.set(name, floatTensor(shape, before ? data.map((x, i) => x + (before[i] ?? 0)) : data));
  }
  return sums;
}

function updateMember({ slice, optimizer }: Member, gradients: Pass['gradients']): void {
  const own = trainedTensors(slice.weights);
  optimizer.step(own, new Map([...gradients].filter(([name]) => own.has(name))));
}

async function nextLogits(
  members: readonly Member[],
  { inputs, added }: NextInputs,
): Promise<FloatTensor> {
  let sent: Tensors = {};
  for (const member of members) {
    const { slice } = member;
    member.cache ??= emptyCache(slice.spec, slice.part, added.shape[0] ?? 0);
    const outputs = await slice.step({ ...inputs, ...sent, ...member.cache });
    member.cache = grownCache(slice, member.cache, { outputs, mask: added });
    sent = copied(crossing(outputs));
  }
  return asFloat(present(sent.hidden, 'logits'));
}
