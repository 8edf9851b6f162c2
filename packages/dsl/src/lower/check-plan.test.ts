import type { Plan } from '@vflair/core/contract';
import { expect, test } from 'vitest';
import { compile } from '../compile.js';
import { testCatalog } from '../testing/catalog.js';
import { textAround } from '../testing/example.js';
import { checkPlan } from './check-plan.js';

/** A compiled plan with training, a defense and an attack, as it comes from a file. */
function examplePlan(): Plan {
  const text = textAround(`defend head -> body with clip { norm 10 }
adversary curious at server {
  knows architecture, tokenizer, pretrained head
  sees activations, gradients
}
attack curious with vmi on test { samples 4 }`);
  const { plan, diagnostics } = compile({
    source: { name: 'example.vflair', text },
    catalog: testCatalog,
  });
  expect(diagnostics).toEqual([]);
  return JSON.parse(JSON.stringify(plan));
}

const codesOf = (value: unknown): string[] =>
  checkPlan(value, testCatalog).diagnostics.map(({ code }) => code);

test('a compiled plan is what it was', () => {
  const plan = examplePlan();
  expect(checkPlan(plan, testCatalog)).toEqual({ plan, diagnostics: [] });
});

test('a parameter that was left out gets its default, or is asked for where there is none', () => {
  const plan = examplePlan();
  const use = plan.pipelines[1]?.attacks[0]?.chain[0];
  expect(Object.keys(use?.params ?? {})).not.toEqual([]);
  const shorter = structuredClone(plan);
  Object.assign(shorter.pipelines[1]?.attacks[0]?.chain[0] ?? {}, { params: {} });
  expect(checkPlan(shorter, testCatalog).plan).toEqual(plan);
  Object.assign(shorter.pipelines[1]?.defenses[0]?.chain[0] ?? {}, { params: {} });
  const [finding] = checkPlan(shorter, testCatalog).diagnostics;
  expect(finding).toMatchObject({ code: 'VF508' });
  expect(finding?.message).toContain('defense `clip` needs the parameter `norm`');
});

test('what is checked is not changed', () => {
  const plan = examplePlan();
  Object.assign(plan.pipelines[1]?.attacks[0]?.chain[0] ?? {}, { params: {} });
  const before = JSON.stringify(plan);
  checkPlan(plan, testCatalog);
  expect(JSON.stringify(plan)).toBe(before);
});

test.each([null, 3, 'plan', [], {}, { schema: 2, pipelines: [] }, { schema: 1, pipelines: [{}] }])(
  '%j is no plan',
  (value) => {
    expect(codesOf(value)).toEqual(['VF507']);
  },
);
