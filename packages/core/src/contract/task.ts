import type { Fields } from './fields.js';
import type { HeadKind } from './module.js';

/** What is learned or done with a model: which head it needs, whether rows carry labels. */
export interface TaskDefinition {
  readonly kind: 'task';
  readonly id: string;
  readonly title: string;
  readonly params: Fields;
  readonly head: HeadKind;
  /** Rows carry a class or number of their own (otherwise the tokens are the labels). */
  readonly labelled: boolean;
  /** Name of the main utility metric. */
  readonly metric: string;
}

/** Completes a task's declaration. */
export function defineTask(task: Omit<TaskDefinition, 'kind'>): TaskDefinition {
  return { ...task, kind: 'task' };
}
