import type { Tensors } from '../contract/index.js';
import {
  crossing,
  cutParts,
  emptyCache,
  grownCache,
  type Part,
  partParameters,
  Slice,
  wholePart,
} from '../session/index.js';
import {
  asFloat,
  asInt,
  type FloatTensor,
  floatTensor,
  intTensor,
  sizeOf,
  type Tensor,
} from '../tensor/index.js';
import { at, Bug, present } from '../text/index.js';
import { type FamilyCase, lengths, width } from './draw-family-case.js';
import { numbersOf } from './numbers.js';
import { worstDifference } from './op-kit.js';

/** A slice of the case that trains what it owns and can, and is given nothing else. */
function sliceOf({ spec, weights }: FamilyCase, part: Part, inputGradient: boolean): Slice {
  const mine = partParameters(spec, part);
  const own = mine.flatMap(({ key, untrained }) =>
    untrained ? [] : [[key, present(weights.get(key), key)] as const],
  );
  const stored = (key: string): FloatTensor => {
    if (mine.some((one) => one.key === key && one.untrained === 'buffer'))
      return present(weights.get(key), key);
    throw new Bug(
      'VF990',
      `blocks ${part.first} to ${part.end} read \`${key}\`, which is elsewhere`,
    );
  };
  return new Slice(
    spec,
    part,
    { stored, trained: new Map(own), adapters: new Map() },
    { inputGradient },
  );
}

/** Loss, logits and all gradients by parameter, of the whole model in one slice. */
async function runWhole(made: FamilyCase) {
  const slice = sliceOf(made, wholePart(made.spec), false);
  const { loss, logits, trained } = await slice.lossStep(made.inputs, made.labels);
  await slice.close();
  return { loss, logits, gradients: trained };
}

/** The same through slices cut before the blocks `cuts`: activations forward, gradients back. */
async function runCut(made: FamilyCase, cuts: readonly number[]) {
  const slices = cutParts(made.spec, cuts).map((part, i) => sliceOf(made, part, i > 0));
  const last = at(slices, slices.length - 1);
  let sent: Tensors = {};
  for (const slice of slices.slice(0, -1))
    sent = crossing(await slice.forwardKeeping(0, { ...made.inputs, ...sent }));
  const step = await last.lossStep({ ...made.inputs, ...sent }, made.labels);
  const found = [step.trained];
  let gradient = step.received;
  for (const slice of slices.slice(0, -1).reverse()) {
    const { received, trained } = await slice.backward(0, gradient);
    found.push(trained);
    gradient = received;
  }
  await Promise.all(slices.map((slice) => slice.close()));
  return { loss: step.loss, logits: step.logits, gradients: summed(found) };
}

function trainedKeys({ spec }: FamilyCase): string[] {
  return spec.parameters.flatMap(({ key, untrained }) => (untrained ? [] : [key]));
}

/** A parameter that two parts hold has the sum of both gradients. */
function summed(maps: readonly ReadonlyMap<string, FloatTensor>[]): Map<string, FloatTensor> {
  const sums = new Map<string, FloatTensor>();
  for (const [key, { shape, data }] of maps.flatMap((map) => [...map])) {
    const before = sums.get(key)?.data;
    sums.set(key, floatTensor(shape, before ? data.map((x, i) => x + (before[i] ?? 0)) : data));
  }
  return sums;
}

/**
 * How a model cut before the blocks `cuts` differs from the same model in one piece: loss, logits and every gradient to
 * `tolerance` of the largest entry (or of 1). Each slice is given its own parameters only, and each parameter must be used.
 */
export async function compositionDefects(
  made: FamilyCase,
  cuts: readonly number[],
  tolerance = 2e-6,
): Promise<readonly string[]> {
  const [whole, cut] = [await runWhole(made), await runCut(made, cuts)];
  const pairs = [
    ['logits', cut.logits, whole.logits] as const,
    ...trainedKeys(made).map(
      (key) => [`gradient of ${key}`, cut.gradients.get(key), whole.gradients.get(key)] as const,
    ),
  ];
  const differences = pairs.flatMap(([name, found, expected]) => {
    if (!found || !expected) return [`${name}: none`];
    const worst = worstDifference(numbersOf(found), numbersOf(expected));
    return worst <= tolerance ? [] : [`${name}: ${worst}`];
  });
  const loss = Math.abs(cut.loss - whole.loss) <= tolerance * Math.max(1, Math.abs(whole.loss));
  return loss ? differences : [...differences, `loss: ${cut.loss} instead of ${whole.loss}`];
}

/**
 * How a model that reads one position after the other with a cache differs from one that reads all at once; positions
 * that hold no token don't count. Decoders only.
 */
export async function cacheDefects(made: FamilyCase, tolerance = 1e-5): Promise<readonly string[]> {
  const { spec, inputs } = made;
  const slice = sliceOf(made, wholePart(spec), false);
  const { result } = await slice.forward(inputs);
  const expected = asFloat(present(result, 'logits'));
  const size = sizeOf(expected.shape.slice(2));
  const defects: string[] = [];
  let past = emptyCache(spec, wholePart(spec), lengths.length);
  for (let place = 0; place < width; place++) {
    const fed = Object.entries(inputs).map(
      ([name, tensor]) => [name, column(tensor, place)] as const,
    );
    const outputs = await slice.step({ ...Object.fromEntries(fed), ...past });
    const found = asFloat(present(outputs.result, 'logits')).data;
    for (const [row, length] of lengths.entries()) {
      const start = (row * width + place) * size;
      const one = [...found.subarray(row * size, (row + 1) * size)];
      const other = [...expected.data.subarray(start, start + size)];
      const worst = worstDifference({ shape: [size], data: one }, { shape: [size], data: other });
      if (place < length && worst > tolerance)
        defects.push(`row ${row}, position ${place}: ${worst}`);
    }
    const mask = asInt(column(present(inputs.mask, 'mask'), place));
    past = grownCache(slice, past, { outputs, mask });
  }
  await slice.close();
  return defects;
}

function column(tensor: Tensor, place: number): Tensor {
  const [batch = 0, size = 1] = tensor.shape;
  if (tensor.dtype !== 'int64' || tensor.shape.length < 2) return tensor;
  const data = BigInt64Array.from(
    { length: batch },
    (_, row) => tensor.data[row * size + place] as bigint,
  );
  return intTensor([batch, 1], data);
}
