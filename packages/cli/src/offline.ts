import path from 'node:path';
import type { PipelinePlan, Plan } from '@vflair/core/contract';
import { type Stage, stagesOf } from '@vflair/core/run';
import { canonicalJson, type Diagnostic } from '@vflair/core/text';

/** Names of files a pipeline was written with in folder `from`, as they are written in folder `to`. */
export function moveBase(pipeline: PipelinePlan, from: string, to: string): PipelinePlan {
  const moved = (name: string): string => {
    if (path.isAbsolute(name)) return name;
    const relative = path.relative(to, path.resolve(from, name)).split(path.sep).join('/');
    return relative.startsWith('.') ? relative : `./${relative}`;
  };
  const { model, data } = pipeline;
  const isFile = data.kind === 'file';
  return {
    ...pipeline,
    model:
      model.kind === 'folder' || model.kind === 'file'
        ? { ...model, ref: moved(model.ref) }
        : model,
    data: {
      ...data,
      ref: isFile ? moved(data.ref) : data.ref,
      testFile: data.testFile === null ? null : moved(data.testFile),
    },
    adversaries: pipeline.adversaries.map((adversary) => {
      const { auxiliary } = adversary;
      return auxiliary?.kind === 'file'
        ? { ...adversary, auxiliary: { ...auxiliary, ref: moved(auxiliary.ref) } }
        : adversary;
    }),
  };
}

/** VF584: a pipeline whose victim the run did not have. */
const otherVictim = (pipeline: PipelinePlan, differs: readonly string[]): Diagnostic => ({
  code: 'VF584',
  severity: 'error',
  message: `the run has no pipeline that computes what \`${pipeline.name}\` does: \`${differs.join('`, `')}\` differ`,
  hint: 'write the attacks into a pipeline that `extends` the one that was run, and change nothing else',
});

const victimParts = [
  'seed',
  'model',
  'data',
  'task',
  'parties',
  'slices',
  'work',
  'defenses',
] as const;

/** A stage of a text, and the pipeline of a run that has the same victim. */
export interface SharedStage {
  readonly stage: Stage;
  readonly ran: string;
}

/** The stages of `plan`, all of them stages of `run`; VF584 for each that is not. */
export function sharedStages(
  plan: Plan,
  run: Plan,
): { readonly shared: readonly SharedStage[]; readonly diagnostics: readonly Diagnostic[] } {
  const ran = new Map(stagesOf(run).map(({ key, pipeline }) => [key, pipeline.name]));
  const shared: SharedStage[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const stage of stagesOf(plan)) {
    const name = ran.get(stage.key);
    if (name === undefined)
      diagnostics.push(otherVictim(stage.pipeline, differing(stage.pipeline, run)));
    else shared.push({ stage, ran: name });
  }
  return { shared, diagnostics };
}

/** In what a pipeline differs from the most similar one of the run. */
function differing(pipeline: PipelinePlan, { pipelines }: Plan): readonly string[] {
  const lists = pipelines.map((other) =>
    victimParts.filter((part) => canonicalJson(pipeline[part]) !== canonicalJson(other[part])),
  );
  return lists.sort((a, b) => a.length - b.length)[0] ?? [];
}
