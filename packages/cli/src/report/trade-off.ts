import type { Plan } from '@vflair/core/contract';
import { grouped } from './cells.js';
import { bareMetric, isSmallerBetter, tableFigure } from './metrics.js';
import { labelsRead, tokensRead } from './readings.js';
import type { Figure, TableFigure, TableRow } from './report.js';
import type { Setting } from './settings.js';

/** Metrics a row of the table may show as leakage. */
const leaks = ['positional-accuracy', 'label-accuracy', 'label-auc'];

type Leakage = NonNullable<TableRow['leakage']>;

function leakageOf(metric: string, figure: Figure): Leakage | undefined {
  const shown = tableFigure(metric, figure);
  return shown === undefined
    ? undefined
    : { ...shown, atLeast: figure.atLeast, adaptive: figure.adaptive ?? null };
}

function rowsOf(setting: Setting): readonly TableRow[] {
  const { pipeline, label, defense, sweep } = setting;
  const utility =
    setting.use === undefined
      ? null
      : (tableFigure(setting.use.metric, setting.use.figure) ?? null);
  const base = { pipeline, label, defense, sweep, utility, pareto: false };
  const strongest = [tokensRead(setting), labelsRead(setting)];
  const attacked = setting.cells.flatMap((cell) =>
    Object.entries(cell.metrics).flatMap(([metric, figure]) => {
      if (cell.attack.length === 0 || !leaks.includes(bareMetric(metric))) return [];
      const leakage = leakageOf(metric, figure);
      const isStrongest = strongest.some(
        (best) => best?.metric === metric && best.attack === cell.attack,
      );
      return leakage === undefined
        ? []
        : [{ ...base, attack: cell.attack, leakage, strongest: isStrongest }];
    }),
  );
  if (attacked.length > 0) return attacked;
  return [{ ...base, attack: [], leakage: null, strongest: false }];
}

/** Which rows belong on one pair of axes: same model, data and task, same measures of use and leakage. */
export function axesKey(plan: Plan, { pipeline, utility, leakage }: TableRow): string {
  const { model, data, task } = plan.pipelines.find(({ name }) => name === pipeline) ?? {};
  return JSON.stringify([model?.ref, data?.ref, task?.id, utility?.metric, leakage?.metric]);
}

const asGood = (a: TableFigure, b: TableFigure): boolean =>
  isSmallerBetter(a.metric) ? a.value <= b.value : a.value >= b.value;

const comparable = (row: TableRow): boolean =>
  row.strongest && row.leakage !== null && row.utility !== null && !row.leakage.atLeast;

// b dominates a: at least as good in both, and not the same in both.
function dominates(b: TableRow, a: TableRow): boolean {
  if (a.utility === null || b.utility === null || a.leakage === null || b.leakage === null) {
    return false;
  }
  const same = b.utility.value === a.utility.value && b.leakage.value === a.leakage.value;
  return !same && asGood(b.utility, a.utility) && b.leakage.value <= a.leakage.value;
}

/**
 * Rows of the table with the Pareto set marked: among the strongest attacks of each setting on common axes. A figure
 * that is only a lower bound of the leak takes no part: a failed optimiser is no defense.
 */
export function tableOf(settings: readonly Setting[], plan: Plan): readonly TableRow[] {
  const rows = settings.flatMap(rowsOf);
  const groups = grouped(rows.filter(comparable), (row) => axesKey(plan, row));
  const best = new Set(
    [...groups.values()].flatMap((group) =>
      group.filter((row) => !group.some((other) => dominates(other, row))),
    ),
  );
  return rows.map((row) => ({ ...row, pareto: best.has(row) }));
}
