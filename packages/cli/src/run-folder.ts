import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Plan, RunRecord } from '@vflair/core/contract';
import { parseRecords, RunFolder } from '@vflair/core/run';
import { canonicalJson } from '@vflair/core/text';
import type { RunLock } from './report/index.js';

/** SHA-256 of the canonical bytes of a Plan: the experiment's identity. */
export function planDigest(plan: Plan): string {
  return createHash('sha256').update(canonicalJson(plan)).digest('hex');
}

/** `runs/<file name without extension>-<first 12 of the digest>` in the current folder. */
export function defaultFolder(file: string, digest: string): string {
  return path.join('runs', `${path.basename(file).replace(/\.[^.]*$/, '')}-${digest.slice(0, 12)}`);
}

/** What a finished run's folder says. */
export interface FinishedRun {
  readonly plan: Plan;
  readonly planDigest: string;
  readonly lock: RunLock | undefined;
  readonly records: readonly RunRecord[];
}

/** Reads a run's folder; undefined where there is no plan or no records. */
export async function readRun(root: string): Promise<FinishedRun | undefined> {
  const folder = new RunFolder(root);
  const text = await folder.read('plan.json');
  const records = await folder.read('records.jsonl');
  if (text === undefined || records === undefined) return undefined;
  const plan = JSON.parse(text) as Plan;
  const lock = await folder.load<RunLock>('lock.json');
  return { plan, planDigest: planDigest(plan), lock, records: parseRecords(records) };
}

/** Processor, cores and memory: what figures of this machine may be compared with. */
export function machineClass(): string {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus[0]?.model.trim() ?? 'unknown processor'}, ${cpus.length} cores, ${memory} GiB, ${process.platform}-${process.arch}`;
}

/** The version of this command. */
export function ownVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
}
