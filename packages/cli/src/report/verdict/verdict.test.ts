import type { RunRecord } from '@vflair/core/contract';
import { expect, test } from 'vitest';
import { buildReport } from '../build-report.js';
import { plainPipeline } from '../invented-plan.test.helper.js';
import { cell, readRecords, record, taskRecords } from '../invented-records.test.helper.js';
import { inventedRun, oracleRecords } from '../invented-run.test.helper.js';
import type { Verdict } from '../report.js';

const verdict = (records: readonly RunRecord[]): Verdict =>
  buildReport(inventedRun({ records })).verdict;

const plainTask = taskRecords(cell('plain'), [0.978, 0.961, 0.988]);
const plainRead = readRecords(cell('plain', [], ['vmi']), [0.932, 0.901, 0.954]);
const dpTask = taskRecords(cell('dp-8', ['dp']), [0.692, 0.65, 0.731]);
const believed = [...oracleRecords, ...plainTask, ...plainRead];

const dpRead = (
  range: readonly [number, number, number],
  data: { readonly [key: string]: unknown } = { adaptive: true },
): readonly RunRecord[] => readRecords(cell('dp-8', ['dp'], ['vmi']), range, data);

test('the undefended pipeline: figure, interval, rows, attack, guessing and use', () => {
  expect(verdict(believed).sentences).toEqual([
    'With this split and no defense, `server` reads **93.2 %** of the tokens (90.1 to 95.4 %, 200 rows, by `vmi`; guessing gets 6.12 %); accuracy is **97.8 %**.',
  ]);
});

test('the whole invented run is told in four sentences with a clear answer', () => {
  const whole = buildReport(inventedRun()).verdict;
  expect(whole.sentences).toHaveLength(4);
  expect([whole.badge, whole.clear, whole.next]).toEqual(['believed', true, '']);
});

test('the stronger of a static and an adaptive attack is quoted', () => {
  const [, defended] = buildReport(inventedRun()).verdict.sentences;
  expect(defended).toContain(
    'With `sparsified` it still reads **88.1 %** when it knows the defense',
  );
  expect(defended).not.toContain('61.4');
});

test('a defense that ends at guessing is named with what it costs and its ceiling', () => {
  const [, defended] = buildReport(inventedRun()).verdict.sentences;
  expect(defended).toContain(
    'with `dp-8` (ε 8, δ 1e-5 per sequence) no attack tried reads more than guessing (6.02 %; guessing gets 6.12 %), at accuracy **69.2 %**, no better than always naming the larger class (no method can exceed a balanced accuracy of 79.8 % under this claim)',
  );
});

test('a claim that excludes nothing is said to', () => {
  const [, defended] = buildReport(inventedRun()).verdict.sentences;
  expect(defended).toContain('(a claim this large excludes nothing)');
});

test('a failed check stands first and nothing is clear', () => {
  const failed = record({
    cell: cell('plain'),
    kind: 'oracle',
    name: 'split-equals-unsplit',
    value: 0.0123,
    bound: 1e-4,
    ok: false,
  });
  const said = verdict([...believed, failed]);
  expect(said.sentences[0]).toBe(
    '**Not to be believed:** in `plain` the check `split-equals-unsplit` failed (0.0123, bound 1e-4). The figures below are kept to find the defect, not to be used.',
  );
  expect([said.badge, said.clear]).toEqual(['not to be believed', false]);
});

test('a run without any check is not believed', () => {
  expect(verdict([...plainTask, ...plainRead]).badge).toBe('not to be believed');
});

test('an attack that did not converge near guessing is no answer, and the run that gives one is named', () => {
  const said = verdict([
    ...believed,
    ...dpTask,
    ...dpRead([0.06, 0.05, 0.07], { adaptive: true, residualWorse: 0.4 }),
  ]);
  expect(said.sentences[1]).toContain('With `dp-8` there is no clear answer');
  expect(said.sentences[1]).toContain('did not converge, which proves nothing about privacy');
  expect(said.sentences.join(' ')).not.toContain('no attack tried reads more than guessing');
  expect([said.clear, said.next]).toEqual([
    false,
    'To settle it, in `dp-8` run `vmi` with more `steps` or `restarts` until it converges.',
  ]);
});

test('a weaker attack that did not converge keeps the answer open too', () => {
  const other = readRecords(cell('dp-8', ['dp'], ['bisr']), [0.02, 0.01, 0.03], {
    residualWorse: 0.5,
  });
  const said = verdict([...believed, ...dpTask, ...dpRead([0.06, 0.05, 0.07]), ...other]);
  expect(said.next).toBe(
    'To settle it, in `dp-8` run `bisr` with more `steps` or `restarts` until it converges.',
  );
});

