import type { Tensors } from '../contract/index.js';
import {
  crossing,
  cutParts,
  emptyCache,
  grownCache,
  LossHead,
  type Part,
  partParameters,
  Slice,
  type SliceOptions,
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
function sliceOf({ spec, weights }: FamilyCase, part: Part, options: SliceOptions = {}): Slice {
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
  return new Slice(spec, part, { stored, trained: new Map(own), adapters: new Map() }, options);
}

/** Loss, logits and all gradients by parameter, of the whole model in one slice. */
async function runWhole(made: FamilyCase): Promise<Outcome> {
  const slice = sliceOf(made, wholePart(made.spec), { observe: true });
  const { loss, outputs, trained } = await slice.lossStep(made.inputs, made.labels);
  await slice.close();
  return { loss, logits: present(outputs.logits, 'logits'), gradients: trained };
}

/** The same through slices cut before the blocks `cuts`: activations forward, gradients back. */
async function runCut(made: FamilyCase, cuts: readonly number[]): Promise<Outcome> {
  const slices = cutParts(made.spec, cuts).map((part, i) =>
    sliceOf(made, part, { inputGradient: i > 0, observe: true }),
  );
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
  const logits = present(step.outputs.logits, 'logits');
  return { loss: step.loss, logits, gradients: summed(found) };
}

/** What a step gave. */
interface Outcome {
  readonly loss: number;
  readonly logits: Tensor;
  readonly gradients: ReadonlyMap<string, FloatTensor>;
}

function differences(
  found: Outcome,
  expected: Outcome,
  { made, tolerance }: { readonly made: FamilyCase; readonly tolerance: number },
): string[] {
  const gap = Math.abs(found.loss - expected.loss);
  const isNear = gap <= tolerance * Math.max(1, Math.abs(expected.loss));
  return [
    ...(isNear ? [] : [`loss: ${found.loss} instead of ${expected.loss}`]),
    ...difference('logits', tolerance, [found.logits, expected.logits]),
    ...trainedKeys(made).flatMap((key) =>
      difference(`gradient of ${key}`, tolerance, [
        found.gradients.get(key),
        expected.gradients.get(key),
      ]),
    ),
  ];
}

function difference(
  name: string,
  tolerance: number,
  [found, expected]: readonly [Tensor | undefined, Tensor | undefined],
): string[] {
  if (!found || !expected) return [`${name}: none`];
  const worst = worstDifference(numbersOf(found), numbersOf(expected));
  return worst <= tolerance ? [] : [`${name}: ${worst}`];
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
  return [
    ...differences(cut, whole, { made, tolerance }),
    ...(await lossDefects(made, whole, tolerance)),
  ];
}

/**
 * How an unwatched slice, which is trained in segments and computes the loss of tokens in pieces, differs from `watched`: loss, every gradient, and
 * loss and count of each row.
 */
async function lossDefects(
  made: FamilyCase,
  watched: Outcome,
  tolerance: number,
): Promise<readonly string[]> {
  const slice = sliceOf(made, wholePart(made.spec), { segmentBlocks: 1 });
  const { loss, trained } = await slice.lossStep(made.inputs, made.labels);
  const rows = await slice.evaluate(made.inputs, made.labels);
  await slice.close();
  const head = new LossHead(made.spec);
  const expected = await head.evaluate(watched.logits, made.labels);
  await head.close();
  const found = { loss, logits: watched.logits, gradients: trained };
  return [
    ...differences(found, watched, { made, tolerance }),
    ...difference('loss per row', tolerance, [rows.loss, expected.loss]),
    ...difference('labels per row', tolerance, [rows.count, expected.count]),
  ].map((defect) => `unwatched, ${defect}`);
}

/**
 * How a model that reads one position after the other with a cache differs from one that reads all at once; positions
 * that hold no token don't count. Decoders only.
 */
export async function cacheDefects(made: FamilyCase, tolerance = 1e-5): Promise<readonly string[]> {
  const { spec, inputs } = made;
  const slice = sliceOf(made, wholePart(spec));
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
