import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Envelope } from '../party/index.js';
import type { Line } from './line.js';

/**
 * A line to a new process that runs `entry`: for parties on a GPU, since two threads of one process that use WebGPU crash
 * it. Tensors are copied both ways. The child ends with us: it loses its channel, and its entry ends on that.
 */
export function processLine(entry: URL): Line {
  const child = fork(fileURLToPath(entry), { serialization: 'advanced', execArgv: [] });
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    // Somebody who is gone is told of by `onEnd`; sending to them is no second failure.
    post: (envelope) => void (child.connected && child.send(envelope, () => undefined)),
    listen: (handler) => void child.on('message', (envelope) => handler(envelope as Envelope)),
    onEnd: (handler) => {
      child.on('error', handler);
      child.on('exit', (code, signal) =>
        handler(new Error(`party process ended ${signal ? `by ${signal}` : `with code ${code}`}`)),
      );
    },
    end: async () => {
      if (isGone()) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}
