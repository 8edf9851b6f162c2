import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream, type Tensor } from '@vflair/core/tensor';
import { type TraceOptions, trace } from '@vflair/models/trace';
import { type Golden, unstableOf } from './golden.js';
import {
  type Deviation,
  deviations,
  gradientRule,
  lossRule,
  stepRule,
  valueRule,
} from './tolerance.js';

type Extra = Partial<TraceOptions>;
type Named = readonly [string, Tensor];

/** Runs a trace of a recorded case with a cache folder of its own. */
export async function traceGolden(golden: Golden, extra: Extra = {}): Promise<Map<string, Tensor>> {
  const cache = mkdtempSync(join(tmpdir(), 'vflair-golden-'));
  try {
    return await trace({
      model: golden.folder,
      head: golden.head,
      inputs: join(golden.folder, 'io.safetensors'),
      cache,
      random: randomStream('golden'),
      ...extra,
    });
  } finally {
    rmSync(cache, { recursive: true });
  }
}

/** Streams, logits and loss of the plain or the left-padded set, and all gradients of the plain one. */
export async function forwardDeviations(golden: Golden, extra: Extra = {}): Promise<Deviation[]> {
  const prefix = extra.prefix ?? '';
  const found = await traceGolden(golden, { gradients: prefix === '', ...extra });
  const io = golden.tensors('io.safetensors');
  const mask = golden.head === 'qa' ? undefined : io.get(`${prefix}attention_mask`);
  const own = [...io].flatMap(([key, tensor]): Named[] =>
    key.startsWith(prefix) && isResult(key.slice(prefix.length))
      ? [[key.slice(prefix.length), tensor]]
      : [],
  );
  const gradients = prefix === '' ? golden.tensors('grads.safetensors') : [];
  return [
    ...deviations(
      found,
      own.filter(([key]) => key !== 'loss'),
      valueRule(mask),
    ),
    ...deviations(
      found,
      own.filter(([key]) => key === 'loss'),
      lossRule,
    ),
    ...deviations(found, gradients, gradientRule),
  ];
}

const isResult = (key: string): boolean =>
  /^((enc\.|dec\.|vis\.|g\.)?hidden\.\w+|(start_|end_)?logits|loss)$/.test(key);

/** Logits, loss, gradients of an adapted model, its losses in training and the adapter after three steps. */
export async function adapterDeviations(golden: Golden, extra: Extra = {}): Promise<Deviation[]> {
  const adapter = join(golden.folder, 'lora');
  const found = await traceGolden(golden, {
    adapter,
    gradients: true,
    steps: 3,
    train: 'lora',
    ...extra,
  });
  const expected = [...golden.tensors('lora/lora_io.safetensors')];
  const mask =
    golden.head === 'qa' ? undefined : golden.tensors('io.safetensors').get('attention_mask');
  const of = (pattern: RegExp): Named[] => expected.filter(([key]) => pattern.test(key));
  return [
    ...deviations(found, of(/^(start_|end_)?logits$/), valueRule(mask)),
    ...deviations(found, of(/^loss(es)?$/), lossRule),
    ...deviations(found, of(/^grad\./), gradientRule),
    ...deviations(
      found,
      of(/^after3\./),
      stepRule(golden.precision.lora ?? {}, unstableOf(golden, 'lora')),
    ),
  ];
}

/** All parameters after three steps of full fine-tuning, and the losses before each. */
export async function fullDeviations(golden: Golden, extra: Extra = {}): Promise<Deviation[]> {
  const found = await traceGolden(golden, { steps: 3, train: 'full', ...extra });
  const [losses, after] = [new Map<string, Tensor>(), new Map<string, Tensor>()];
  for (const [key, tensor] of golden.tensors('full3.safetensors'))
    (key === 'losses' ? losses : after).set(key, tensor);
  const own = new Map([...found].map(([key, tensor]) => [key.replace('after3.', ''), tensor]));
  return [
    ...deviations(found, losses, lossRule),
    ...deviations(own, after, stepRule(golden.precision.full3 ?? {}, unstableOf(golden, 'full3'))),
  ];
}

/** Generated ids, and how the logits of the first steps compare. */
export async function generation(
  golden: Golden,
  extra: Extra = {},
): Promise<{ readonly ids: readonly (readonly number[])[]; readonly logits: Deviation[] }> {
  const found = await traceGolden(golden, { generate: 16, ...extra });
  const expected = [...golden.tensors('io.safetensors')].filter(([key]) =>
    /^gen\.logits\./.test(key),
  );
  const { data, shape } = found.get('generated') ?? { data: [], shape: [0, 0] };
  const [batch = 0, count = 0] = shape;
  const ids = Array.from({ length: batch }, (_, row) =>
    Array.from(data.slice(row * count, (row + 1) * count) as ArrayLike<number | bigint>, Number),
  );
  return { ids, logits: deviations(found, expected, valueRule()) };
}

/** Every way to cut at `places` once or twice, as `--cut` takes them. */
export function allCuts(places: readonly string[]): string[][] {
  return [
    ...places.map((place) => [place]),
    ...places.flatMap((first, i) => places.slice(i + 1).map((second) => [first, second])),
  ];
}
