import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { writeTinyFolder } from './tiny-folder.js';

const script = fileURLToPath(new URL('../../../packages/cli/bin/vflair.js', import.meta.url));
const node = path.join(
  path.dirname(createRequire(import.meta.url).resolve('node/package.json')),
  'bin',
  'node',
);

/** What a command said and how it ended; `code` is null where a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the built command in `cwd`. */
export function start(
  cwd: string,
  words: readonly string[],
  env: { readonly [name: string]: string } = {},
): Started {
  const child = spawn(node, [script, ...words], {
    cwd,
    env: { ...process.env, VFLAIR_CACHE: path.join(cwd, '.cache'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const code = new Promise<number | null>((done) => child.once('exit', done));
  const ended = Promise.all([code, text(child.stdout), text(child.stderr)]).then(
    ([exit, stdout, stderr]) => ({ code: exit, stdout, stderr }),
  );
  return { process: child, ended };
}

/** Runs the built command in `cwd` to its end. */
export const vflair = (cwd: string, ...words: readonly string[]): Promise<Ended> =>
  start(cwd, words).ended;

/** Gives copies of a folder with tiny models, rows and a text, one for each call; they are removed after the tests of the file. */
export function tinyFolders(): () => string {
  const root = mkdtempSync(path.join(tmpdir(), 'vflair-e2e-'));
  const original = path.join(root, 'original');
  let count = 0;
  beforeAll(() => writeTinyFolder(original));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => {
    const copy = path.join(root, `${++count}`);
    cpSync(original, copy, { recursive: true });
    return copy;
  };
}
