import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel } from '@vflair/core/graph';
import { Session } from '@vflair/core/session';
import { asFloat, floatTensor, randomStream } from '@vflair/core/tensor';
import { present } from '@vflair/core/text';
import { newtonSchulzGraph } from '@vflair/models/pretrain';
import { afterAll, expect, test } from 'vitest';
import { root } from './source-tree.js';

const place = mkdtempSync(join(tmpdir(), 'pretrain-'));
afterAll(() => rmSync(place, { recursive: true }));

/** Ten steps on a few documents, in a folder of their own; gives the digest of weights and optimizer state. */
function tenSteps(name: string, ...more: readonly string[]): string {
  const folders = ['--work', join(place, name), '--catalog', join(place, `${name}-catalog`)];
  const length = ['--steps', '10', '--every', '10', '--documents', '2', '--unmeasured'];
  const script = join(root, 'scripts', 'pretrain.ts');
  execFileSync(process.execPath, [script, 'tiny-bert', ...length, ...folders, ...more]);
  return digestOfTensors(join(place, name, 'tiny-bert.state.safetensors'));
}

/** SHA-256 of a safetensors file without its header, which tells the time training took. */
function digestOfTensors(file: string): string {
  const bytes = readFileSync(file);
  const header = Number(bytes.readBigUInt64LE(0));
  return createHash('sha256')
    .update(bytes.subarray(8 + header))
    .digest('hex');
}

test('ten steps give the same bits again, also when the run stopped in between', () => {
  const straight = tenSteps('straight');
  const early = tenSteps('stopped', '--until', '4');
  expect(early).not.toBe(straight);
  expect(tenSteps('stopped')).toBe(straight);
});

test('Newton–Schulz gives matrices whose singular values are near 1', async () => {
  const shapes = [
    { name: 'wide', shape: [6, 20], pieces: 1 },
    { name: 'tall', shape: [20, 6], pieces: 1 },
    { name: 'fused', shape: [6, 18], pieces: 3 },
  ] as const;
  const { g, outputs } = newtonSchulzGraph(shapes);
  const session = await Session.open(encodeModel(g, outputs), { threads: 1 });
  const random = randomStream('newton-schulz');
  const inputs = Object.fromEntries(
    shapes.map(({ name, shape: [rows, columns] }) => {
      const data = Float32Array.from({ length: rows * columns }, () => 1e-3 * random.normal());
      return [name, floatTensor([rows, columns], data)];
    }),
  );
  const results = await session.run(inputs);
  await session.close();
  for (const { name, shape, pieces } of shapes) {
    const y = asFloat(present(results[name], name)).data;
    const width = shape[1] / pieces;
    for (let piece = 0; piece < pieces; piece++) {
      // Σ of squared singular values is Σ of squared entries: as many as the smaller side has, each in [0.6, 1.3].
      const rank = Math.min(shape[0], width);
      let squares = 0;
      for (let row = 0; row < shape[0]; row++)
        for (let i = 0; i < width; i++)
          squares += present(y[row * shape[1] + piece * width + i]) ** 2;
      expect(squares / rank).toBeGreaterThan(0.6 ** 2);
      expect(squares / rank).toBeLessThan(1.3 ** 2);
    }
  }
});
