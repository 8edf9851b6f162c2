import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  parseRecords,
  RunFolder,
  recordLine,
  recordsDigest,
  rehash,
  type TranscriptEntry,
} from '@vflair/core/run';
import { execute } from '../execute.js';
import { Exit, exitCodes } from '../exit.js';
import { type FinishedRun, readRun } from '../run-folder.js';
import { type GlobalFlags, openTerminal, type Terminal } from '../terminal/terminal.js';

interface Digests {
  readonly plan: string;
  readonly transcriptDigest: string;
  readonly recordsDigest: string;
}

/** Re-hashes what is on disk against the lock, then runs the plan again elsewhere and compares: exit code 4 at the first difference. */
export async function verify(root: string, options: GlobalFlags): Promise<number> {
  const terminal = openTerminal(options);
  const run = await readRun(root);
  if (!run?.lock) throw new Exit(exitCodes.usage, `\`${root}\` holds no finished run`);
  const folder = new RunFolder(root);
  const lock = run.lock as unknown as Digests;
  const onDisk = await diskDifference(folder, run, lock);
  if (onDisk !== undefined) return refuse(terminal, onDisk);
  terminal.say('plan, records and transcript on disk match the lock');
  const again = await replay(folder, run, terminal);
  const difference = replayDifference(run, lock, again);
  if (difference !== undefined) return refuse(terminal, difference);
  terminal.say(
    `replayed: records ${lock.recordsDigest.slice(0, 12)} and transcript ${lock.transcriptDigest.slice(0, 12)} are the same`,
  );
  if (terminal.isJson) terminal.print(JSON.stringify({ verified: true, ...lock }));
  return exitCodes.done;
}

function refuse(terminal: Terminal, difference: string): number {
  terminal.say(`not verified: ${difference}`);
  if (terminal.isJson) terminal.print(JSON.stringify({ verified: false, difference }));
  return exitCodes.notBelieved;
}

async function diskDifference(
  folder: RunFolder,
  run: FinishedRun,
  lock: Digests,
): Promise<string | undefined> {
  if (run.planDigest !== lock.plan)
    return `plan.json hashes to ${run.planDigest}, the lock says ${lock.plan}`;
  const records = recordsDigest(run.records);
  if (records !== lock.recordsDigest)
    return `records.jsonl hashes to ${records}, the lock says ${lock.recordsDigest}`;
  const index = await folder.read('transcript', 'index.jsonl');
  const entries = (index ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TranscriptEntry);
  const transcript = await rehash({ folder }, entries).catch((error: Error) => error.message);
  return transcript === lock.transcriptDigest
    ? undefined
    : `the transcript hashes to ${transcript}, the lock says ${lock.transcriptDigest}`;
}

async function replay(folder: RunFolder, { plan }: FinishedRun, terminal: Terminal) {
  const origin = await folder.load<{ readonly base: string }>('stages', 'origin.json');
  const temporary = await mkdtemp(path.join(os.tmpdir(), 'vflair-verify-'));
  try {
    return await execute({ plan, root: temporary, base: origin?.base ?? '.', jobs: 1, terminal });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function replayDifference(
  run: FinishedRun,
  lock: Digests,
  again: Awaited<ReturnType<typeof replay>>,
): string | undefined {
  if (again.transcriptDigest !== lock.transcriptDigest)
    return `the transcript of the replay hashes to ${again.transcriptDigest}, the lock says ${lock.transcriptDigest}`;
  if (recordsDigest(again.records) === lock.recordsDigest) return undefined;
  const old = parseRecords(run.records.map(recordLine).join('\n'))
    .filter(({ kind }) => kind !== 'timing')
    .map(recordLine)
    .sort();
  const fresh = again.records
    .filter(({ kind }) => kind !== 'timing')
    .map(recordLine)
    .sort();
  const at = old.findIndex((line, i) => line !== fresh[i]);
  return `record ${at}: was ${old[at] ?? '(none)'}, is ${fresh[at] ?? '(none)'}`;
}
