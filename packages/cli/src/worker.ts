import { parentPort } from 'node:worker_threads';
import type { Envelope } from '@vflair/core/party';
import { serve } from '@vflair/core/runtime';
import { createLibrary } from './installation.js';

const port = parentPort;
if (port) {
  serve(
    {
      post: (envelope) => port.postMessage(envelope),
      listen: (handler) => port.on('message', (envelope: Envelope) => handler(envelope)),
      close: () => port.close(),
    },
    createLibrary(),
  );
}
