import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimFolder } from './claim-folder.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'vflair-claim-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const file = () => path.join(root, 'running.pid');

test('a folder is claimed by the number of this process, and again by itself', async () => {
  const inner = path.join(root, 'not there yet');
  await claimFolder(inner);
  await claimFolder(inner);
  expect(readFileSync(path.join(inner, 'running.pid'), 'utf8')).toBe(`${process.pid}\n`);
});

test('while another process holds it, it is refused and left as it is', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  writeFileSync(file(), `${other.pid}\n`);
  await expect(claimFolder(root)).rejects.toThrow(`process ${other.pid} is running in \`${root}\``);
  expect(readFileSync(file(), 'utf8')).toBe(`${other.pid}\n`);
  other.kill('SIGKILL');
  await new Promise((resolve) => other.once('exit', resolve));
  await claimFolder(root);
  expect(readFileSync(file(), 'utf8')).toBe(`${process.pid}\n`);
});

test.each(['', 'no number', '-1', '0'])(
  'a claim that names nobody does not count: %j',
  async (text) => {
    writeFileSync(file(), text);
    await claimFolder(root);
    expect(existsSync(file())).toBe(true);
  },
);

test('a file in the place of the folder is a finding', async () => {
  const taken = path.join(root, 'taken');
  writeFileSync(taken, '');
  await expect(claimFolder(taken)).rejects.toThrow('VF570');
});
