import type { RunRecord } from '@vflair/core/contract';
import { sortedSweep } from './cells.js';
import { type Facts, factsOf, textIn } from './facts.js';
import type { ExampleToken, Profile, ReportExample } from './report.js';
import { settingLabel } from './settings.js';

const listIn = (data: Facts, key: string): readonly unknown[] => {
  const value = data[key];
  return Array.isArray(value) ? value : [];
};

const words = (value: unknown): string => (typeof value === 'string' ? value : '');

const statusOf = (value: unknown): ExampleToken['status'] =>
  value === 'right' || value === 'special' ? value : 'wrong';

const ruleOf = (value: unknown): ReportExample['rule'] =>
  value === 'worst' || value === 'best' ? value : 'median';

const attackName = (record: RunRecord): string =>
  record.cell.attack.length > 0 ? record.cell.attack.join(' |> ') : record.name;

function exampleOf(record: RunRecord): ReportExample {
  const data = factsOf(record.data);
  const recovered = listIn(data, 'recovered');
  const status = listIn(data, 'status');
  const marked = listIn(data, 'private');
  const span = data.span;
  const row = data.row;
  return {
    pipeline: record.cell.pipeline,
    label: settingLabel(record.cell.pipeline, sortedSweep(record.cell.sweep)),
    attack: textIn(data, 'attack') ?? attackName(record),
    rule: ruleOf(data.rule),
    split: textIn(data, 'split') ?? record.at ?? 'test',
    row: typeof row === 'string' || typeof row === 'number' ? String(row) : '',
    span: span === 'prompt' || span === 'answer' ? span : null,
    tokens: listIn(data, 'original').map((original, index) => ({
      original: words(original),
      recovered: words(recovered[index]),
      status: statusOf(status[index]),
      private: marked[index] === true,
    })),
  };
}

const ruleOrder = ['best', 'median', 'worst'];

/** Records of kind `example`, the first seed's only: one text per setting, attack, span and rule, the best read first. */
export function examplesOf(records: readonly RunRecord[]): readonly ReportExample[] {
  const found = records
    .filter(({ kind }) => kind === 'example')
    .sort((a, b) => a.cell.seed - b.cell.seed || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    .map(exampleOf);
  const first = new Map<string, ReportExample>();
  for (const example of found) {
    const key = JSON.stringify([example.label, example.attack, example.span, example.rule]);
    if (!first.has(key)) first.set(key, example);
  }
  const rank = (example: ReportExample): string =>
    JSON.stringify([example.attack, example.span, ruleOrder.indexOf(example.rule)]);
  return [...first.values()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** How much of an example's text was read: right tokens among those that are not special. */
export function shareRead({ tokens }: Pick<ReportExample, 'tokens'>): {
  readonly right: number;
  readonly of: number;
} {
  const own = tokens.filter(({ status }) => status !== 'special');
  return { right: own.filter(({ status }) => status === 'right').length, of: own.length };
}

function pointOf(value: unknown): readonly Profile['points'][number][] {
  const data = factsOf(value);
  const place = data.at;
  if (typeof place !== 'string' && typeof place !== 'number') return [];
  if (typeof data.value !== 'number' || !Number.isFinite(data.value)) return [];
  const number = (item: unknown): number | null =>
    typeof item === 'number' && Number.isFinite(item) ? item : null;
  return [
    {
      at: String(place),
      value: data.value,
      low: number(data.low),
      high: number(data.high),
      n: number(data.n),
    },
  ];
}

/** Notes named `profile`: one metric along blocks, positions, token classes, training or decoding; the first seed's only. */
export function profilesOf(records: readonly RunRecord[]): readonly Profile[] {
  const found = records
    .filter(({ kind, name }) => kind === 'note' && name === 'profile')
    .sort((a, b) => a.cell.seed - b.cell.seed || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const first = new Map<string, Profile>();
  for (const record of found) {
    const data = factsOf(record.data);
    const profile: Profile = {
      pipeline: record.cell.pipeline,
      label: settingLabel(record.cell.pipeline, sortedSweep(record.cell.sweep)),
      attack: attackName(record),
      metric: record.of ?? textIn(data, 'metric') ?? 'positional-accuracy',
      axis: textIn(data, 'axis') ?? '',
      points: listIn(data, 'points').flatMap(pointOf),
    };
    const key = JSON.stringify([profile.label, profile.attack, profile.metric, profile.axis]);
    if (profile.points.length > 0 && !first.has(key)) first.set(key, profile);
  }
  return [...first.values()];
}
