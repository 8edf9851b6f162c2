import { compileGraph } from '@vflair/core/session';
import { type FloatTensor, floatTensor, randomStream } from '@vflair/core/tensor';
import {
  drawNormals,
  fill,
  type Numbers,
  numbersOf,
  pick,
  worstDifference,
} from '@vflair/core/testing';
import { present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { linearScan } from './linear-scan.js';

const names = ['batch', 'seq', 3] as const;

/** Log decays ≤ 0, inputs, and what the scan makes of them. */
async function scanned(seq: number) {
  const random = randomStream(`scan/${seq}`);
  const shape = [2, seq, 3];
  const normal = drawNormals(random, shape);
  const logDecay = floatTensor(
    shape,
    normal.data.map((x) => -Math.abs(x)),
  );
  const input = drawNormals(random, shape);
  const session = await compileGraph(
    (g) => {
      const [decay, x] = [g.input('decay', 'float32', names), g.input('x', 'float32', names)];
      const h = linearScan(g, { logDecay: decay, input: x });
      return { h, total: g.sum(g.mul(h, h)) };
    },
    { of: 'total', wrt: ['decay', 'x'] },
  );
  const results = await session.run({ decay: logDecay, x: input });
  await session.close();
  const of = (name: string): Numbers => numbersOf(present(results[name], name));
  return { logDecay: numbersOf(logDecay), input: numbersOf(input), of };
}

/** One step after the other, in double precision. */
function steps(logDecay: Numbers, input: Numbers): Numbers {
  const states = new Map<string, number>();
  return fill(input.shape, ([b = 0, t = 0, c = 0]) => {
    const before = states.get(`${b} ${c}`) ?? 0;
    const now = Math.exp(pick(logDecay, [b, t, c])) * before + pick(input, [b, t, c]);
    states.set(`${b} ${c}`, now);
    return now;
  });
}

/** Backwards: λ_t = 2h_t + e^{l_{t+1}}·λ_{t+1};  dx = λ,  dl = λ_t·e^{l_t}·h_{t−1}. */
function adjoint(logDecay: Numbers, h: Numbers): { dx: Numbers; dl: Numbers } {
  const [batch = 0, seq = 0, width = 0] = h.shape;
  const lambda = new Float64Array(batch * seq * width);
  const place = (b: number, t: number, c: number): number => (b * seq + t) * width + c;
  for (let t = seq - 1; t >= 0; t--) {
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < width; c++) {
        const next =
          t + 1 < seq
            ? Math.exp(pick(logDecay, [b, t + 1, c])) * (lambda[place(b, t + 1, c)] ?? 0)
            : 0;
        lambda[place(b, t, c)] = 2 * pick(h, [b, t, c]) + next;
      }
    }
  }
  const dx = fill(h.shape, ([b = 0, t = 0, c = 0]) => lambda[place(b, t, c)] ?? 0);
  const dl = fill(h.shape, ([b = 0, t = 0, c = 0]) =>
    t === 0
      ? 0
      : pick(dx, [b, t, c]) * Math.exp(pick(logDecay, [b, t, c])) * pick(h, [b, t - 1, c]),
  );
  return { dx, dl };
}

// Beyond 2⁵ positions the shortened recurrence is longer than one step.
test.each([1, 2, 3, 4, 5, 8, 13, 32, 33, 300, 900])(
  'a scan of %i positions is the recurrence, and its gradient the adjoint recurrence',
  async (seq) => {
    const { logDecay, input, of } = await scanned(seq);
    const h = steps(logDecay, input);
    const { dx, dl } = adjoint(logDecay, h);
    expect(worstDifference(of('h'), h)).toBeLessThan(1e-5);
    expect(worstDifference(of('dx'), dx)).toBeLessThan(1e-5);
    expect(worstDifference(of('ddecay'), dl)).toBeLessThan(1e-5);
  },
);

test('a decay that leaves nothing is no trouble', async () => {
  const session = await compileGraph((g) => ({
    h: linearScan(g, {
      logDecay: g.input('decay', 'float32', ['batch', 'seq', 1]),
      input: g.input('x', 'float32', ['batch', 'seq', 1]),
    }),
  }));
  const column = (values: number[]): FloatTensor =>
    floatTensor([1, values.length, 1], Float32Array.from(values));
  const { h } = await session.run({ decay: column([-1e4, -1e4, 0]), x: column([1, 2, 3]) });
  await session.close();
  expect([...present(h).data]).toEqual([1, 2, 5]);
});
