import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { start, tinyFolders, vflair } from './command.js';
import { expectFits, findingsSchema } from './formats.js';
import { pipelineText } from './tiny-folder.js';

const tinyFolder = tinyFolders();

test('check prints its findings as JSON, in the documented form', async () => {
  const folder = tinyFolder();
  const text = pipelineText({ attacks: 'attack curius with vmi\n  attack curious with bisk' });
  writeFileSync(path.join(folder, 'wrong.vflair'), `${text}pipeline {\n`);
  for (const flags of [['--format', 'json'], ['--json']]) {
    const { code, stdout, stderr } = await vflair(folder, 'check', 'wrong.vflair', ...flags);
    const findings = JSON.parse(stdout);
    expectFits(findingsSchema, findings);
    expect(findings.length).toBeGreaterThanOrEqual(3);
    for (const { file } of findings) expect(file).toBe('wrong.vflair');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  }
});

test('a finding begins and ends at the word it is about', async () => {
  const folder = tinyFolder();
  const text = pipelineText({ attacks: 'attack curius with vmi' });
  writeFileSync(path.join(folder, 'wrong.vflair'), text);
  const { stdout } = await vflair(folder, 'check', 'wrong.vflair', '--format', 'json');
  const [{ range }] = JSON.parse(stdout);
  const line = text.split('\n')[range.start.line - 1] ?? '';
  expect(line.slice(range.start.column - 1, range.end.column - 1)).toBe('curius');
});

test('a text without mistakes has the empty list, and in words a count', async () => {
  const folder = tinyFolder();
  const json = await vflair(folder, 'check', 'plain.vflair', '--format', 'json');
  expect({ ...json, stdout: JSON.parse(json.stdout) }).toEqual({ code: 0, stdout: [], stderr: '' });
  const words = await vflair(folder, 'check', 'plain.vflair');
  expect(words).toEqual({ code: 0, stdout: '', stderr: '1 file: 0 errors, 0 warnings\n' });
  const quiet = await vflair(folder, 'check', 'plain.vflair', '--quiet');
  expect(quiet).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('findings for GitHub are one line each', async () => {
  const folder = tinyFolder();
  writeFileSync(path.join(folder, 'wrong.vflair'), pipelineText({ attacks: 'attack me with vmi' }));
  const { stdout } = await vflair(folder, 'check', 'wrong.vflair', '--format', 'github');
  for (const line of stdout.trimEnd().split('\n'))
    expect(line).toMatch(
      /^::(error|warning) file=wrong\.vflair,line=\d+,col=\d+,.*title=VF\d{3}::/,
    );
});

test('nothing is coloured where nobody looks', async () => {
  const folder = tinyFolder();
  writeFileSync(path.join(folder, 'wrong.vflair'), 'pipeline {');
  for (const env of [{}, { NO_COLOR: '1' }]) {
    const { stderr } = await start(folder, ['check', 'wrong.vflair'], env).ended;
    expect(stderr).toContain('error VF');
    expect(stderr).not.toContain('\u001b');
  }
});

const crooked = `pipeline   a {
  // kept
 model    "./bert"
data "./rows.tsv" {train 4,test 4}
    task classification { labels 2 }
  party client { holds data, labels; slice head = embed .. block 0; slice tail = block 2 .. output }
  party server { slice body = block 1 .. block 1 }
  infer
}
`;

test('fmt brings a text into one form, keeps its comments and its meaning, and is idempotent', async () => {
  const folder = tinyFolder();
  const file = path.join(folder, 'a.vflair');
  writeFileSync(file, crooked);
  const planOf = async (): Promise<string> => (await vflair(folder, 'compile', 'a.vflair')).stdout;
  const plan = await planOf();
  expect(JSON.parse(plan)).toMatchObject({ schema: 1 });
  const check = await vflair(folder, 'fmt', 'a.vflair', '--check');
  expect(check).toEqual({ code: 1, stdout: '', stderr: 'a.vflair is not formatted\n' });
  expect(readFileSync(file, 'utf8')).toBe(crooked);
  expect((await vflair(folder, 'fmt', 'a.vflair')).code).toBe(0);
  const formatted = readFileSync(file, 'utf8');
  expect(formatted).toContain('// kept');
  expect(formatted).not.toBe(crooked);
  expect(await planOf()).toBe(plan);
  expect((await vflair(folder, 'fmt', 'a.vflair', '--check')).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(formatted);
});

test('fmt leaves a text with mistakes as it is', async () => {
  const folder = tinyFolder();
  writeFileSync(path.join(folder, 'a.vflair'), 'pipeline {');
  const { code, stderr } = await vflair(folder, 'fmt', 'a.vflair');
  expect(stderr).toContain('error VF1');
  expect(code).toBe(1);
  expect(readFileSync(path.join(folder, 'a.vflair'), 'utf8')).toBe('pipeline {');
});

test('every command has help with an example', async () => {
  const folder = tinyFolder();
  const { stdout, code } = await vflair(folder, '--help');
  expect(code).toBe(0);
  const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? '');
  const commands = names.filter((name) => name !== 'help');
  expect(commands).toEqual(
    expect.arrayContaining(['check', 'fmt', 'explain', 'list', 'show', 'compile', 'run', 'attack']),
  );
  for (const command of commands) {
    const help = await vflair(folder, command, '--help');
    expect(help.stdout, command).toContain(`Example: vflair ${command}`);
    expect(help.code).toBe(0);
  }
});

test('the version is a version', async () => {
  expect((await vflair(tinyFolder(), '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('each list is JSON where JSON is asked for', async () => {
  const folder = tinyFolder();
  for (const kind of ['models', 'datasets', 'tasks', 'attacks', 'defenses', 'metrics']) {
    const { stdout, stderr, code } = await vflair(folder, 'list', kind, '--json');
    const ids: string[] = JSON.parse(stdout).map(({ id }: { id: string }) => id);
    expect(ids.length, kind).toBeGreaterThan(0);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  }
  const { stdout } = await vflair(folder, 'show', 'attack', 'vmi', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'attack', id: 'vmi' });
});

test('a lock holds a text to the files it was locked with, until they are accepted', async () => {
  const folder = tinyFolder();
  const lock = path.join(folder, 'plain.vflair.lock.json');
  writeFileSync(path.join(folder, 'plain.vflair'), pipelineText({ attacks: '' }));
  expect((await vflair(folder, 'compile', 'plain.vflair', '--lock', '-o', 'p.json')).code).toBe(0);
  const locked = readFileSync(lock, 'utf8');
  const rows = path.join(folder, 'rows.tsv');
  writeFileSync(rows, readFileSync(rows, 'utf8').replace('bank', 'tank'));
  const refused = await vflair(folder, 'run', 'plain.vflair', '--out', 'out');
  expect(refused.stderr).toContain('error VF572: `plain.vflair.lock.json`');
  expect(refused.stderr).toContain('`./rows.tsv`');
  expect(refused.stderr).toContain('--relock');
  expect(refused.code).toBe(1);
  expect(readFileSync(lock, 'utf8')).toBe(locked);
  expect((await vflair(folder, 'run', 'plain.vflair', '--out', 'out', '--relock')).code).toBe(0);
  expect(readFileSync(lock, 'utf8')).not.toBe(locked);
});
