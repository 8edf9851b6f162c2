import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildReport } from './build-report.js';
import { inventedPlan } from './invented-plan.test.helper.js';
import { cell, readRecords, taskRecords } from './invented-records.test.helper.js';
import { inventedRun } from './invented-run.test.helper.js';

const names = ['plain', 'sparsified', 'dp-8', 'dp-512'];
const share = fc.integer({ min: 1, max: 99 }).map((value) => value / 100);
const settings = fc.array(fc.record({ use: share, leak: share, failed: fc.boolean() }), {
  minLength: names.length,
  maxLength: names.length,
});

const tableOf = (drawn: readonly { use: number; leak: number; failed: boolean }[]) =>
  buildReport(
    inventedRun({
      records: drawn.flatMap(({ use, leak, failed }, index) => {
        const name = names[index] ?? '';
        const defense = index === 0 ? [] : ['dp'];
        return [
          ...taskRecords(cell(name, defense), [use, use - 0.01, use + 0.01]),
          ...readRecords(
            cell(name, defense, ['vmi']),
            [leak, leak, leak],
            failed ? { residualWorse: 0.5 } : {},
          ),
        ];
      }),
    }),
  ).table;

test('a row is in the Pareto set exactly when no converged row beats it in one and equals it in the other', () => {
  fc.assert(
    fc.property(settings, (drawn) => {
      const held = drawn.filter(({ failed }) => !failed);
      const free = drawn.map(
        (a) =>
          !a.failed &&
          !held.some(
            (b) => b.use >= a.use && b.leak <= a.leak && (b.use > a.use || b.leak < a.leak),
          ),
      );
      expect(tableOf(drawn).map(({ pareto }) => pareto)).toEqual(free);
    }),
    { numRuns: 60 },
  );
});

test('only the strongest attack of a setting stands for it', () => {
  const { table } = buildReport(inventedRun());
  const plain = table.filter(({ pipeline }) => pipeline === 'plain');
  expect(plain.map(({ attack, strongest }) => [attack[0], strongest])).toEqual([
    ['learned-inversion', false],
    ['vmi', true],
  ]);
});

test('every setting of the plan that was measured has a row', () => {
  const { table } = buildReport(inventedRun());
  expect([...new Set(table.map(({ pipeline }) => pipeline))]).toEqual(
    inventedPlan.pipelines.map(({ name }) => name),
  );
});
