import type { Cell, RunRecord } from '@vflair/core/contract';
import { cell, record } from './invented-records.test.helper.js';

const privacy = (pipeline: string, epsilon: number, ceiling: number): RunRecord =>
  record({
    cell: cell(pipeline, ['dp']),
    kind: 'privacy',
    name: 'dp',
    data: {
      defense: 'dp',
      party: 'client',
      point: 'forward-out',
      mechanism: 'gaussian',
      unit: 'sequence',
      neighbouring: 'one row’s text replaced: same length, same label; lengths public',
      epsilonPerRelease: epsilon,
      delta: 1e-5,
      releases: 1,
      epsilon,
      sensitivity: 2,
      scale: 2 / Math.sqrt(epsilon),
      simulated: true,
      ceiling,
    },
  });

/** What the defenses claim. */
export const ledgerRecords: readonly RunRecord[] = [
  privacy('dp-8', 8, 0.798),
  privacy('dp-512', 512, 1),
  record({
    cell: cell('sparsified', ['sparsify', 'sparsify']),
    kind: 'privacy',
    name: 'sparsify',
    data: {
      defense: 'sparsify',
      party: 'client',
      point: 'forward-out',
      mechanism: 'none',
      epsilon: null,
      reason: 'a heuristic: what is left out depends on the text',
    },
  }),
];

const channels: readonly (readonly [string, number, readonly number[]])[] = [
  ['head -> body activation', 32_768, [64, 128]],
  ['body -> tail activation', 32_768, [64, 128]],
  ['tail -> body gradient', 32_768, [64, 128]],
  ['body -> head gradient', 32_768, [64, 128]],
];

/** What the run cost. */
export const costRecords: readonly RunRecord[] = ['plain', 'sparsified', 'dp-8', 'dp-512'].flatMap(
  (name) => [
    ...channels.map(([channel, perExample, shape]) =>
      record({
        cell: cell(name),
        kind: 'bytes',
        name: channel,
        value: perExample * 6500,
        unit: 'bytes',
        data: { perExample, shape },
      }),
    ),
    record({
      cell: cell(name),
      kind: 'timing',
      name: 'train',
      value: 41.7,
      unit: 's',
      data: { party: 'client', peakMemory: 412e6 },
    }),
    record({
      cell: cell(name),
      kind: 'timing',
      name: 'train',
      value: 63.2,
      unit: 's',
      data: { party: 'server', peakMemory: 598e6, tokensPerSecond: 6120 },
    }),
    record({
      cell: cell(name),
      kind: 'timing',
      name: 'attack vmi',
      value: 18.3,
      unit: 's',
      data: {},
    }),
  ],
);

const mail = [
  ' Please',
  ' wire',
  ' $',
  '4',
  ',',
  '200',
  ' to',
  ' Mrs',
  ' Ok',
  'afor',
  ' before',
  ' Friday',
  ',',
  ' <script>',
  'alert(1)',
  '</script>',
  ' thanks',
  '\n',
];

const example = (
  where: Cell,
  rule: string,
  wrong: readonly number[],
  extra: object = {},
): RunRecord =>
  record({
    cell: where,
    kind: 'example',
    name: 'reconstruction',
    data: {
      attack: where.attack.join(' |> '),
      rule,
      split: 'test',
      row: 17,
      original: ['<|bos|>', ...mail],
      recovered: ['<|bos|>', ...mail.map((token, i) => (wrong.includes(i) ? ' the' : token))],
      status: ['special', ...mail.map((_, i) => (wrong.includes(i) ? 'wrong' : 'right'))],
      private: [false, ...mail.map((_, i) => [2, 3, 4, 5, 7, 8, 9].includes(i))],
      ...extra,
    },
  });

const most = mail.map((_, i) => i).filter((i) => i !== 6);

/** Texts as they were read; one of them is hostile. */
export const exampleRecords: readonly RunRecord[] = [
  example(cell('plain', [], ['vmi']), 'best', []),
  example(cell('plain', [], ['vmi']), 'median', [9]),
  example(cell('plain', [], ['vmi']), 'worst', [2, 3, 9, 14]),
  example(cell('sparsified', ['sparsify', 'sparsify'], ['vmi']), 'median', [3, 9]),
  example(cell('dp-8', ['dp'], ['vmi']), 'median', most),
  example(cell('chat', [], ['causal-inversion']), 'median', [], {
    span: 'prompt',
    split: 'generate',
  }),
  example(cell('chat', [], ['model-completion']), 'median', [4], {
    span: 'answer',
    split: 'generate',
  }),
];

const profile = (
  axis: string,
  points: readonly (readonly [string | number, number])[],
): RunRecord =>
  record({
    cell: cell('plain', [], ['vmi']),
    kind: 'note',
    name: 'profile',
    of: 'positional-accuracy',
    data: {
      axis,
      points: points.map(([place, value]) => ({
        at: place,
        value,
        low: value - 0.04,
        high: Math.min(1, value + 0.04),
        n: 200,
      })),
    },
  });

/** Notes and profiles. */
export const noteRecords: readonly RunRecord[] = [
  record({
    cell: cell('plain'),
    kind: 'note',
    name: 'auxiliary-overlap',
    text: '3 near-duplicates of victim rows were dropped from `public-mails`',
  }),
  record({
    cell: cell('plain'),
    kind: 'note',
    name: 'check-warning',
    text: 'VF318: the head has 2 blocks; attacks read such heads well',
  }),
  profile('token class', [
    ['numbers', 0.88],
    ['names', 0.91],
    ['stop words', 0.97],
    ['other', 0.93],
  ]),
  profile('cut before block', [
    [0, 1],
    [1, 0.98],
    [2, 0.95],
    [3, 0.932],
  ]),
];
