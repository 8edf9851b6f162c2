import type { RunRecord } from '@vflair/core/contract';
import type { RunFacts } from './build-report.js';
import {
  costRecords,
  exampleRecords,
  ledgerRecords,
  noteRecords,
} from './invented-extras.test.helper.js';
import { inventedPlan } from './invented-plan.test.helper.js';
import {
  cell,
  digest,
  type Range,
  readRecords,
  record,
  taskRecords,
} from './invented-records.test.helper.js';

// Every figure of the invented run is made up to try the report; none was measured.

const plainRecords: readonly RunRecord[] = [
  ...taskRecords(cell('plain'), [0.978, 0.961, 0.988]),
  ...readRecords(cell('plain', [], ['vmi']), [0.932, 0.901, 0.954], {
    adaptive: false,
    residualWorse: 0,
  }),
  ...readRecords(cell('plain', [], ['learned-inversion']), [0.744, 0.71, 0.776], {
    adaptive: false,
  }),
];

const defendedRecords: readonly RunRecord[] = [
  ...taskRecords(cell('sparsified', ['sparsify', 'sparsify']), [0.974, 0.956, 0.985]),
  ...readRecords(cell('sparsified', ['sparsify', 'sparsify'], ['vmi']), [0.614, 0.57, 0.655], {
    adaptive: false,
  }),
  ...readRecords(cell('sparsified', ['sparsify', 'sparsify'], ['vmi']), [0.881, 0.848, 0.909], {
    adaptive: true,
  }),
  ...readRecords(
    cell('sparsified', ['sparsify', 'sparsify'], ['learned-inversion']),
    [0.702, 0.664, 0.737],
    { adaptive: true },
  ),
  ...taskRecords(cell('dp-8', ['dp']), [0.692, 0.65, 0.731]),
  ...readRecords(cell('dp-8', ['dp'], ['vmi']), [0.0581, 0.051, 0.066], { adaptive: true }),
  ...readRecords(cell('dp-8', ['dp'], ['learned-inversion']), [0.0602, 0.053, 0.068], {
    adaptive: true,
  }),
  ...taskRecords(cell('dp-512', ['dp']), [0.951, 0.929, 0.967]),
  ...readRecords(cell('dp-512', ['dp'], ['vmi']), [0.287, 0.252, 0.321], {
    adaptive: true,
    residualWorse: 0.34,
  }),
  ...readRecords(cell('dp-512', ['dp'], ['learned-inversion']), [0.412, 0.376, 0.448], {
    adaptive: true,
  }),
];

const labels = (attack: string, name: string, [value, low, high]: Range, data: object): RunRecord =>
  record({
    cell: cell('head-tail', [], [attack]),
    kind: 'attack',
    goal: 'labels',
    at: 'train',
    name,
    value,
    low,
    high,
    n: 2000,
    data: { adversary: 'curious', ...data },
  });

const labelRecords: readonly RunRecord[] = [
  ...taskRecords(cell('head-tail'), [0.976, 0.958, 0.986]),
  labels('direct-label', 'label-accuracy', [1, 0.998, 1], { abstained: 12 }),
  labels('norm-scoring', 'label-auc', [0.871, 0.853, 0.888], {
    direction: 'larger norm = spam',
    p: 0.0001,
  }),
  labels('norm-scoring', 'leak-auc', [0.871, 0.853, 0.888], {}),
  record({
    cell: cell('head-tail', [], ['direct-label']),
    kind: 'baseline',
    name: 'majority',
    of: 'label-accuracy',
    at: 'train',
    value: 0.694,
  }),
];

const generated = (
  attack: string,
  span: string,
  [value, low, high]: Range,
): readonly RunRecord[] => [
  record({
    cell: cell('chat', [], [attack]),
    kind: 'attack',
    name: 'positional-accuracy',
    goal: 'tokens',
    at: 'generate',
    value,
    low,
    high,
    n: 20,
    tokens: 811,
    unit: 'fraction',
    data: { span, adversary: 'curious', margin: 0.0173 },
  }),
  record({
    cell: cell('chat', [], [attack]),
    kind: 'baseline',
    name: 'prior',
    of: 'positional-accuracy',
    at: 'generate',
    value: 0.048,
    data: { span, adversary: 'curious' },
  }),
];

const chatRecords: readonly RunRecord[] = [
  record({
    cell: cell('chat'),
    kind: 'task',
    name: 'perplexity',
    at: 'test',
    value: 31.42,
    low: 28.9,
    high: 34.1,
    n: 20,
  }),
  record({
    cell: cell('chat'),
    kind: 'baseline',
    name: 'unigram',
    of: 'perplexity',
    at: 'test',
    value: 912.3,
  }),
  ...generated('causal-inversion', 'prompt', [1, 0.98, 1]),
  ...generated('model-completion', 'answer', [0.904, 0.86, 0.94]),
];

const oracle = (pipeline: string, name: string, value: number, bound: number): RunRecord =>
  record({ cell: cell(pipeline), kind: 'oracle', name, value, bound, ok: true });

/** Checks that hold, one set for each pipeline. */
export const oracleRecords: readonly RunRecord[] = inventedPlan.pipelines.flatMap(({ name }) => [
  oracle(name, 'split-equals-unsplit', 3.1e-6, 1e-4),
  oracle(name, 'steps-change-what-they-should', 0, 0),
  oracle(name, 'decoy-transcript', 0.412, 0.001),
]);

/** All records of the invented run. */
export const inventedRecords: readonly RunRecord[] = [
  ...plainRecords,
  ...defendedRecords,
  ...labelRecords,
  ...chatRecords,
  ...oracleRecords,
  ...ledgerRecords,
  ...costRecords,
  ...exampleRecords,
  ...noteRecords,
];

/** What the invented run folder holds, with some of it replaced. */
export const inventedRun = (changed: Partial<RunFacts> = {}): RunFacts => ({
  plan: inventedPlan,
  planDigest: digest,
  lock: {
    versions: { node: '24.21.0', onnxruntime: '1.30.0', vflair: '0.1.0' },
    model: { ref: 'tiny-gpt2', sha256: 'ab12'.repeat(16) },
    device: 'cpu',
    seeds: [60],
    transcriptDigest: 'cd34'.repeat(16),
    recordsDigest: 'ef56'.repeat(16),
  },
  records: inventedRecords,
  ...changed,
});
