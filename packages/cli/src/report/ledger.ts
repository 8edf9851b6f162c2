import type { RunRecord } from '@vflair/core/contract';
import { sortedSweep } from './cells.js';
import { type Facts, factsOf, flagIn, numberIn, textIn } from './facts.js';
import { significant } from './numbers.js';
import type { LedgerLine } from './report.js';

const statement = (record: RunRecord, data: Facts): LedgerLine => ({
  pipeline: record.cell.pipeline,
  sweep: sortedSweep(record.cell.sweep),
  defense: textIn(data, 'defense') ?? record.name,
  party: textIn(data, 'party') ?? '',
  point: textIn(data, 'point') ?? '',
  mechanism: textIn(data, 'mechanism') ?? 'none',
  unit: textIn(data, 'unit') ?? '',
  neighbouring: textIn(data, 'neighbouring') ?? '',
  epsilonPerRelease: numberIn(data, 'epsilonPerRelease') ?? null,
  delta: numberIn(data, 'delta') ?? null,
  releases: numberIn(data, 'releases') ?? null,
  epsilon: numberIn(data, 'epsilon') ?? null,
  reason: textIn(data, 'reason') ?? '',
  sensitivity: numberIn(data, 'sensitivity') ?? null,
  scale: numberIn(data, 'scale') ?? null,
  simulated: flagIn(data, 'simulated') ?? true,
  ceiling: numberIn(data, 'ceiling') ?? null,
  audited: numberIn(data, 'audited') ?? null,
});

/** Records of kind `privacy` as ledger lines; seeds that state the same are one line. */
export function ledgerOf(records: readonly RunRecord[]): readonly LedgerLine[] {
  const lines = records
    .filter(({ kind }) => kind === 'privacy')
    .map((record) => statement(record, factsOf(record.data)));
  const once = new Map(lines.map((line) => [JSON.stringify(line), line]));
  return [...once.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
}

/** `ε 8, δ 1e-5 per sequence`, or `none` where nothing is claimed. */
export function claimWords(line: LedgerLine): string {
  if (line.epsilon === null) return 'none';
  const delta = line.delta === null || line.delta === 0 ? '' : `, δ ${significant(line.delta)}`;
  const unit = line.unit === '' ? '' : ` per ${line.unit}`;
  return `ε ${significant(line.epsilon)}${delta}${unit}`;
}

/** The smallest ceiling any claim of these lines puts on the use of what is released. */
export const ceilingOf = (lines: readonly LedgerLine[]): number | undefined => {
  const known = lines.flatMap(({ ceiling }) => (ceiling === null ? [] : [ceiling]));
  return known.length === 0 ? undefined : Math.min(...known);
};
