import type { AttackPlan, Cell, PipelinePlan, RunRecord } from '../contract/index.js';
import type { Measured } from '../judge/index.js';

/** The cell of a pipeline's own figures, or of one attack on it. */
export function cellOf(pipeline: PipelinePlan, attack?: AttackPlan): Cell {
  return {
    pipeline: pipeline.name,
    defense: pipeline.defenses.flatMap(({ chain }) => chain.map(({ id }) => id)),
    attack: attack ? attack.chain.map(({ id }) => id) : [],
    seed: pipeline.seed,
    sweep: {},
  };
}

/** A record of `plan`, keys in the order of the schema. */
export function makeRecord(
  plan: string,
  cell: Cell,
  fact: Omit<RunRecord, 'schema' | 'plan' | 'cell'>,
): RunRecord {
  return { schema: 1, plan, cell, ...fact };
}

/** A measured figure as a record: a baseline when it stands beside a metric. */
export function measuredRecord(
  plan: string,
  cell: Cell,
  measured: Measured,
  extra: Pick<RunRecord, 'at' | 'data'> & { readonly kind: 'attack' | 'task' },
): RunRecord {
  const { name, of, goal, value, low, high, n, tokens, unit, text } = measured;
  const { kind, ...rest } = extra;
  return makeRecord(plan, cell, {
    kind: of === undefined ? kind : 'baseline',
    name,
    ...(of === undefined ? {} : { of }),
    goal: goal === 'label-scores' ? 'labels' : goal,
    value,
    low,
    high,
    n,
    ...(tokens === undefined ? {} : { tokens }),
    unit,
    ...(text ? { text } : {}),
    ...rest,
  });
}
