#!/usr/bin/env node
// Plain JavaScript that old Nodes can parse: its first job is to find out whether it runs under one. CommonJS (the
// package.json beside it says so), which starts sooner than a module, and nothing is loaded before it is needed.
const oldest = '22.12.0';

/**
 * For commands that compute: glibc keeps freed blocks of up to 32 MB for later, a third of what training holds. With a fixed
 * threshold it gives back all from 4 MB on. It is read when a process starts; elsewhere it means nothing.
 */
const computing = ['attack', 'generate', 'run', 'trace', 'verify'];
const environment = { MALLOC_MMAP_THRESHOLD_: '4194304', ...process.env };

/** True when version `a` is `b` or later; both as `major.minor.patch`. */
function isAtLeast(a, b) {
  const [left, right] = [a, b].map((version) =>
    version.split('.').map((part) => parseInt(part, 10)),
  );
  const i = left.findIndex((part, at) => part !== right[at]);
  return i === -1 || left[i] > right[i];
}

/** The Node that is installed beside vflair (npm package `node`), if it is there and new enough. */
function bundledNode() {
  const { existsSync } = require('node:fs');
  const { dirname, join } = require('node:path');
  try {
    const { version } = require('node/package.json');
    const file = process.platform === 'win32' ? 'node.exe' : 'node';
    const program = join(dirname(require.resolve('node/package.json')), 'bin', file);
    return isAtLeast(version, oldest) && existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** Runs this file again under another Node, and ends as it ends. */
function startAgain(program) {
  const { spawn } = require('node:child_process');
  const child = spawn(program, [__filename, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...environment, VFLAIR_STARTED_AGAIN: '1' },
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to both of us; anyone else who interrupts knows only this process.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('error', (error) => refuse(`vflair: ${program} does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + require('node:os').constants.signals[signal];
  });
}

/** Wrong use: nothing was done (exit code 2). */
function refuse(message) {
  console.error(message);
  process.exitCode = 2;
}

/** Becomes a process with that environment, in place: same number, same terminal. Where it can't, it stays as it is. */
function settle() {
  const isSettled = process.env.MALLOC_MMAP_THRESHOLD_ !== undefined;
  if (isSettled || process.platform !== 'linux' || !computing.includes(process.argv[2])) return;
  const words = [process.execPath, ...process.execArgv, __filename, ...process.argv.slice(2)];
  process.execve?.(process.execPath, words, environment);
}

function start() {
  settle();
  if (process.env.VFLAIR_STARTED_AGAIN !== undefined && process.channel) {
    // Whoever kills the process they started means this one: a run must not go on unseen.
    process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
    process.channel.unref();
    delete process.env.VFLAIR_STARTED_AGAIN;
  }
  require('node:module').enableCompileCache?.();
  if (require('node:fs').existsSync(`${__dirname}/../dist/main.js`)) import('../dist/main.js');
  else refuse('vflair: not built yet; in its folder: `npm ci`, or `npm run build`');
}

const isNewEnough = isAtLeast(process.versions.node, oldest);
const bundled = isNewEnough ? undefined : bundledNode();
if (isNewEnough) start();
else if (bundled !== undefined) startAgain(bundled);
else {
  refuse(
    `vflair: needs Node ${oldest} or later, this is ${process.versions.node}\n` +
      '  install it from https://nodejs.org, or put one beside vflair: `npm install node@24`',
  );
}
