import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskFinding, RunFolder } from '@vflair/core/run';
import { floatTensor } from '@vflair/core/tensor';
import { Findings } from '@vflair/core/text';
import { afterAll, beforeAll, expect, test } from 'vitest';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vflair folder '));
});
afterAll(() => rmSync(root, { recursive: true }));

test('a value comes back as it was, floats bit for bit', async () => {
  const folder = new RunFolder(join(root, 'values'));
  const data = Float32Array.of(0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45);
  const value = { list: [1, null, 'text'], tensor: floatTensor([5], data) };
  await folder.save(value, 'stages', 'deep', 'value.json');
  expect(await folder.load('stages', 'deep', 'value.json')).toEqual(value);
});

test('what is not there, and what is not whole, is absent', async () => {
  const folder = new RunFolder(join(root, 'halves'));
  await folder.save({ a: [1, 2, 3] }, 'whole.json');
  const text = (await folder.read('whole.json')) ?? '';
  expect(await folder.load('missing.json')).toBeUndefined();
  for (let length = 0; length < text.length; length++) {
    writeFileSync(folder.path('half.json'), text.slice(0, length));
    expect(await folder.load('half.json')).toBeUndefined();
  }
});

test('a file is replaced at once, and nothing is left beside it', async () => {
  const folder = new RunFolder(join(root, 'atomic'));
  await folder.write('old', 'text.txt');
  const reads: (string | undefined)[] = [];
  const long = 'x'.repeat(1_000_000);
  const writing = folder.write(long, 'text.txt').then(() => 'done');
  while (
    (await Promise.race([writing, folder.read('text.txt').then((text) => reads.push(text))])) !==
    'done'
  );
  expect(reads.filter((text) => text !== 'old' && text !== long)).toEqual([]);
  expect(await folder.read('text.txt')).toBe(long);
  expect(readdirSync(folder.root)).toEqual(['text.txt']);
});

test('a full disk is a finding, the old file stays, and nothing half-written is left', async (context) => {
  if (!existsSync('/dev/full')) return context.skip('no /dev/full here');
  const folder = new RunFolder(join(root, 'full'));
  await folder.write('old', 'text.txt');
  // The name under which the new file is written, on a device without room.
  symlinkSync('/dev/full', folder.path(`text.txt.${process.pid}.tmp`));
  const reason: unknown = await folder.write('new', 'text.txt').catch((error: unknown) => error);
  expect(reason instanceof Findings && reason.diagnostics[0]).toMatchObject({
    code: 'VF570',
    message: `\`${folder.path('text.txt')}\` can't be written: the disk is full`,
  });
  expect(await folder.read('text.txt')).toBe('old');
  expect(readdirSync(folder.root)).toEqual(['text.txt']);
});

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the quota is used up'],
  ['EROFS', 'the disk is read-only'],
  ['EACCES', 'it may not be written'],
])('%s: %s', (code, words) => {
  const error = Object.assign(new Error('refused'), { code, syscall: 'write' });
  expect(String(diskFinding(error, 'x'))).toContain(`VF570: \`x\` can't be written: ${words}`);
});

test("an error that is no disk's is passed on as it is", () => {
  const error = new TypeError('a defect');
  expect(diskFinding(error, 'x')).toBe(error);
});

test('sweeping removes what a killed process left, and nothing else', async () => {
  const folder = new RunFolder(join(root, 'sweep'));
  await folder.write('kept', 'stages', 'a.json');
  writeFileSync(folder.path('stages', 'a.json.4711.tmp'), 'half');
  await folder.sweep();
  expect(readdirSync(folder.path('stages'))).toEqual(['a.json']);
});
