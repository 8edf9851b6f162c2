import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asFloat, randomStream, type Tensor } from '@vflair/core/tensor';
import { expect, onTestFinished, test } from 'vitest';
import { bertExport } from '../testing/bert-export.js';
import type { ReadWeight } from '../testing/foreign-parts.js';
import { gpt2Export } from '../testing/gpt2-export.js';
import { sharedCase } from '../testing/shared-folder.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { trace } from '../trace/index.js';
import { openCheckpoint } from '../weights/index.js';

const gpt2 = sharedCase('GPT-2 from PyTorch gives the recorded numbers', [
  'golden/families/gpt2/base-lm',
]);
const bert = sharedCase('BERT from PyTorch gives the recorded numbers', [
  'golden/families/bert/base-cls',
]);

/** How far two tensors are apart, by the largest element that should be there; a gradient that is 0 in theory (of a key’s bias) is noise. */
function distance(found: Tensor | undefined, expected: Tensor): number {
  if (!found || `${found.shape}` !== `${expected.shape}`) return Number.POSITIVE_INFINITY;
  const [x, y] = [asFloat(found).data, asFloat(expected).data];
  const scale = y.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-2);
  return y.reduce((most, value, i) => Math.max(most, Math.abs(value - (x[i] ?? 0))), 0) / scale;
}

/** Float tensors of a file of a recorded folder that are wanted. */
function recorded(file: string, isWanted: (name: string) => boolean): Map<string, Tensor> {
  const checkpoint = openCheckpoint(file);
  const names = [...checkpoint.tensors.keys()].filter(isWanted);
  const tensors = new Map(names.map((name) => [name, checkpoint.read(name)]));
  checkpoint.close();
  return tensors;
}

async function differences(
  golden: string,
  write: (read: ReadWeight, folder: string) => void,
  { head, cuts }: { readonly head: 'lm' | 'cls'; readonly cuts: readonly string[] },
): Promise<(readonly [string, number])[]> {
  const folder = temporaryFolder(onTestFinished);
  const checkpoint = openCheckpoint(golden);
  write((key) => checkpoint.read(key), folder);
  checkpoint.close();
  const found = await trace({
    model: folder,
    head,
    inputs: join(golden, 'io.safetensors'),
    cuts,
    gradients: true,
    cache: join(folder, 'cache'),
    random: randomStream('none'),
  });
  const outputs = recorded(join(golden, 'io.safetensors'), (name) =>
    /^(hidden|logits|loss)/.test(name),
  );
  const gradients = recorded(join(golden, 'grads.safetensors'), () => true);
  const transposedHere = (name: string): boolean => !found.has(name);
  const all = [...outputs, ...[...gradients].filter(([name]) => !transposedHere(name))];
  expect(all.length).toBeGreaterThan(20);
  return all
    .map(([name, tensor]) => [name, distance(found.get(name), tensor)] as const)
    .filter(([, worst]) => !(worst <= 2e-5));
}

const variants = [
  { fused: false, opset: 14, cuts: [] },
  { fused: true, opset: 17, cuts: ['1', '2'] },
  { fused: false, opset: 14, cuts: ['0', '3'] },
];

test.skipIf(gpt2.isAbsent).each(variants)(`${gpt2.title}: %j`, async ({ fused, opset, cuts }) => {
  const sizes = { blocks: 3, width: 32, heads: 4, positions: 40, fused };
  const write = (read: ReadWeight, folder: string): void => {
    const graph = gpt2Export(read, sizes);
    // The newer one as large models are written: weights beside the model.
    if (fused) writeFileSync(join(folder, 'model.onnx_data'), graph.moveOut('model.onnx_data'));
    writeFileSync(join(folder, 'model.onnx'), graph.bytes(opset));
  };
  const golden = join(gpt2.folder, 'golden/families/gpt2/base-lm');
  expect(await differences(golden, write, { head: 'lm', cuts })).toEqual([]);
});

test.skipIf(bert.isAbsent).each(variants)(`${bert.title}: %j`, async ({ fused, opset, cuts }) => {
  const sizes = { blocks: 3, width: 32, heads: 4, fused };
  const write = (read: ReadWeight, folder: string): void =>
    writeFileSync(join(folder, 'model.onnx'), bertExport(read, sizes).bytes(opset));
  const golden = join(bert.folder, 'golden/families/bert/base-cls');
  expect(await differences(golden, write, { head: 'cls', cuts })).toEqual([]);
});

test.skipIf(gpt2.isAbsent)(`${gpt2.title} when it continues texts, whole and cut`, async () => {
  const golden = join(gpt2.folder, 'golden/families/gpt2/base-lm');
  const folder = temporaryFolder(onTestFinished);
  const checkpoint = openCheckpoint(join(golden, 'model.safetensors'));
  const sizes = {
    blocks: 3,
    width: 32,
    heads: 4,
    positions: 40,
    fused: false,
    positionInput: true,
  };
  const read: ReadWeight = (key) => checkpoint.read(key);
  writeFileSync(join(folder, 'model.onnx'), gpt2Export(read, sizes).bytes(14));
  checkpoint.close();
  const inputs = join(golden, 'io.safetensors');
  const expected = recorded(inputs, (name) => name.startsWith('gen.logits.'));
  expect(expected.size).toBe(4);
  for (const cuts of [[], ['1']]) {
    const options = { model: folder, head: 'lm', inputs, cuts, generate: 4 } as const;
    const own = { cache: join(folder, 'cache'), random: randomStream('none') };
    const found = await trace({ ...options, ...own });
    const worst = [...expected].map(([name, tensor]) => distance(found.get(name), tensor));
    expect(Math.max(...worst)).toBeLessThan(2e-5);
  }
});

test.skipIf(gpt2.isAbsent)(`${gpt2.title} with an adapter of PEFT on its maps`, async () => {
  const golden = join(gpt2.folder, 'golden/families/gpt2/base-lm');
  const folder = temporaryFolder(onTestFinished);
  const checkpoint = openCheckpoint(join(golden, 'model.safetensors'));
  const sizes = { blocks: 3, width: 32, heads: 4, positions: 40, fused: true };
  const read: ReadWeight = (key) => checkpoint.read(key);
  writeFileSync(join(folder, 'model.onnx'), gpt2Export(read, sizes).bytes(17));
  checkpoint.close();
  const file = join(golden, 'lora', 'lora_io.safetensors');
  const expected = recorded(file, (name) => /^(hidden|logits|loss$|grad\.)/.test(name));
  const found = await trace({
    model: folder,
    head: 'lm',
    inputs: join(golden, 'io.safetensors'),
    adapter: join(golden, 'lora'),
    gradients: true,
    cuts: ['2'],
    cache: join(folder, 'cache'),
    random: randomStream('none'),
  });
  expect([...expected.keys()].some((name) => name.includes('lora_A'))).toBe(true);
  const wrong = [...expected].flatMap(([name, tensor]) => {
    const worst = distance(found.get(name), tensor);
    return worst <= 5e-5 ? [] : [[name, worst]];
  });
  expect(wrong).toEqual([]);
});
