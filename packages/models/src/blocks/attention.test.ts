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
import type { Alibi } from './alibi.js';
import { attention } from './attention.js';

const [batch, heads, headSize, scale] = [2, 4, 3, 0.7];

interface Setting {
  readonly causal: boolean;
  readonly keyHeads?: number;
  readonly valueSize?: number;
  readonly window?: number;
  readonly cap?: number;
  readonly alibi?: Alibi;
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

/** Widths of query, key and value rows. */
function widths({ keyHeads = heads, valueSize = headSize }: Setting): [number, number, number] {
  return [heads * headSize, keyHeads * headSize, keyHeads * valueSize];
}

async function run(setting: Setting) {
  const { mask, past, ...way } = setting;
  const random = randomStream('attention');
  const sizes = widths(setting);
  const now = sizes.map((width) => drawNormals(random, [batch, at(mask, 0).length, width]));
  const before = past
    ? sizes.slice(1).map((width) => drawNormals(random, [past.length, at(past, 0).length, width]))
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
  const rows = { query, key, value };
  const y = attention(context, { ...way, ...rows, block: 0, heads, headSize, scale });
  const [found] = await evaluate(g, [y], feedsOf(tensors));
  const [q, k, v] = now.map(numbersOf) as [Numbers, Numbers, Numbers];
  const [pastKey, pastValue] = before.map(numbersOf);
  return { found: numbersOf(present(found)), q, k, v, pastKey, pastValue };
}

type Rows = Omit<Awaited<ReturnType<typeof run>>, 'found'>;

/** What query i may see of row b: the column of each key, its position, and its key and value rows. */
function* seenKeys(
  { causal, mask, past = [], window = 1e9 }: Setting,
  rows: Rows,
  b: number,
  i: number,
) {
  const cached = past.length === 1 ? at(past, 0) : (past[b] ?? []);
  let position = -1;
  for (const [column, real] of [...cached, ...at(mask, b)].entries()) {
    const isPast = column < cached.length;
    position += real;
    const j = isPast ? column : column - cached.length;
    const distance = cached.length + i - column;
    const isFar = distance >= window || -distance >= window;
    if (!real || (causal && !isPast && j > i) || isFar) continue;
    const [key, value] = isPast ? [rows.pastKey, rows.pastValue] : [rows.k, rows.v];
    yield { j, position, key: present(key), value: present(value) };
  }
}

/** Σ_j softmax_j(scale·q_i·k_j over the j that i may see)·v_j, head by head, in double precision. */
function reference(setting: Setting, rows: Rows): Numbers {
  const { keyHeads = heads, valueSize = headSize, cap, alibi } = setting;
  return fill([batch, at(setting.mask, 0).length, heads * valueSize], ([b = 0, i = 0, c = 0]) => {
    const head = Math.floor(c / valueSize);
    const keyHead = Math.floor((head * keyHeads) / heads);
    const scoreOf = (keys: Numbers, j: number): number => {
      const each = (d: number): number =>
        pick(rows.q, [b, i, head * headSize + d]) * pick(keys, [b, j, keyHead * headSize + d]);
      const score = scale * total(Array.from({ length: headSize }, (_, d) => each(d)));
      return cap === undefined ? score : cap * Math.tanh(score / cap);
    };
    const terms = [...seenKeys(setting, rows, b, i)].map(({ j, position, key, value }) => {
      const bias = alibi ? alibi.scale * at(alibi.slopes, head) * position : 0;
      const place = [b, j, keyHead * valueSize + (c % valueSize)];
      return [scoreOf(key, j) + bias, pick(value, place)] as const;
    });
    const sum = total(terms.map(([s]) => Math.exp(s)));
    return total(terms.map(([s, value]) => (Math.exp(s) / sum) * value));
  });
}

const long = {
  mask: [
    [1, 1, 1, 1, 1, 0],
    [1, 1, 1, 1, 1, 1],
  ],
  causal: true,
};
const after = {
  causal: true,
  mask: [
    [1, 1, 1],
    [1, 1, 0],
  ],
  past: [
    [0, 1, 1, 1],
    [1, 1, 1, 1],
  ],
};
const alibi: Alibi = { name: 'test', slopes: [0.5, 0.25, 0.1, 0.05], scale: 0.8, rounded: false };
const ways: readonly Partial<Setting>[] = [
  { keyHeads: 2 },
  { keyHeads: 1, valueSize: 2 },
  { valueSize: 5 },
  { window: 2 },
  { window: 2, causal: false },
  { window: 3, keyHeads: 2 },
  { cap: 0.5 },
  { alibi },
  { alibi, keyHeads: 2, window: 2 },
];

test.each(ways)('with %j, without and after cached positions', async (way) => {
  for (const base of [long, after, { ...after, past: [[1, 1, 1, 1]] }]) {
    const { found, ...rows } = await run({ ...base, ...way });
    expect(worstDifference(found, reference({ ...base, ...way }, rows))).toBeLessThan(1e-6);
  }
});

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
    [1, 3, heads * headSize],
    ([, , c = 0]) => total([0, 1, 2].map((j) => pick(v, [0, j, c]))) / 3,
  );
  const first = {
    shape: [1, 3, heads * headSize],
    data: found.data.slice(0, 3 * heads * headSize),
  };
  expect(worstDifference(first, averages)).toBeLessThan(1e-6);
});
