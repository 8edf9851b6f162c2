import type { PipelinePlan, Plan } from '@vflair/core/contract';
import { sortedSweep } from './cells.js';
import { useMetric } from './metrics.js';
import type { Figure, LedgerLine, ReportCell, Sweep } from './report.js';

/** One pipeline at one point of its sweep: what it is good for, what it gives away, what it claims. */
export interface Setting {
  readonly pipeline: string;
  readonly label: string;
  readonly plan: PipelinePlan | undefined;
  readonly defense: readonly string[];
  readonly sweep: Sweep;
  readonly use:
    | { readonly metric: string; readonly figure: Figure; readonly value: number }
    | undefined;
  readonly cells: readonly ReportCell[];
  readonly ledger: readonly LedgerLine[];
}

/** `dp` for a pipeline of that name, `dp (dp.epsilon 8)` at a point of its sweep. */
export function settingLabel(pipeline: string, sweep: Sweep): string {
  const fields = Object.entries(sweep).map(([field, value]) => `${field} ${value}`);
  return fields.length === 0 ? pipeline : `${pipeline} (${fields.join(', ')})`;
}

const settingKey = (item: { readonly pipeline: string; readonly sweep: Sweep }): string =>
  JSON.stringify([item.pipeline, sortedSweep(item.sweep)]);

function useOf(cells: readonly ReportCell[]): Setting['use'] {
  for (const cell of cells) {
    if (cell.attack.length > 0) continue;
    const metric = useMetric(Object.keys(cell.metrics));
    const figure = metric === undefined ? undefined : cell.metrics[metric];
    if (metric !== undefined && figure !== undefined && figure.value !== null) {
      return { metric, figure, value: figure.value };
    }
  }
  return undefined;
}

/** The settings of a run in the order of its cells. */
export function settingsOf(
  plan: Plan,
  cells: readonly ReportCell[],
  ledger: readonly LedgerLine[],
): readonly Setting[] {
  const keys = [...new Set(cells.map(settingKey))];
  return keys.flatMap((key) => {
    const own = cells.filter((cell) => settingKey(cell) === key);
    const [first] = own;
    if (first === undefined) return [];
    const { pipeline, sweep, defense } = first;
    return {
      pipeline,
      label: settingLabel(pipeline, sweep),
      plan: plan.pipelines.find(({ name }) => name === pipeline),
      defense,
      sweep,
      use: useOf(own),
      cells: own,
      ledger: ledger.filter((line) => settingKey(line) === key),
    };
  });
}
