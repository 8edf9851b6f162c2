import { expect, test } from 'vitest';
import { AdamW, type FloatTensor, floatTensor } from '../tensor/index.js';
import { Learner } from './learner.js';

const tensor = (...values: readonly number[]): FloatTensor =>
  floatTensor([values.length], Float32Array.from(values));

const settings = { learningRate: 0.1, weightDecay: 0, probing: false };

function after(
  options: Partial<ConstructorParameters<typeof Learner>[2]>,
  ...steps: FloatTensor[][]
) {
  const w = tensor(1, -2);
  const learner = new Learner('server', new Map([['w', w]]), { ...settings, ...options });
  for (const gradients of steps) {
    for (const gradient of gradients) learner.collect(new Map([['w', gradient]]));
    learner.step();
  }
  return { learner, w: [...w.data] };
}

test('gradients of one step are added up and applied at once', () => {
  const twice = after({}, [tensor(1, 2), tensor(3, -5)]);
  const w = tensor(1, -2);
  new AdamW({ learningRate: 0.1, weightDecay: 0 }).step(
    new Map([['w', w]]),
    new Map([['w', tensor(4, -3)]]),
  );
  expect(twice.w).toEqual([...w.data]);
});

test('a step forgets what was collected; a step without gradients changes nothing', () => {
  const { learner, w } = after({}, [tensor(1, 1)], []);
  expect(w).toEqual(after({}, [tensor(1, 1)]).w);
  expect(learner.gradients.size).toBe(0);
});

test('gradients are clipped by their joint norm', () => {
  // AdamW's first step is the sign of the gradient; its second shows the sizes.
  const clipped = after({ clip: 0.5 }, [tensor(3, 4)], [tensor(0.3, 0)]);
  expect(clipped.w).toEqual(after({}, [tensor(0.3, 0.4)], [tensor(0.3, 0)]).w);
});

test('probing gathers and changes nothing', () => {
  const { learner, w } = after({ probing: true }, [tensor(1, 2)], [tensor(1, 2)]);
  expect(w).toEqual([1, -2]);
  expect([...(learner.gradients.get('w')?.data ?? [])]).toEqual([2, 4]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'a gradient of %d names tensor and party',
  (bad) => {
    expect(() => after({}, [tensor(1, bad)])).toThrow(
      'VF560: the gradient of `w` at party `server` is not a number',
    );
  },
);
