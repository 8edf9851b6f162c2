import type { Plan } from '@vflair/core/contract';
import { grouped } from '../cells.js';
import { visible } from '../html/markup.js';
import type { Report, TableRow } from '../report.js';
import { axesKey } from '../trade-off.js';

/** One cell on the chart. Shares are 0 to 1. */
export interface ChartPoint {
  readonly name: string;
  readonly attack: string;
  readonly defense: string;
  readonly x: number;
  readonly xLow: number;
  readonly xHigh: number;
  readonly y: number;
  readonly yLow: number;
  readonly yHigh: number;
  readonly atLeast: boolean;
  readonly strongest: boolean;
  readonly pareto: boolean;
}

/** Points that share their axes, with the lines they are to be compared with. */
export interface ChartGroup {
  readonly useMetric: string;
  readonly leakMetric: string;
  readonly points: readonly ChartPoint[];
  /** What guessing reads and what the best trivial use gets; null where nobody measured it. */
  readonly guess: number | null;
  readonly trivial: { readonly name: string; readonly value: number } | null;
  readonly rows: readonly TableRow[];
}

function pointOf(row: TableRow): readonly ChartPoint[] {
  const { utility, leakage } = row;
  if (utility === null || leakage === null) return [];
  return [
    {
      name: visible(row.label),
      attack: visible(row.attack.join(' |> ')),
      defense: row.defense.length === 0 ? 'no defense' : [...new Set(row.defense)].join(' |> '),
      x: utility.value,
      xLow: utility.low ?? utility.value,
      xHigh: utility.high ?? utility.value,
      y: leakage.value,
      yLow: leakage.low ?? leakage.value,
      yHigh: leakage.high ?? leakage.value,
      atLeast: leakage.atLeast,
      strongest: row.strongest,
      pareto: row.pareto,
    },
  ];
}

const largest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
};

function groupOf(rows: readonly TableRow[]): readonly ChartGroup[] {
  const utility = rows[0]?.utility;
  const leakage = rows[0]?.leakage;
  if (utility === undefined || utility === null) return [];
  if (leakage === undefined || leakage === null) return [];
  const trivial = largest(rows.map((row) => row.utility?.guess ?? null));
  return [
    {
      useMetric: utility.metric,
      leakMetric: leakage.metric,
      points: rows.flatMap(pointOf),
      guess: largest(rows.map((row) => row.leakage?.guess ?? null)),
      trivial: trivial === null ? null : { name: utility.guessName, value: trivial },
      rows,
    },
  ];
}

/** The charts a run is worth: token figures on common axes, where there are at least two settings to compare. */
export function chartGroups(report: Report, plan: Plan): readonly ChartGroup[] {
  const rows = report.table.filter(
    ({ utility, leakage }) =>
      utility !== null && leakage?.metric.endsWith('positional-accuracy') === true,
  );
  return [...grouped(rows, (row) => axesKey(plan, row)).values()]
    .filter((group) => new Set(group.map(({ label }) => label)).size > 1)
    .flatMap(groupOf);
}

/** Names of all attacks of a report in alphabetical order: their places are their colours, on every chart of the page. */
export const attackNames = (report: Report): readonly string[] =>
  [...new Set(report.table.map(({ attack }) => visible(attack.join(' |> '))))]
    .filter((name) => name !== '')
    .sort();

/** Names of all defenses: their places are their shapes. */
export const defenseNames = (report: Report): readonly string[] => [
  'no defense',
  ...[
    ...new Set(
      report.table.flatMap(({ defense }) =>
        defense.length === 0 ? [] : [[...new Set(defense)].join(' |> ')],
      ),
    ),
  ].sort(),
];
