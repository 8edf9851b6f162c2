import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { tinyFolders, vflair } from './command.js';

const tinyFolder = tinyFolders();

test.each([
  ['a command that there is not', ['rum', 'plain.vflair'], 2, "unknown command 'rum'"],
  ['an option that there is not', ['run', 'plain.vflair', '--blah'], 2, "unknown option '--blah'"],
  ['no file', ['run'], 2, "missing required argument 'file'"],
  ['--set without =', ['run', 'plain.vflair', '--set', 'rows'], 2, '`rows`'],
  ['--set of what is no let', ['run', 'plain.vflair', '--set', 'rows=3'], 1, 'error VF214'],
  ['--jobs 0', ['run', 'plain.vflair', '--jobs', '0'], 2, '`0`'],
  ['--jobs half', ['run', 'plain.vflair', '--jobs', 'half'], 2, '`half`'],
  ['--again with --resume', ['run', 'plain.vflair', '--again', '--resume'], 2, 'one of them'],
  ['a text that is not there', ['run', 'nothing.vflair'], 1, 'error VF506'],
  ['a plan that is not there', ['run', 'nothing.json'], 1, 'error VF506'],
  ['check of a text that is not there', ['check', 'nothing.vflair'], 1, 'error VF506'],
  ['fmt of a text that is not there', ['fmt', 'nothing.vflair'], 1, 'error VF506'],
  ['check in a format that there is not', ['check', 'plain.vflair', '--format', 'xml'], 2, '`xml`'],
  ['report of what is no run', ['report', 'bert'], 2, '`bert` holds no finished run'],
  ['verify of what is no run', ['verify', 'bert'], 2, '`bert` holds no finished run'],
  ['attack on what is no run', ['attack', 'bert', 'plain.vflair'], 2, '`bert` holds no finished'],
  ['list of what there is not', ['list', 'colours'], 2, '`colours`'],
  ['show of what there is not', ['show', 'attack', 'nothing'], 2, '`nothing`'],
  ['--out at a file', ['run', 'plain.vflair', '--out', 'rows.tsv'], 2, '`rows.tsv`'],
  ['a file below a file', ['compile', 'plain.vflair', '-o', 'rows.tsv/p.json'], 3, 'error VF570'],
] as const)('%s is refused', async (_, words, code, says) => {
  const ended = await vflair(tinyFolder(), ...words);
  expect(ended.stderr).toContain(says);
  expect(ended.stderr).not.toContain('    at ');
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
});

test('an --out that can’t be written is refused before anything is computed', async () => {
  const { code, stderr } = await vflair(tinyFolder(), 'run', 'plain.vflair', '--out', '/proc/none');
  expect(stderr).toContain(
    'error VF570: `/proc/none/running.pid` can’t be written'.replace('’', "'"),
  );
  expect(stderr).not.toContain('trained');
  expect(code).toBe(3);
});

test('a folder with files of other kinds is not written over, not even with --again', async () => {
  const folder = tinyFolder();
  mkdirSync(path.join(folder, 'mine', 'artifacts'), { recursive: true });
  writeFileSync(path.join(folder, 'mine', 'artifacts', 'diary.txt'), 'dear diary');
  for (const more of [[], ['--again']]) {
    const { code, stderr } = await vflair(folder, 'run', 'plain.vflair', '--out', 'mine', ...more);
    expect(stderr).toContain('`mine` holds files that are no run');
    expect(code).toBe(2);
  }
  const kept = readFileSync(path.join(folder, 'mine', 'artifacts', 'diary.txt'), 'utf8');
  expect(kept).toBe('dear diary');
});

/** The plan of `plain.vflair` with something changed, as `plan.json`. */
async function changedPlan(change: (plan: { pipelines: Record<string, unknown>[] }) => void) {
  const folder = tinyFolder();
  const file = path.join(folder, 'plan.json');
  await vflair(folder, 'compile', 'plain.vflair', '-o', 'plan.json');
  const plan = JSON.parse(readFileSync(file, 'utf8'));
  change(plan);
  writeFileSync(file, JSON.stringify(plan));
  return vflair(folder, 'run', 'plan.json');
}

interface Shape {
  attacks: { adversary: string; chain: { id: string; params: Record<string, unknown> }[] }[];
  slices: { owner: string; from: unknown }[];
  adversaries: { sees: string[] }[];
  work: { params: Record<string, unknown> };
}

const first = (plan: { pipelines: Record<string, unknown>[] }): Shape =>
  plan.pipelines[0] as unknown as Shape;

test.each<[string, (plan: { pipelines: Record<string, unknown>[] }) => void, string]>([
  ['no pipelines', (plan) => void plan.pipelines.splice(0), 'it has no pipeline'],
  ['a key too few', (plan) => void delete plan.pipelines[0]?.seed, "required property 'seed'"],
  ['a key too many', (plan) => void Object.assign(plan, { extra: 1 }), '`extra`'],
  ['a pipeline twice', (plan) => void plan.pipelines.push({ ...plan.pipelines[0] }), '`plain`'],
  [
    'an unknown attack',
    (plan) => void Object.assign(first(plan).attacks[0]?.chain[0] ?? {}, { id: 'vmj' }),
    'there is no attack `vmj`',
  ],
  [
    'a wrong parameter',
    (plan) => void Object.assign(first(plan).attacks[0]?.chain[0]?.params ?? {}, { steps: 0 }),
    "`steps` of attack `vmi` can't be 0",
  ],
  [
    'an unknown parameter',
    (plan) => void Object.assign(first(plan).work.params, { speed: 3 }),
    '`finetune lora` has no parameter `speed`',
  ],
  [
    'an unknown adversary',
    (plan) => void Object.assign(first(plan).attacks[0] ?? {}, { adversary: 'nobody' }),
    'there is no adversary `nobody`',
  ],
  [
    'an unknown party',
    (plan) => void Object.assign(first(plan).slices[1] ?? {}, { owner: 'nobody' }),
    'there is no party `nobody`',
  ],
  [
    'a gap between slices',
    (plan) => void Object.assign(first(plan).slices[1] ?? {}, { from: 2, to: 2 }),
    'the slices are not the whole model',
  ],
  [
    'an attack that sees more than was granted',
    (plan) => void Object.assign(first(plan).adversaries[0] ?? {}, { sees: ['gradients'] }),
    'error VF302',
  ],
])('a plan with %s is a finding, not a crash', async (_, change, says) => {
  const { code, stderr } = await changedPlan(change);
  expect(stderr).toMatch(/^error VF(507|508|302): /);
  expect(stderr).toContain(says);
  expect(code).toBe(1);
});

test('a plan that is no JSON is a finding', async () => {
  const folder = tinyFolder();
  writeFileSync(path.join(folder, 'plan.json'), '{ "schema": 1,');
  const { code, stderr } = await vflair(folder, 'run', 'plan.json');
  expect(stderr).toContain('error VF507: `plan.json` is not a plan');
  expect(code).toBe(1);
});
