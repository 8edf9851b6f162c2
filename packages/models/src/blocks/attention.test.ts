import type { BlockContext, PastContext } from '@vflair/core/contract';
import type { Value } from '@vflair/core/graph';
import { bareContext } from '@vflair/core/session';
import { intTensor, randomStream, type Tensor } from '@vflair/core/tensor';
import {
  drawNormals,
  evaluate,
  feedsOf,
  fill,
  inputGraph,
  type Numbers,
  numbersOf,
  pick,
  total,
  worstDifference,
} from '@vflair/core/testing';
import { at, Bug, present } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { attention } from './attention.js';

const [batch, heads, headSize, scale] = [2, 2, 3, 0.7];
const width = heads * headSize;

interface Setting {
  readonly causal: boolean;
  readonly mask: readonly (readonly number[])[];
  /** Mask of cached positions; rows may be one that all share. */
  readonly past?: readonly (readonly number[])[];
}

const none = (): never => {
  throw new Bug('VF990', 'attention has no parameters');
};
const parameters: BlockContext['parameters'] = {
  weight: none,
  has: none,
  trains: none,
  adapter: none,
};

function maskOf(rows: readonly (readonly number[])[]): Tensor {
  return intTensor([rows.length, at(rows, 0).length], rows.flat());
}

async function run({ causal, mask, past }: Setting) {
  const random = randomStream('attention');
  const shape = [batch, at(mask, 0).length, width];
  const now = [0, 1, 2].map(() => drawNormals(random, shape));
  const before = past
    ? [0, 1].map(() => drawNormals(random, [past.length, at(past, 0).length, width]))
    : [];
  const tensors = [...now, maskOf(mask), ...before, ...(past ? [maskOf(past)] : [])];
  const { g, values } = inputGraph(tensors, (i, axis, size) =>
    axis === 0 ? (size === 1 ? 1 : 'batch') : axis === 1 ? (i < 4 ? 'seq' : 'past') : size,
  );
  const cache: { readonly past?: PastContext } = past
    ? { past: { mask: at(values, 6), of: () => ({ key: at(values, 4), value: at(values, 5) }) } }
    : {};
  const seen = at(values, 3);
  const context = { ...bareContext({ g, parameters, mask: seen, positions: seen }), ...cache };
  const [query, key, value] = values as [Value, Value, Value];
  const y = attention(context, { block: 0, query, key, value, heads, headSize, scale, causal });
  const [found] = await evaluate(g, [y], feedsOf(tensors));
  const [q, k, v] = now.map(numbersOf) as [Numbers, Numbers, Numbers];
  const [pastKey, pastValue] = before.map(numbersOf);
  return { found: numbersOf(present(found)), q, k, v, pastKey, pastValue };
}

/** Σ_j softmax_j(scale·q_i·k_j over the j that i may see)·v_j, head by head, in double precision. */
function reference(
  { causal, mask, past = [] }: Setting,
  { q, k, v, pastKey, pastValue }: Omit<Awaited<ReturnType<typeof run>>, 'found'>,
): Numbers {
  const seq = at(mask, 0).length;
  return fill([batch, seq, width], ([b = 0, i = 0, c = 0]) => {
    const first = headSize * Math.floor(c / headSize);
    const score = (keys: Numbers, j: number): number =>
      scale *
      total(
        Array.from(
          { length: headSize },
          (_, d) => pick(q, [b, i, first + d]) * pick(keys, [b, j, first + d]),
        ),
      );
    const terms: [number, number][] = [];
    const cached = past.length === 1 ? at(past, 0) : (past[b] ?? []);
    cached.forEach((real, j) => {
      if (real && pastKey && pastValue) terms.push([score(pastKey, j), pick(pastValue, [b, j, c])]);
    });
    at(mask, b).forEach((real, j) => {
      if (real && (!causal || j <= i)) terms.push([score(k, j), pick(v, [b, j, c])]);
    });
    const sum = total(terms.map(([s]) => Math.exp(s)));
    return total(terms.map(([s, value]) => (Math.exp(s) / sum) * value));
  });
}

const settings: readonly (readonly [string, Setting])[] = [
  [
    'all see all',
    {
      causal: false,
      mask: [
        [1, 1, 1],
        [1, 1, 1],
      ],
    },
  ],
  [
    'padding is not seen',
    {
      causal: false,
      mask: [
        [1, 1, 0],
        [0, 1, 1],
      ],
    },
  ],
  [
    'nobody sees ahead',
    {
      causal: true,
      mask: [
        [1, 1, 1],
        [1, 1, 0],
      ],
    },
  ],
  [
    'cached positions come before new ones',
    {
      causal: true,
      mask: [
        [1, 1],
        [1, 1],
      ],
      past: [
        [1, 1, 1],
        [0, 1, 1],
      ],
    },
  ],
  [
    'one cached prefix serves all rows',
    {
      causal: true,
      mask: [
        [1, 1],
        [1, 0],
      ],
      past: [[1, 1, 1, 1]],
    },
  ],
];

test.each(settings)('%s', async (_, setting) => {
  const { found, ...rows } = await run(setting);
  expect(worstDifference(found, reference(setting, rows))).toBeLessThan(1e-6);
});

test('a position that sees nothing averages over everything and is no NaN', async () => {
  const { found, v } = await run({
    causal: true,
    mask: [
      [0, 0, 0],
      [1, 1, 1],
    ],
  });
  const averages = fill(
    [1, 3, width],
    ([, , c = 0]) => total([0, 1, 2].map((j) => pick(v, [0, j, c]))) / 3,
  );
  const first = { shape: [1, 3, width], data: found.data.slice(0, 3 * width) };
  expect(worstDifference(first, averages)).toBeLessThan(1e-6);
});
