import { parentPort } from 'node:worker_threads';
import type { Envelope, Port } from '@vflair/core/party';
import { serve } from '@vflair/core/runtime';
import { createLibrary } from './installation.js';

/** The other end of the line: of the thread this is, or of the process. */
function openPort(): Port | undefined {
  const thread = parentPort;
  if (thread) {
    return {
      post: (envelope) => thread.postMessage(envelope),
      listen: (handler) => thread.on('message', (envelope: Envelope) => handler(envelope)),
      close: () => thread.close(),
    };
  }
  const send = process.send?.bind(process);
  if (!send) return undefined;
  // Who started this process may be gone: then nobody will read what it does.
  process.on('disconnect', () => process.exit());
  return {
    post: (envelope) => void send(envelope),
    listen: (handler) => void process.on('message', (envelope) => handler(envelope as Envelope)),
    close: () => process.disconnect(),
  };
}

const port = openPort();
if (port) serve(port, createLibrary());
