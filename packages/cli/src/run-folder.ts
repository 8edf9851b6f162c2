import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { Plan, RunRecord } from '@vflair/core/contract';
import { parseRecords, RunFolder } from '@vflair/core/run';
import { finding } from '@vflair/core/text';
import { planDigest } from '@vflair/dsl';
import type { RunLock } from './report/index.js';

/** `runs/<file name without extension>-<first 12 of the digest>` in the current folder. */
export function defaultFolder(file: string, digest: string): string {
  return path.join('runs', `${path.basename(file).replace(/\.[^.]*$/, '')}-${digest.slice(0, 12)}`);
}

/** Digests that a run's lock holds. */
export interface RunDigests {
  /** SHA-256 of the Plan's canonical bytes. */
  readonly plan: string;
  /** SHA-256 of the files themselves, timings included. */
  readonly files: { readonly [file: string]: string };
  readonly transcriptDigest: string;
  readonly recordsDigest: string;
}

const hashedFiles = ['plan.json', 'records.jsonl', 'transcript/index.jsonl'] as const;

/** SHA-256 of the files of a run whose every byte counts; a file that isn't there is left out. */
export async function fileDigests(folder: RunFolder): Promise<RunDigests['files']> {
  const digests: Record<string, string> = {};
  for (const name of hashedFiles) {
    const text = await folder.read(name);
    if (text !== undefined) digests[name] = createHash('sha256').update(text).digest('hex');
  }
  return digests;
}

/** What a finished run's folder says. */
export interface FinishedRun {
  readonly plan: Plan;
  readonly planDigest: string;
  readonly lock: RunLock | undefined;
  readonly records: readonly RunRecord[];
}

/** Reads a run's folder; undefined where there is no plan or no records. Throws VF573 where one can't be read. */
export async function readRun(root: string): Promise<FinishedRun | undefined> {
  const folder = new RunFolder(root);
  const text = await folder.read('plan.json');
  const lines = await folder.read('records.jsonl');
  if (text === undefined || lines === undefined) return undefined;
  const plan: Plan = readable(folder.path('plan.json'), () => JSON.parse(text));
  const records = readable(folder.path('records.jsonl'), () => parseRecords(lines));
  const lock = await folder.load<RunLock>('lock.json');
  return { plan, planDigest: planDigest(plan), lock, records };
}

/** VF573: a file of a run is not what was written. */
function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw finding(
      'VF573',
      `\`${file}\` can't be read: ${error instanceof Error ? error.message : String(error)}`,
      'it was changed after the run: run again with `--again`',
    );
  }
}

/** Processor, cores and memory: what figures of this machine may be compared with. */
export function machineClass(): string {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus[0]?.model.trim() ?? 'unknown processor'}, ${cpus.length} cores, ${memory} GiB, ${process.platform}-${process.arch}`;
}
