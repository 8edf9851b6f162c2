import { createHash } from 'node:crypto';
import type { AttackPlan, PipelinePlan, Plan } from '../contract/index.js';
import { canonicalJson } from '../text/index.js';

/** Work that pipelines of one plan may share: one victim (model, data, training, defenses), once. */
export interface Stage {
  readonly key: string;
  /** The pipeline that stands for the stage: the first that has it. */
  readonly pipeline: PipelinePlan;
  /** All pipelines that share it. */
  readonly members: readonly PipelinePlan[];
}

/** First 16 hexadecimal digits of the SHA-256 of a value. */
export function shortDigest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}

/** What of a pipeline its victim depends on: everything but who attacks it and what is shown. */
function victimOf({ seed, model, data, task, parties, slices, work, defenses }: PipelinePlan) {
  return { seed, model, data, task, parties, slices, work, defenses };
}

/** The distinct victims of a plan, in the order they first appear. */
export function stagesOf(plan: Plan): Stage[] {
  const groups = Map.groupBy(plan.pipelines, (pipeline) => shortDigest(victimOf(pipeline)));
  return [...groups].flatMap(([key, members]) => {
    const [pipeline] = members;
    return pipeline ? [{ key, pipeline, members }] : [];
  });
}

/** Identity of an attack within its stage: what it does, on which rows, with which grants. */
export function attackKey(pipeline: PipelinePlan, attack: AttackPlan): string {
  const adversary = pipeline.adversaries.find(({ name }) => name === attack.adversary);
  return shortDigest({ attack, adversary, index: pipeline.attacks.indexOf(attack) });
}
