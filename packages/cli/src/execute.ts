import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Plan } from '@vflair/core/contract';
import { type Hosts, type Places, recordLine, recordsDigest, RunFolder, type RunOutcome, runPlan, victimStream } from '@vflair/core/run';
import { openHandle, threadLine } from '@vflair/core/runtime';
import { createProber, resolveDevice } from '@vflair/core/session';
import { canonicalJson } from '@vflair/core/text';
import { createLibrary } from './installation.js';
import { machineClass, ownVersion, planDigest } from './run-folder.js';
import type { Terminal } from './terminal/terminal.js';

/** How a plan is executed. */
export interface Execution {
  readonly plan: Plan;
  /** Folder of the run. */
  readonly root: string;
  /** Folder that relative names in the plan begin at. */
  readonly base: string;
  readonly jobs: number;
  readonly terminal: Terminal;
}

/** Worker threads, one per party and attack. */
export function threadHosts(): Hosts {
  const entry = new URL(import.meta.url.endsWith('.ts') ? '../dist/worker.js' : './worker.js', import.meta.url);
  return { start: (order, events) => openHandle(threadLine(entry), order, events) };
}

/** Where weights converted to float32 are kept between runs. */
export function cacheFolder(): string {
  return process.env.VFLAIR_CACHE ?? path.join(os.tmpdir(), `vflair-${os.userInfo().uid}`);
}

/** Executes a plan in a folder and writes records, transcript index and lock. What was finished there before is not done again. */
export async function execute({ plan, root, base, jobs, terminal }: Execution): Promise<RunOutcome & { readonly lock: object }> {
  const folder = new RunFolder(root);
  const digest = planDigest(plan);
  const devices = await checkDevices(plan);
  await folder.write(canonicalJson(plan), 'plan.json');
  await folder.save({ base: path.resolve(base) }, 'stages', 'origin.json');
  const places: Places = { base: path.resolve(base), cache: cacheFolder() };
  const library = createLibrary();
  const threads = Math.max(1, Math.floor(os.availableParallelism() / jobs));
  const outcome = await runPlan({ library, hosts: threadHosts(), places, folder, threads, planDigest: digest, progress: terminal.progress, say: terminal.say }, plan, jobs);
  await folder.write(outcome.records.map((record) => `${recordLine(record)}\n`).join(''), 'records.jsonl');
  const lock = {
    schema: 1,
    plan: digest,
    resolved: await resolvedDigests(plan, library, places),
    versions: { node: process.version, onnxruntime: '1.30.0', vflair: ownVersion() },
    machine: machineClass(),
    devices,
    seeds: [...new Set(plan.pipelines.map(({ seed }) => seed))],
    transcriptDigest: outcome.transcriptDigest,
    recordsDigest: recordsDigest(outcome.records),
  };
  await folder.write(`${JSON.stringify(lock, null, 2)}\n`, 'lock.json');
  return { ...outcome, lock };
}

/** The devices of all parties on this machine; one that can't be had throws its finding before anything starts. */
async function checkDevices(plan: Plan): Promise<{ readonly [party: string]: string }> {
  const prober = createProber();
  const found: Record<string, string> = {};
  for (const { parties } of plan.pipelines) {
    for (const { name, device } of parties) found[name] = (await resolveDevice(device, prober)).line;
  }
  return found;
}

async function resolvedDigests(plan: Plan, library: ReturnType<typeof createLibrary>, places: Places): Promise<object> {
  const resolved: Record<string, object> = {};
  for (const pipeline of plan.pipelines) {
    const random = victimStream(pipeline);
    const model = await library.model(pipeline, places, random);
    const rows = await library.rows(pipeline, places, random);
    resolved[pipeline.name] = { model: model.digests, data: rows.digests };
  }
  return resolved;
}

/** Empties a run's folder. */
export async function clearFolder(root: string): Promise<void> {
  for (const name of ['plan.json', 'lock.json', 'records.jsonl', 'report.html', 'report.md', 'report.json', 'stages', 'transcript', 'artifacts']) {
    await rm(path.join(root, name), { recursive: true, force: true });
  }
}
