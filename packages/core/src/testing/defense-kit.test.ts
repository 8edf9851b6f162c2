import { expect, test } from 'vitest';
import { type DefenseDefinition, defineDefense, noClaim } from '../contract/index.js';
import { gaussianSigma } from '../privacy/index.js';
import { type FloatTensor, floatTensor } from '../tensor/index.js';
import { defenseKit } from './defense-kit.js';

const claim = {
  mechanism: 'gaussian',
  unit: 'sequence',
  neighbouring: '',
  epsilon: 8,
  delta: 1e-5,
  sensitivity: 2,
  scale: gaussianSigma(8, 1e-5, 2),
} as const;

type Flaw =
  | 'none'
  | 'half the noise'
  | 'no clip'
  | 'first step only'
  | 'one draw per message'
  | 'same noise'
  | 'noisy padding'
  | 'in place'
  | 'longer'
  | 'claims too much'
  | 'expects too little';

/** Clip to norm 1 per row and Gaussian noise, with one thing wrong. */
function flawed(flaw: Flaw): DefenseDefinition<Record<never, never>> {
  return defineDefense({
    id: 'defense-kit',
    title: 'A defense with a flaw',
    paper: 'none',
    at: ['forward-out', 'backward-out'],
    params: {},
    apply({ shape, data }, { mask, phase, step, rng }) {
      const width = data.length / Math.max(mask.data.length, 1);
      const length = phase === 'generate' ? 1 : (mask.shape[1] ?? 1);
      const scale =
        claim.scale *
        (flaw === 'half the noise' ? 0.5 : 1) *
        Number(flaw !== 'first step only' || step === 0);
      const sent = flaw === 'in place' ? (data as Float32Array) : new Float32Array(data.length);
      const once = rng.normal();
      const isReal = (i: number): boolean => mask.data[Math.floor(i / width)] === 1n;
      const unitOf = (i: number): number => Math.floor(i / (width * length));
      const norms = new Map<number, number>();
      data.forEach((x, i) => {
        if (isReal(i)) norms.set(unitOf(i), (norms.get(unitOf(i)) ?? 0) + x * x);
      });
      data.forEach((x, i) => {
        const noise =
          flaw === 'one draw per message'
            ? once
            : flaw === 'same noise'
              ? Math.sin(1e4 * (i + 1)) * Math.SQRT2
              : rng.normal();
        const factor =
          flaw === 'no clip' ? 1 : Math.min(1, 1 / Math.sqrt(norms.get(unitOf(i)) ?? 1));
        const isSent = isReal(i) || flaw === 'noisy padding';
        sent[i] = isSent ? x * factor + scale * noise : 0;
      });
      return flaw === 'longer' ? floatTensor([1, ...shape], sent) : floatTensor(shape, sent);
    },
    expect: (tensor) =>
      flaw === 'expects too little'
        ? {
            tensor: floatTensor(
              tensor.shape,
              tensor.data.map((x) => x + 1),
            ),
          }
        : { tensor: clippedRows(tensor) },
    claim: () => (flaw === 'claims too much' ? { ...claim, epsilon: 4 } : claim),
  });
}

/** Each row scaled into the unit ball; no padding. */
function clippedRows({ shape, data }: FloatTensor): FloatTensor {
  const size = data.length / Math.max(1, shape[0] ?? 1);
  const norms = Array.from({ length: shape[0] ?? 0 }, (_, row) =>
    Math.hypot(...data.subarray(row * size, (row + 1) * size)),
  );
  return floatTensor(
    shape,
    data.map((x, i) => x * Math.min(1, 1 / (norms[Math.floor(i / size)] ?? 1))),
  );
}

/** Names of the checks a defense fails, but that for its page. */
async function failures(defense: DefenseDefinition<Record<never, never>>): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of defenseKit(defense, { test: import.meta.url, params: {} })) {
    await run().catch(() => failed.push(name));
  }
  return failed.filter((name) => !name.includes('page'));
}

test('a defense without flaw keeps every promise', async () => {
  expect(await failures(flawed('none'))).toEqual([]);
});

test.each<[Flaw, string]>([
  ['half the noise', 'its noise has the mean and variance it claims'],
  ['first step only', 'its noise has the mean and variance it claims'],
  ['one draw per message', 'no repetition'],
  ['no clip', "two inputs can't be further apart"],
  ['same noise', 'another gives other noise'],
  ['noisy padding', 'padding is zeros or untouched'],
  ['in place', 'the input is left alone'],
  ['longer', 'shape is kept'],
  ['claims too much', 'its noise is enough'],
  ['expects too little', 'what it is expected to send'],
])('%s is caught', async (flaw, check) => {
  const failed = await failures(flawed(flaw));
  expect(failed.some((name) => name.includes(check))).toBe(true);
});

test('an off-setting that still does something is caught, and so is another name', async () => {
  const half = defineDefense({
    id: 'other-name',
    title: 'Halves everything',
    paper: 'none',
    at: ['forward-out'],
    params: {},
    off: {},
    apply: ({ shape, data }) =>
      floatTensor(
        shape,
        data.map((x) => x / 2),
      ),
    backward: (gradient) => floatTensor([1, ...gradient.shape], gradient.data),
    claim: () => noClaim,
  });
  const failed = await failures(half);
  expect(failed).toEqual([
    'its id is the name of its file',
    'padding is zeros or untouched, and changes nothing else',
    'the gradient keeps its shape on its way back',
    'switched off it changes nothing, in either direction',
  ]);
});
