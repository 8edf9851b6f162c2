import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from '@vflair/dsl';
import type { Variant } from './variant.ts';

const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'packages', 'cli', 'bin', 'vflair.js');
const quickstart = join(root, 'examples', 'quickstart.vflair');
const runFile = promisify(execFile);

export const coldVariants: readonly Variant[] = [
  {
    name: 'cold-start.check',
    params: { file: 'examples/quickstart.vflair' },
    open: async () => ({
      run: async () => void (await runFile(process.execPath, [bin, 'check', quickstart])),
    }),
  },
];

/** A text of 1,000 lines, parsed in a process that has done so before. */
export const checkVariants: readonly Variant[] = [
  {
    name: 'check.parse-1000-lines',
    params: { lines: 1000 },
    open: async () => {
      const lines = readFileSync(quickstart, 'utf8').split('\n');
      const copies = Array.from({ length: Math.ceil(1000 / lines.length) }, (_, i) =>
        lines.map((line) => line.replace(/^(pipeline|let) ([\w-]+)/, `$1 $2-${i}`)),
      );
      const text = copies.flat().slice(0, 1000).join('\n');
      return {
        run: async () => {
          parse({ name: 'bench.vflair', text });
        },
      };
    },
  },
];
