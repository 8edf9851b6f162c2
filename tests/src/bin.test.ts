import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const bin = fileURLToPath(new URL('../../packages/cli/bin', import.meta.url));
const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

/** Makes this Node say it is an older one; what it starts is not affected. */
const asOld = [
  '--import',
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})',
];

/** The launcher in a folder of its own, with `main` as the program it starts, with or without a Node beside it. */
function launcher(main: string | undefined, withNode = false): string {
  const root = mkdtempSync(join(tmpdir(), 'vflair-bin-'));
  roots.push(root);
  cpSync(bin, join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  mkdirSync(join(root, 'dist'));
  mkdirSync(join(root, 'node_modules'));
  if (main !== undefined) writeFileSync(join(root, 'dist', 'main.js'), main);
  const node = dirname(require.resolve('node/package.json'));
  if (withNode) symlinkSync(node, join(root, 'node_modules', 'node'), 'junction');
  return join(root, 'bin', 'vflair.js');
}

const say = 'console.log(process.versions.node, ...process.argv.slice(2)); process.exitCode = 4;';

/** A program that says it is there and then waits; it ends with 130 when interrupted. */
const wait =
  'process.on("SIGINT", () => process.exit(130)); setInterval(() => {}, 1000); console.log("up");';

function run(script: string, flags: readonly string[], ...words: string[]) {
  return spawnSync(process.execPath, [...flags, script, ...words], {
    encoding: 'utf8',
    cwd: tmpdir(),
  });
}

/** Starts it as under an old Node, sends `signal` once its program is up, and gives what was left when all of it is gone. */
async function signalled(signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [...asOld, launcher(wait, true)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise<number | null>((done) => child.once('exit', done));
  child.stdout.once('data', () => child.kill(signal));
  // The pipe closes when the last process that writes to it has ended.
  const said = await text(child.stdout);
  return { said, code: await exit };
}

test('a new enough Node runs the program itself, with its words and exit code', () => {
  const { stdout, status } = run(launcher(say), [], 'check', 'a b.vflair');
  expect(stdout).toBe(`${process.versions.node} check a b.vflair\n`);
  expect(status).toBe(4);
});

test('an old Node starts again under the one beside it', () => {
  const { version }: { version: string } = require('node/package.json');
  const { stdout, status } = run(launcher(say, true), asOld, 'run', '--jobs', '2');
  expect(stdout).toBe(`${version} run --jobs 2\n`);
  expect(status).toBe(4);
});

test('an old Node alone is told what to install', () => {
  const { stdout, stderr, status } = run(launcher(say), asOld);
  expect(stdout).toBe('');
  expect(stderr).toContain('needs Node 22.12.0 or later, this is 20.1.0');
  expect(status).toBe(2);
});

test('without a build it says so', () => {
  const { stderr, status } = run(launcher(undefined), []);
  expect(stderr).toContain('npm run build');
  expect(status).toBe(2);
});

test('an interrupt reaches the program that was started again', async () => {
  expect(await signalled('SIGINT')).toEqual({ said: 'up\n', code: 130 });
});

test('nothing goes on when the process that started again is killed', async () => {
  expect(await signalled('SIGKILL')).toEqual({ said: 'up\n', code: null });
});

test.skipIf(process.platform !== 'linux')(
  'what computes starts with a threshold above which memory is given back, and a setting of yours stays',
  () => {
    const threshold = 'console.log(process.env.MALLOC_MMAP_THRESHOLD_, ...process.argv.slice(2))';
    const script = launcher(threshold);
    const { MALLOC_MMAP_THRESHOLD_: _, ...env } = process.env;
    const said = (word: string, more: NodeJS.ProcessEnv = {}): string =>
      spawnSync(process.execPath, [script, word, 'x'], {
        encoding: 'utf8',
        env: { ...env, ...more },
      }).stdout;
    expect(said('run')).toBe('4194304 run x\n');
    expect(said('check')).toBe('undefined check x\n');
    expect(said('run', { MALLOC_MMAP_THRESHOLD_: '7' })).toBe('7 run x\n');
  },
);
