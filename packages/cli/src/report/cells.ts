import type { RunRecord } from '@vflair/core/contract';
import { at } from '@vflair/core/text';
import { figureOf, finalPerSeed, variantKey } from './figures.js';
import type { Figure, ReportCell, Sweep } from './report.js';

/** Values in the order they first appear, by a key. */
export function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** A sweep with its fields in alphabetical order, so that equal sweeps have equal text. */
export const sortedSweep = (sweep: Sweep): Sweep =>
  Object.fromEntries(Object.entries(sweep).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The identity of a cell: everything but the seed. */
export const cellKey = ({ cell }: Pick<RunRecord, 'cell'>): string =>
  JSON.stringify([cell.pipeline, cell.defense, cell.attack, sortedSweep(cell.sweep)]);

/** `accuracy` on test, `train/accuracy` elsewhere. */
const metricKey = (split: string | undefined, name: string): string =>
  split === undefined || split === 'test' ? name : `${split}/${name}`;

/** Baselines of one figure: per name the mean over seeds; a name written twice for a seed counts with its larger value. */
function baselinesOf(records: readonly RunRecord[]): { readonly [name: string]: number } {
  const named = [...grouped(records, (record) => record.name)].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    named.flatMap(([name, group]) => {
      const values = finalPerSeed(group).flatMap(({ value }) => (value === null ? [] : [value]));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.length === 0 ? [] : [[name, mean]];
    }),
  );
}

/** The largest of the variants stands for the metric: a verdict quotes the maximum over static and adaptive. */
function strongest(variants: readonly Figure[]): Figure {
  const sorted = [...variants].sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
  return variants.length === 1 ? at(variants, 0) : { ...at(sorted, 0), variants: sorted };
}

function metricsOf(
  facts: readonly RunRecord[],
  baselines: readonly RunRecord[],
): ReportCell['metrics'] {
  const byMetric = [...grouped(facts, (fact) => metricKey(fact.at, fact.name))];
  return Object.fromEntries(
    byMetric.map(([metric, records]) => {
      const beside = baselines.filter((base) => metricKey(base.at, base.of ?? '') === metric);
      const variants = [...grouped(records, variantKey)].sort(([a], [b]) => (a < b ? -1 : 1));
      const figures = variants.map(([variant, group]) => {
        const own = beside.filter((base) => variantKey(base) === variant);
        return figureOf(finalPerSeed(group), baselinesOf(own.length > 0 ? own : beside));
      });
      return [metric, strongest(figures)];
    }),
  );
}

/** The records of kinds `task`, `attack` and `baseline` as cells; the order of the records makes no difference. */
export function cellsOf(records: readonly RunRecord[]): readonly ReportCell[] {
  const facts = records.filter(({ kind }) => kind === 'task' || kind === 'attack');
  const baselines = grouped(
    records.filter(({ kind }) => kind === 'baseline'),
    cellKey,
  );
  return [...grouped(facts, cellKey)].map(([key, group]) => {
    const { pipeline, defense, attack, sweep } = at(group, 0).cell;
    const sorted = [...group].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return {
      pipeline,
      defense,
      attack,
      sweep: sortedSweep(sweep),
      seeds: [...new Set(group.map((fact) => fact.cell.seed))].sort((a, b) => a - b),
      metrics: metricsOf(sorted, baselines.get(key) ?? []),
    };
  });
}
