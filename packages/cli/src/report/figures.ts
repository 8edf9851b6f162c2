import type { RunRecord } from '@vflair/core/contract';
import { at } from '@vflair/core/text';
import { factsOf, flagIn, given, numberIn, textIn } from './facts.js';
import type { Figure, TextSpan } from './report.js';
import { meanOverSeeds } from './seeds.js';

/** Figures that cannot leave [0, 1] whatever their interval says; `perplexity` and `mse` are not among them. */
const shares = new Set(['fraction', 'share']);

const spanOf = (value: string | undefined): TextSpan | undefined =>
  value === 'prompt' || value === 'answer' ? value : undefined;

/** What tells two measurements of one metric in one cell apart: static or adaptive, whose, of which text. */
export function variantKey(record: RunRecord): string {
  const data = factsOf(record.data);
  return JSON.stringify([
    flagIn(data, 'adaptive') ?? null,
    textIn(data, 'adversary') ?? '',
    textIn(data, 'span') ?? '',
    numberIn(data, 'use') ?? 0,
  ]);
}

/** Per seed the record of the last step, seeds ascending; an equal fact written twice counts once. */
export function finalPerSeed(records: readonly RunRecord[]): readonly RunRecord[] {
  const bySeed = new Map<number, RunRecord>();
  for (const record of records) {
    const held = bySeed.get(record.cell.seed);
    if (held === undefined || isLater(record, held)) bySeed.set(record.cell.seed, record);
  }
  return [...bySeed.values()].sort((a, b) => a.cell.seed - b.cell.seed);
}

// At equal steps the larger value, so that the order of lines never matters.
const isLater = (a: RunRecord, b: RunRecord): boolean =>
  (a.step ?? 0) === (b.step ?? 0)
    ? (a.value ?? -Infinity) > (b.value ?? -Infinity)
    : (a.step ?? 0) > (b.step ?? 0);

const clipped = (value: number, unit: string | undefined): number =>
  shares.has(unit ?? '') ? Math.min(Math.max(value, 0), 1) : value;

type Interval = Pick<Figure, 'value' | 'low' | 'high' | 'interval'>;

function intervalOf(records: readonly RunRecord[]): Interval {
  const values = records.flatMap((record) => (record.value === null ? [] : [record.value]));
  if (values.length === 0) return { value: null, low: null, high: null, interval: 'none' };
  const unit = at(records, 0).unit;
  if (values.length > 1) {
    const { mean, low, high } = meanOverSeeds(values);
    return {
      value: mean,
      low: low === null ? null : clipped(low, unit),
      high: high === null ? null : clipped(high, unit),
      interval: 'seeds',
    };
  }
  const only = records.find((record) => record.value !== null);
  const low = only?.low ?? null;
  const high = only?.high ?? null;
  const interval = low === null || high === null ? 'none' : 'samples';
  return { value: at(values, 0), low, high, interval };
}

const least = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

const most = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
};

/**
 * One variant of one metric over its seeds: mean and 95 % t interval where there are several seeds, else the record's
 * own interval. `n` and `tokens` are those of the smallest seed; a failed optimiser on any seed makes it a lower bound.
 */
export function figureOf(
  records: readonly RunRecord[],
  baselines: { readonly [name: string]: number },
): Figure {
  const first = at(records, 0);
  const facts = records.map((record) => factsOf(record.data));
  const worst = (key: string): number | undefined => most(facts.map((data) => numberIn(data, key)));
  const data = at(facts, 0);
  const residualWorse = worst('residualWorse');
  const text = records.find((record) => record.text !== undefined)?.text;
  return {
    ...intervalOf(records),
    seeds: records.length,
    n: least(records.map((record) => record.n)) ?? null,
    ...given('tokens', least(records.map((record) => record.tokens))),
    ...given('unit', first.unit),
    atLeast: (residualWorse ?? 0) > 0 || (text?.startsWith('at least') ?? false),
    ...given('adaptive', flagIn(data, 'adaptive')),
    ...given('adversary', textIn(data, 'adversary')),
    ...given('span', spanOf(textIn(data, 'span'))),
    ...given('residualWorse', residualWorse),
    ...given('abstained', worst('abstained')),
    ...given('margin', least(facts.map((each) => numberIn(each, 'margin')))),
    ...given('unkRate', worst('unkRate')),
    ...given('direction', textIn(data, 'direction')),
    ...given('p', worst('p')),
    ...given('text', text),
    baselines,
  };
}
