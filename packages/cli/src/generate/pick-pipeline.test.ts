import type { PipelinePlan, Plan } from '@vflair/core/contract';
import { expect, test } from 'vitest';
import { Exit } from '../exit.js';
import { answeringPipeline, withLimit } from './pick-pipeline.js';

const pipeline = (name: string, task: string, owners: readonly string[]): PipelinePlan =>
  ({
    name,
    task: { id: task, params: { 'max-tokens': 10 } },
    slices: owners.map((owner) => ({ owner })),
    work: { kind: 'finetune', method: 'lora', params: { rank: 4 } },
  }) as unknown as PipelinePlan;

const plan: Plan = {
  schema: 1,
  pipelines: [
    pipeline('chat', 'generation', ['client', 'server', 'client']),
    pipeline('sentiment', 'classification', ['client', 'server']),
    pipeline('alone', 'generation', ['client', 'client']),
  ],
};
const heads = new Map([
  ['generation', 'lm'],
  ['classification', 'cls'],
]);

function endOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof Exit) return [error.code, ...error.diagnostics.map(({ code }) => code)];
  }
  return undefined;
}

test('the first pipeline answers, or the named one, with its model as it is', () => {
  expect(answeringPipeline(plan, undefined, heads)).toMatchObject({
    name: 'chat',
    work: { kind: 'infer', params: {} },
  });
  expect(answeringPipeline(plan, 'chat', heads).name).toBe('chat');
});

test('a task with another head and a model that nobody cut are VF586, an unknown name is a wrong use', () => {
  expect(endOf(() => answeringPipeline(plan, 'sentiment', heads))).toEqual([1, 'VF586']);
  expect(endOf(() => answeringPipeline(plan, 'alone', heads))).toEqual([1, 'VF586']);
  expect(endOf(() => answeringPipeline(plan, 'other', heads))).toEqual([2]);
});

test('an answer has as many tokens as are asked for, and no more than the model has room for', () => {
  const chat = answeringPipeline(plan, 'chat', heads);
  const limit = (wanted: number | undefined, used: number): unknown =>
    withLimit(chat, { wanted, used, most: 32 }).task.params['max-tokens'];
  expect([limit(undefined, 4), limit(20, 4), limit(20, 30)]).toEqual([10, 20, 2]);
  expect(endOf(() => limit(1, 32))).toEqual([2, 'VF587']);
  expect(endOf(() => limit(1, 0))).toEqual([2, 'VF587']);
});
