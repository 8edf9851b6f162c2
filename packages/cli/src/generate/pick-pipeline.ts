import type { PipelinePlan, Plan } from '@vflair/core/contract';
import { numberOf } from '@vflair/core/run';
import type { Diagnostic } from '@vflair/core/text';
import { Exit, exitCodes } from '../exit.js';

/** VF586: a pipeline that gives no private answers. */
const givesNoAnswers = (name: string, why: string): Diagnostic => ({
  code: 'VF586',
  severity: 'error',
  message: `pipeline \`${name}\` can't answer a prompt: ${why}`,
  hint: 'write `task generation { … }` and cut a causal language model into the slices of two parties, or choose another pipeline with `--pipeline`',
});

/** VF587: a prompt that can't be given to the model; a wrong use of the command. */
export const promptRefused = (message: string, hint: string): Exit =>
  new Exit(exitCodes.usage, '', [{ code: 'VF587', severity: 'error', message, hint }]);

/**
 * The pipeline of that name (the first without a name) as it answers: its model as it is, however it would be trained.
 * Ends with code 1 and VF586 where its task needs no causal language model, or where one party has all of the model;
 * with code 2 where no pipeline has the name.
 */
export function answeringPipeline(
  { pipelines }: Plan,
  name: string | undefined,
  heads: ReadonlyMap<string, string>,
): PipelinePlan {
  const [first] = pipelines;
  const found = name === undefined ? first : pipelines.find((pipeline) => pipeline.name === name);
  if (!found) {
    const names = pipelines.map((pipeline) => `\`${pipeline.name}\``).join(', ');
    throw new Exit(exitCodes.usage, `there is no pipeline \`${name}\`; the file has ${names}`);
  }
  const { task, slices } = found;
  const refuse = (why: string): never => {
    throw new Exit(exitCodes.findings, '', [givesNoAnswers(found.name, why)]);
  };
  if (heads.get(task.id) !== 'lm')
    refuse(`its task \`${task.id}\` is not one of a causal language model`);
  if (new Set(slices.map(({ owner }) => owner)).size < 2)
    refuse('one party has the whole model, so nothing is cut');
  return { ...found, work: { kind: 'infer', params: {} } };
}

/**
 * The pipeline with room for at most `wanted` new tokens (what its task says when undefined) after a prompt of `used`
 * ones, `most` in all. Ends with code 2 and VF587 for a prompt without tokens or without room for an answer.
 */
export function withLimit(
  pipeline: PipelinePlan,
  { wanted, used, most }: { wanted: number | undefined; used: number; most: number },
): PipelinePlan {
  const { task } = pipeline;
  if (used === 0)
    throw promptRefused('the prompt has no token', 'write something after `--prompt`');
  if (used >= most)
    throw promptRefused(
      `the prompt has ${used} tokens, and the model takes ${most} with its answer`,
      'shorten it',
    );
  const limit = Math.min(wanted ?? numberOf(task.params, 'max-tokens', 32), most - used);
  return { ...pipeline, task: { ...task, params: { ...task.params, 'max-tokens': limit } } };
}
