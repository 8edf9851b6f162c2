import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { RunRecord } from '@vflair/core/contract';
import { RunFolder, recordLine, recordsDigest, type TranscriptEntry } from '@vflair/core/run';
import { baseOf, execute, type Lock } from '../execute.js';
import { Exit, exitCodes } from '../exit.js';
import { workerHosts } from '../hosts.js';
import { changedInput, prepare } from '../inputs.js';
import { type FinishedRun, fileDigests, readRun } from '../run-folder.js';
import { type GlobalFlags, openTerminal, type Terminal } from '../terminal/terminal.js';

/** Re-hashes what is on disk against the lock, then runs the plan again elsewhere and compares: exit code 4 at the first difference. */
export async function verify(root: string, options: GlobalFlags): Promise<number> {
  const terminal = openTerminal(options);
  const folder = new RunFolder(root);
  const lock = await folder.load<Lock>('lock.json');
  if (!lock?.files) throw new Exit(exitCodes.usage, `\`${root}\` holds no finished run`);
  const onDisk = (await fileDifference(folder, lock)) ?? (await tensorDifference(folder));
  if (onDisk !== undefined) return refuse(terminal, onDisk);
  const run = await readRun(root);
  if (!run) throw new Exit(exitCodes.usage, `\`${root}\` holds no finished run`);
  terminal.say('plan, records and transcript on disk match the lock');
  const difference = await replayDifference({ run, lock, folder }, terminal);
  if (difference !== undefined) return refuse(terminal, difference);
  const { plan, transcriptDigest, recordsDigest: records } = lock;
  terminal.say(
    `replayed: records ${records.slice(0, 12)} and transcript ${transcriptDigest.slice(0, 12)} are the same`,
  );
  if (terminal.isJson)
    terminal.print(
      JSON.stringify({ verified: true, plan, transcriptDigest, recordsDigest: records }),
    );
  return exitCodes.done;
}

function refuse(terminal: Terminal, difference: string): number {
  terminal.say(`not verified: ${difference}`);
  if (terminal.isJson) terminal.print(JSON.stringify({ verified: false, difference }));
  return exitCodes.notBelieved;
}

async function fileDifference(folder: RunFolder, { files }: Lock): Promise<string | undefined> {
  const found = await fileDigests(folder);
  const changed = Object.keys(files).find((name) => found[name] !== files[name]);
  if (changed === undefined) return undefined;
  return found[changed] === undefined
    ? `${changed} is not there`
    : `${changed} hashes to ${found[changed]}, the lock says ${files[changed]}`;
}

/** The first kept tensor whose bytes are not those that crossed. */
async function tensorDifference(folder: RunFolder): Promise<string | undefined> {
  const index = (await folder.read('transcript', 'index.jsonl')) ?? '';
  for (const line of index.split('\n').filter(Boolean)) {
    const { file, sha256 }: TranscriptEntry = JSON.parse(line);
    if (file === '') continue;
    const bytes = await readFile(folder.path('transcript', file)).catch(() => undefined);
    if (bytes === undefined) return `transcript/${file} is not there`;
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== sha256) return `transcript/${file} hashes to ${found}, the index says ${sha256}`;
  }
  return undefined;
}

interface Original {
  readonly run: FinishedRun;
  readonly lock: Lock;
  readonly folder: RunFolder;
}

async function replayDifference(
  { run, lock, folder }: Original,
  terminal: Terminal,
): Promise<string | undefined> {
  const prepared = await prepare(run.plan, await baseOf(folder));
  const changed = changedInput(lock.resolved, prepared.inputs);
  if (changed !== undefined) return `${changed} is another than the lock says`;
  const temporary = await mkdtemp(path.join(os.tmpdir(), 'vflair-verify-'));
  try {
    const again = await execute(prepared, {
      root: temporary,
      jobs: 1,
      terminal,
      hosts: workerHosts(),
    });
    if (again.transcriptDigest !== lock.transcriptDigest)
      return messageDifference(folder, again.entries);
    return recordsDigest(again.records) === lock.recordsDigest
      ? undefined
      : recordDifference(run.records, again.records);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The first message of the replay that is not the one of the run. */
async function messageDifference(
  folder: RunFolder,
  again: readonly TranscriptEntry[],
): Promise<string> {
  const index = (await folder.read('transcript', 'index.jsonl')) ?? '';
  const words = ({ stage, phase, step, from, to, kind, sha256 }: TranscriptEntry): string =>
    `${stage} ${phase} step ${step}: ${kind} ${from} -> ${to}, ${sha256}`;
  const old = index
    .split('\n')
    .filter(Boolean)
    .map((line) => words(JSON.parse(line)));
  const fresh = again.map(words);
  const at = Array.from({ length: Math.max(old.length, fresh.length) }, (_, i) => i).find(
    (i) => old[i] !== fresh[i],
  );
  return at === undefined
    ? 'the transcript of the replay has another shape'
    : `message ${at}: was ${old[at] ?? '(none)'}, is ${fresh[at] ?? '(none)'}`;
}

function recordDifference(before: readonly RunRecord[], again: readonly RunRecord[]): string {
  const lines = (records: readonly RunRecord[]): string[] =>
    records
      .filter(({ kind }) => kind !== 'timing')
      .map(recordLine)
      .sort();
  const [old, fresh] = [lines(before), lines(again)];
  const at = old.findIndex((line, i) => line !== fresh[i]);
  const first = at < 0 ? old.length : at;
  return `record ${first}: was ${old[first] ?? '(none)'}, is ${fresh[first] ?? '(none)'}`;
}
