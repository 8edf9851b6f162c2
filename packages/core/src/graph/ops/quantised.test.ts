import { expect, test } from 'vitest';
import { floatTensor, randomStream } from '../../tensor/index.js';
import { drawNormals, drawPacked, evaluate, numbersOf, pick, total } from '../../testing/index.js';
import { present } from '../../text/index.js';
import { createGraph } from '../build.js';

// x̂ = s·round(x/s) with s = max |x|/127 of a block of 32: |x̂ − x| ≤ max |x|/254, so that in y = x·Wᵀ a block adds at most
// (max |x|/254)·Σ |w| of its numbers. A hundredth more leaves room for float32.
test.each([
  [1, 96],
  [5, 96],
  [40, 64],
  [3, 40],
])(
  '%i rows of %i numbers, rounded to 8 bits, give products within the bound',
  async (height, columns) => {
    const random = randomStream(`rounded/${height}/${columns}`);
    for (let draw = 0; draw < 6; draw++) {
      const { numbers, matrix } = drawPacked(random, [7, columns]);
      const x = drawNormals(random, [height, columns]);
      const g = createGraph();
      const y = g.matMulNBits(g.input('x', 'float32', ['rows', columns]), matrix(g));
      const [found] = await evaluate(g, [y], { x });
      const [result, input] = [numbersOf(present(found)), numbersOf(x)];
      let largest = 0;
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < 7; j++) {
          const each = Array.from({ length: columns }, (_, k) => k);
          const exact = total(each.map((k) => pick(input, [i, k]) * pick(numbers, [j, k])));
          const bound = total(
            each.map((k) => {
              const block = each.slice(k - (k % 32), k - (k % 32) + 32);
              const size = Math.max(...block.map((one) => Math.abs(pick(input, [i, one]))));
              return (size / 254) * Math.abs(pick(numbers, [j, k]));
            }),
          );
          largest = Math.max(largest, Math.abs(pick(result, [i, j]) - exact) / bound);
        }
      }
      expect(largest).toBeLessThanOrEqual(1.01);
      // It does round: this is the fast kernel.
      expect(largest).toBeGreaterThan(1e-3);
    }
  },
);

test('a product with a matrix of another width is a defect', () => {
  const g = createGraph();
  const { matrix } = drawPacked(randomStream('width'), [2, 32]);
  const x = g.constant(floatTensor([1, 3], Float32Array.of(1, 2, 3)));
  expect(() => g.matMulNBits(x, matrix(g))).toThrow('VF918');
});