test('an attack that did not converge but read much is quoted as a lower bound', () => {
  const said = verdict([
    ...believed,
    ...dpTask,
    ...dpRead([0.41, 0.37, 0.45], { residualWorse: 0.34 }),
  ]);
  expect(said.sentences[1]).toContain('reads at least **41 %**');
  expect(said.sentences[1]).toContain(
    'the attack did not converge on 34 % of the rows, so it may be more',
  );
});

test('too few rows are no answer; the number that would do is named', () => {
  // half width 0.125 on 200 rows; 0.05 needs (0.125 / 0.05)² = 6.25 times as many
  const said = verdict([...believed, ...dpTask, ...dpRead([0.1, 0.02, 0.27])]);
  expect(said.sentences[1]).toContain('too few rows to tell it from guessing');
  expect(said.next).toBe('To settle it, in `dp-8` attack about 1,300 rows (`samples 1300`).');
});

test('where the strongest attack reads less than guessing, no more is claimed than that', () => {
  const said = verdict([...believed, ...dpTask, ...dpRead([0.03, 0.02, 0.04])]);
  expect(said.sentences[1]).toContain(
    'no attack tried reads more than guessing (3 %; guessing gets 6.12 %)',
  );
});

test('without an attack the report says that it says nothing', () => {
  const quiet = { ...plainPipeline, adversaries: [], attacks: [] };
  const plan = { schema: 1 as const, pipelines: [quiet] };
  const said = buildReport(
    inventedRun({ plan, records: [...oracleRecords, ...plainTask] }),
  ).verdict;
  expect(said.sentences).toEqual([
    'No attack was run, so this report says nothing about what leaks. In `plain`, accuracy is **97.8 %**.',
  ]);
  expect([said.clear, said.next]).toEqual([
    false,
    'To find out, name an `adversary` and what it sees, add an `attack` line, and run again.',
  ]);
});

test('an interrupted run is told to go on', () => {
  expect(verdict([...oracleRecords, ...plainTask]).next).toContain('--resume');
});

test('several seeds are named with the figure', () => {
  const seeds = [1, 2, 3].flatMap((seed) =>
    readRecords({ ...cell('plain', [], ['vmi']), seed }, [0.9 + seed / 100, 0.8, 1]),
  );
  expect(verdict([...oracleRecords, ...seeds]).sentences[0]).toContain('3 seeds of 200 rows');
});

test('many defended settings are told by their two ends; one that did not converge is not the least', () => {
  const sweep = [1, 2, 4, 8].flatMap((epsilon) => {
    const at = (attack: readonly string[]) => ({
      ...cell('dp-8', ['dp'], attack),
      sweep: { 'dp.epsilon': epsilon },
    });
    const leak = epsilon / 10;
    const failed = epsilon === 1 ? { residualWorse: 0.5 } : {};
    return [
      ...taskRecords(at([]), [0.8, 0.78, 0.82]),
      ...readRecords(at(['vmi']), [leak, leak - 0.01, leak + 0.01], failed),
    ];
  });
  const [, defended] = verdict([...believed, ...sweep]).sentences;
  expect(defended).toContain(
    'Of 4 defended settings, the one that gives away least is `dp-8` at dp.epsilon 2',
  );
  expect(defended).toContain('the one that gives away most is `dp-8` at dp.epsilon 8');
  expect(defended).toContain('1 of them has no clear answer');
});

test('labels stand beside the larger class, and the biased AUC never enters', () => {
  const [, , labels] = buildReport(inventedRun()).verdict.sentences;
  expect(labels).toBe(
    'From the head-tail gradients, in `head-tail` `server` tells **100 %** of the labels (99.8 to 100 %, 2,000 training rows, by `direct-label`; always naming the larger class gets 69.4 %).',
  );
});

test('of the defended settings the one that tells most of the labels is named', () => {
  const ranked = (pipeline: string, defense: readonly string[], value: number): RunRecord =>
    record({
      cell: cell(pipeline, defense, ['norm-scoring']),
      kind: 'attack',
      goal: 'labels',
      name: 'label-auc',
      at: 'train',
      value,
      low: value - 0.03,
      high: value + 0.02,
      n: 2000,
      data: { adversary: 'curious' },
    });
  const records = [
    ...oracleRecords,
    ranked('plain', [], 0.79),
    ranked('sparsified', ['sparsify'], 0.971),
    ranked('dp-8', ['dp'], 0.81),
  ];
  const [labels] = verdict(records).sentences.slice(-1);
  expect(labels).toMatch(/in `plain` .* \*\*0\.79\*\* .*; in `sparsified` .* \*\*0\.971\*\*/);
  expect(labels).not.toContain('dp-8');
});

test('prompts and answers are told apart', () => {
  const generation = buildReport(inventedRun()).verdict.sentences[3];
  expect(generation).toMatch(
    /100 %\*\* of the prompts’ tokens .* and \*\*90\.4 %\*\* of the answers’ tokens/,
  );
});

test('what the reference counts is never quoted', () => {
  const all = buildReport(inventedRun()).verdict.sentences.join(' ');
  expect(all).not.toContain('reference');
});
