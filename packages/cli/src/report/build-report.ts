import type { Plan, RunRecord } from '@vflair/core/contract';
import { cellsOf } from './cells.js';
import { bytesOf, timingsOf } from './cost.js';
import { examplesOf, profilesOf } from './examples.js';
import { ledgerOf } from './ledger.js';
import type { Report, ReportCell, ReportNote, ReportOracle, RunLock } from './report.js';
import { settingsOf } from './settings.js';
import { threatOf } from './threat.js';
import { tableOf } from './trade-off.js';
import { isBelieved, verdictOf } from './verdict/verdict.js';

/** What a run folder holds: `plan.json` and its digest, `lock.json` if there is one, `records.jsonl`. */
export interface RunFacts {
  readonly plan: Plan;
  readonly planDigest: string;
  readonly lock: RunLock | undefined;
  readonly records: readonly RunRecord[];
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

// Pipelines in the order of the Plan; one it does not name comes last.
const pipelineRank = (plan: Plan, name: string): number => {
  const index = plan.pipelines.findIndex((pipeline) => pipeline.name === name);
  return index === -1 ? plan.pipelines.length : index;
};

const inPlanOrder = <T>(plan: Plan, values: { readonly [pipeline: string]: T }) =>
  Object.fromEntries(
    Object.entries(values).sort(([a], [b]) => pipelineRank(plan, a) - pipelineRank(plan, b)),
  );

function sortedCells(plan: Plan, cells: readonly ReportCell[]): readonly ReportCell[] {
  return [...cells].sort(
    (a, b) =>
      pipelineRank(plan, a.pipeline) - pipelineRank(plan, b.pipeline) ||
      byText(a.pipeline, b.pipeline) ||
      bySweep(a, b) ||
      a.attack.length - b.attack.length ||
      byText(a.attack.join(' '), b.attack.join(' ')),
  );
}

// Numbers by size, the rest as text: `epsilon 8` before `epsilon 16`.
function bySweep(a: ReportCell, b: ReportCell): number {
  for (const [field, value] of Object.entries(a.sweep)) {
    const other = b.sweep[field];
    if (typeof value === 'number' && typeof other === 'number' && value !== other) {
      return value - other;
    }
    if (value !== other) return byText(String(value), String(other));
  }
  return byText(JSON.stringify(a.defense), JSON.stringify(b.defense));
}

function oraclesOf(plan: Plan, records: readonly RunRecord[]): readonly ReportOracle[] {
  return records
    .filter(({ kind }) => kind === 'oracle')
    .map((record) => ({
      name: record.name,
      value: record.value,
      bound: record.bound ?? null,
      ok: record.ok === true,
      pipeline: record.cell.pipeline,
      seed: record.cell.seed,
      ...(record.text === undefined ? {} : { text: record.text }),
    }))
    .sort(
      (a, b) =>
        Number(a.ok) - Number(b.ok) ||
        pipelineRank(plan, a.pipeline) - pipelineRank(plan, b.pipeline) ||
        byText(a.name, b.name) ||
        byText(JSON.stringify(a), JSON.stringify(b)),
    );
}

function notesOf(records: readonly RunRecord[]): readonly ReportNote[] {
  const notes = records
    .filter(({ kind, name, text }) => kind === 'note' && name !== 'profile' && text !== undefined)
    .map(({ name, cell, text }) => ({ name, pipeline: cell.pipeline, text: text ?? '' }));
  const once = new Map(notes.map((note) => [JSON.stringify(note), note]));
  return [...once.entries()].sort(([a], [b]) => byText(a, b)).map(([, note]) => note);
}

/** `What server reads when gpt2 is split`. */
function aboutOf({ pipelines }: Plan): Report['about'] {
  return pipelines
    .filter(({ about }) => about !== '')
    .map(({ name, about }) => ({ pipeline: pipelines.length > 1 ? name : null, text: about }));
}

function titleOf(plan: Plan): string {
  const models = [
    ...new Set(plan.pipelines.map(({ model }) => model.ref.split('/').at(-1) ?? model.ref)),
  ];
  const readers = plan.pipelines.flatMap(({ adversaries }) => adversaries.map(({ at }) => at));
  const model = models.length > 2 ? `${models.length} models` : models.join(' and ');
  const verb = models.length > 1 ? 'are' : 'is';
  const [first] = readers;
  const same = readers.every((reader) => reader === first);
  if (first === undefined) return `A split run of ${model}`;
  return `What ${same ? first : 'the parties'} ${same ? 'reads' : 'read'} when ${model} ${verb} split`;
}

const digestNames = ['transcriptDigest', 'recordsDigest'];

function digestsOf(planDigest: string, lock: RunLock | undefined): Report['digests'] {
  const known = digestNames.flatMap((name) => {
    const value = lock?.[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return Object.fromEntries([['plan', planDigest], ...known]);
}

/** Duplicate lines (a fact written again after an interruption) count once. */
const distinct = (records: readonly RunRecord[]): readonly RunRecord[] => [
  ...new Map(records.map((record) => [JSON.stringify(record), record])).values(),
];

/**
 * `report.json`: a pure function of what a run folder holds, the same for every order of its records. An unfinished
 * run gives a report of what is there, not believed while no check has been written.
 */
export function buildReport({ plan, planDigest, lock, records: lines }: RunFacts): Report {
  const records = distinct(lines);
  const cells = sortedCells(plan, cellsOf(records));
  const ledger = ledgerOf(records).toSorted(
    (a, b) => pipelineRank(plan, a.pipeline) - pipelineRank(plan, b.pipeline),
  );
  const settings = settingsOf(plan, cells, ledger);
  const oracles = oraclesOf(plan, records);
  const bytes = inPlanOrder(plan, bytesOf(records));
  return {
    schema: 1,
    plan: planDigest,
    believed: isBelieved(oracles),
    oracles,
    cells,
    table: tableOf(settings, plan),
    timings: inPlanOrder(plan, timingsOf(records)),
    bytes,
    verdict: verdictOf({ plan, settings, oracles }),
    title: titleOf(plan),
    about: aboutOf(plan),
    threat: threatOf(plan, bytes, settings),
    ledger,
    examples: examplesOf(records),
    profiles: profilesOf(records),
    notes: notesOf(records),
    digests: digestsOf(planDigest, lock),
  };
}
