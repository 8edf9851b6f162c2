import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  type Hosts,
  type RunContext,
  RunFolder,
  type RunOutcome,
  recordLine,
  recordsDigest,
  runPlan,
} from '@vflair/core/run';
import { canonicalJson, type Diagnostic } from '@vflair/core/text';
import { planDigest } from '@vflair/dsl';
import { Exit, exitCodes } from './exit.js';
import { changedInput, type Inputs, type Prepared } from './inputs.js';
import { onnxruntimeVersion, ownVersion } from './own-version.js';
import { fileDigests, machineClass, type RunDigests } from './run-folder.js';
import type { Terminal } from './terminal/terminal.js';

/** Where and how a plan is executed. */
export interface Execution {
  /** Folder of the run. */
  readonly root: string;
  readonly jobs: number;
  readonly terminal: Terminal;
  readonly hosts: Hosts;
}

/** What `lock.json` holds. */
export interface Lock extends RunDigests {
  readonly schema: 1;
  readonly resolved: Inputs;
}

/** What a run began with, kept while it isn't finished. */
interface Origin {
  /** Folder that relative names in the plan begin at. */
  readonly base: string;
  readonly inputs: Inputs;
}

/** VF571: a run can't go on with other inputs than it began with. */
const inputsChanged = (root: string, changed: string): Diagnostic => ({
  code: 'VF571',
  severity: 'error',
  message: `the run in \`${root}\` began with another ${changed}`,
  hint: 'start over with `--again`, or choose another folder with `--out`',
});

/** Executes a plan in a folder and writes records, transcript index and lock. What was finished there before is not done again. */
export async function execute(
  prepared: Prepared,
  execution: Execution,
): Promise<RunOutcome & { readonly lock: Lock }> {
  const { plan, places, inputs } = prepared;
  const { root, jobs } = execution;
  const folder = new RunFolder(root);
  await folder.sweep();
  const origin = await folder.load<Origin>('stages', 'origin.json');
  const changed = origin && changedInput(origin.inputs, inputs);
  if (changed !== undefined) throw new Exit(exitCodes.usage, '', [inputsChanged(root, changed)]);
  await folder.write(canonicalJson(plan), 'plan.json');
  await folder.save({ base: places.base, inputs } satisfies Origin, 'stages', 'origin.json');
  const outcome = await runPlan(contextOf(prepared, execution), plan, jobs);
  await folder.write(
    outcome.records.map((record) => `${recordLine(record)}\n`).join(''),
    'records.jsonl',
  );
  const lock = await lockOf(prepared, outcome, folder);
  await folder.write(`${JSON.stringify(lock, null, 2)}\n`, 'lock.json');
  return { ...outcome, lock };
}

/** What the parts of a run work with. */
export function contextOf(
  { plan, library, places }: Prepared,
  { root, jobs, terminal, hosts }: Execution,
): RunContext {
  return {
    library,
    hosts,
    places,
    folder: new RunFolder(root),
    threads: Math.max(1, Math.floor(os.availableParallelism() / jobs)),
    planDigest: planDigest(plan),
    progress: terminal.progress,
    say: terminal.say,
  };
}

async function lockOf(
  { plan, inputs, devices }: Prepared,
  { transcriptDigest, records }: RunOutcome,
  folder: RunFolder,
): Promise<Lock> {
  return {
    schema: 1,
    plan: planDigest(plan),
    resolved: inputs,
    ...{
      versions: { node: process.version, onnxruntime: onnxruntimeVersion(), vflair: ownVersion() },
      machine: machineClass(),
      devices,
      seeds: [...new Set(plan.pipelines.map(({ seed }) => seed))],
    },
    files: await fileDigests(folder),
    transcriptDigest,
    recordsDigest: recordsDigest(records),
  };
}

/** Folder that relative names in the plan of a run begin at; the current one where it isn't known. */
export async function baseOf(folder: RunFolder): Promise<string> {
  return (await folder.load<Origin>('stages', 'origin.json'))?.base ?? '.';
}

/** What a run writes. */
const ownNames = [
  'lock.json',
  'records.jsonl',
  'report.html',
  'report.md',
  'report.json',
  'stages',
  'transcript',
  'artifacts',
  'attacks',
  // Last: a folder without it is no run that could be gone on with.
  'plan.json',
] as const;

/** Whether a folder holds anything a run would write over. */
export function holdsOwnNames(root: string): boolean {
  return ownNames.some((name) => existsSync(path.join(root, name)));
}

/** Empties a run's folder. */
export async function clearFolder(root: string): Promise<void> {
  for (const name of ownNames) {
    await rm(path.join(root, name), { recursive: true, force: true });
  }
}
