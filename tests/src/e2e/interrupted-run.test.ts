import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomStream } from '@vflair/core/tensor';
import { beforeAll, expect, test } from 'vitest';
import { type Started, start, tinyFolders, vflair } from './command.js';
import { pipelineText } from './tiny-folder.js';

const tinyFolder = tinyFolders();
let folder: string;
let seconds: number;

interface Digests {
  readonly transcriptDigest: string;
  readonly recordsDigest: string;
}

function digestsOf(out: string): Digests {
  const lock = JSON.parse(readFileSync(path.join(folder, out, 'lock.json'), 'utf8'));
  const { transcriptDigest, recordsDigest }: Digests = lock;
  return { transcriptDigest, recordsDigest };
}

beforeAll(async () => {
  folder = tinyFolder();
  writeFileSync(
    path.join(folder, 'two.vflair'),
    `${pipelineText()}
pipeline sparse extends plain {
  defend head -> body with sparsify { rate 0.5 }
}
`,
  );
  const began = performance.now();
  const { code } = await vflair(folder, 'run', 'two.vflair', '--out', 'undisturbed');
  seconds = (performance.now() - began) / 1000;
  expect(code).toBe(0);
});

/** Files of a run whose path ends so. */
function filesOf(out: string, ending: string): string[] {
  if (!existsSync(path.join(folder, out))) return [];
  const names = readdirSync(path.join(folder, out), { recursive: true }).map(String);
  return names.filter((name) => name.endsWith(ending));
}

/** Waits until `happened`, or until the process has ended. */
async function until(run: Started, happened: () => boolean): Promise<void> {
  while (run.process.exitCode === null && run.process.signalCode === null && !happened())
    await new Promise((done) => setTimeout(done, 5));
}

async function killedWhen(out: string, happened: () => boolean): Promise<void> {
  const run = start(folder, ['run', 'two.vflair', '--out', out]);
  await until(run, happened);
  run.process.kill('SIGKILL');
  expect((await run.ended).code).toBe(null);
}

test('a run that was killed while it trained and while it attacked ends like an undisturbed one', async () => {
  await killedWhen('killed', () => filesOf('killed', '.bin').length > 0);
  expect(filesOf('killed', 'victim.json')).toEqual([]);
  const [message = ''] = filesOf('killed', '.bin');
  // What a killed try left must not be taken for a result: neither messages nor half of a file.
  writeFileSync(
    path.join(folder, 'killed', path.dirname(message), 'train-0-a-b-activation.bin'),
    'x',
  );
  writeFileSync(path.join(folder, 'killed', 'stages', 'victim.json.1.tmp'), '{"key":');
  const stage = path.basename(path.dirname(message));
  mkdirSync(path.join(folder, 'killed', 'stages', stage), { recursive: true });
  writeFileSync(path.join(folder, 'killed', 'stages', stage, 'victim.json'), '{"key":');
  await killedWhen('killed', () => filesOf('killed', 'static.json').length > 0);
  expect(existsSync(path.join(folder, 'killed', 'lock.json'))).toBe(false);
  const { code, stderr } = await vflair(folder, 'run', 'two.vflair', '--out', 'killed', '--resume');
  expect(stderr).toContain('plain: trained (from an earlier run)');
  expect(code).toBe(0);
  expect(digestsOf('killed')).toEqual(digestsOf('undisturbed'));
  expect(filesOf('killed', '.tmp')).toEqual([]);
  expect(filesOf('killed', 'train-0-a-b-activation.bin')).toEqual([]);
});

test.runIf(process.env.VFLAIR_FULL === '1')(
  'a run that was killed twenty times at random moments ends like an undisturbed one',
  async () => {
    const random = randomStream('tests/e2e/kills');
    for (let kill = 0; kill < 20; kill++) {
      const out = `random-${kill >> 2}`;
      const run = start(folder, ['run', 'two.vflair', '--out', out, '--resume']);
      const patience = performance.now() + 1000 * seconds * random.uniform();
      await until(run, () => performance.now() > patience);
      run.process.kill('SIGKILL');
      await run.ended;
      if (kill % 4 < 3) continue;
      expect((await vflair(folder, 'run', 'two.vflair', '--out', out, '--resume')).code).toBe(0);
      expect(digestsOf(out), `after kill ${kill}`).toEqual(digestsOf('undisturbed'));
    }
  },
);

test('an interrupt ends with 130 and says how to go on', async () => {
  const run = start(folder, ['run', 'two.vflair', '--out', 'interrupted']);
  await until(run, () => filesOf('interrupted', '.bin').length > 0);
  run.process.kill('SIGINT');
  const { code, stderr } = await run.ended;
  expect(stderr).toContain('interrupted; what was done is kept in interrupted');
  expect(stderr).toContain('--resume');
  expect(code).toBe(130);
  expect(existsSync(path.join(folder, 'interrupted', 'lock.json'))).toBe(false);
});

test('a run does not go on with other rows than it began with', async () => {
  const rows = path.join(folder, 'rows.tsv');
  const text = readFileSync(rows, 'utf8');
  writeFileSync(rows, text.replace('bank', 'tank'));
  const { code, stderr } = await vflair(folder, 'run', 'two.vflair', '--out', 'interrupted');
  writeFileSync(rows, text);
  expect(stderr).toContain('error VF571: the run in `interrupted` began with another `./rows.tsv`');
  expect(stderr).toContain('--again');
  expect(code).toBe(2);
});

/** Mounts a file system of so many KiB; false where that is not allowed. */
function mountSmall(target: string, kib: number, ...options: readonly string[]): boolean {
  mkdirSync(target, { recursive: true });
  const words = ['-t', 'tmpfs', '-o', [`size=${kib}k`, ...options].join(','), 'tmpfs', target];
  return spawnSync('mount', words).status === 0;
}

test('a full disk ends the run with a finding, and with room it goes on', async ({ skip }) => {
  const small = path.join(folder, 'small');
  if (!mountSmall(small, 96)) skip('needs the right to mount a small file system');
  try {
    const words = ['run', 'plain.vflair', '--out', 'small/run'];
    const full = await vflair(folder, ...words);
    expect(full.stderr).toMatch(
      /error VF5(70|19): `[^`]*small\/run[^`]*` (can't|cannot) be written/,
    );
    expect(full.stderr).toContain('--resume');
    expect(full.code).toBe(3);
    expect(filesOf('small', '.tmp')).toEqual([]);
    expect(existsSync(path.join(small, 'run', 'lock.json'))).toBe(false);
    spawnSync('mount', ['-o', 'remount,size=64m', small]);
    expect((await vflair(folder, ...words, '--resume')).code).toBe(0);
    expect((await vflair(folder, 'run', 'plain.vflair', '--out', 'roomy')).code).toBe(0);
    expect(digestsOf('small/run')).toEqual(digestsOf('roomy'));
  } finally {
    spawnSync('umount', [small]);
  }
});

test('of two runs in one folder the second is refused, and the first ends as ever', async () => {
  const first = start(folder, ['run', 'two.vflair', '--out', 'shared']);
  await until(first, () => existsSync(path.join(folder, 'shared', 'running.pid')));
  const second = await vflair(folder, 'run', 'two.vflair', '--out', 'shared', '--again');
  expect(second.code).toBe(2);
  expect(second.stderr).toContain('is running in `shared`');
  expect((await first.ended).code).toBe(0);
  expect(digestsOf('shared')).toEqual(digestsOf('undisturbed'));
  expect(filesOf('shared', '.pid')).toEqual([]);
});
