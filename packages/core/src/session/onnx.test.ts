import { expect, test } from 'vitest';
import { createGraph, encodeModel } from '../graph/index.js';
import { floatTensor, intTensor, zeros } from '../tensor/index.js';
import { Session } from './onnx.js';

/** y = x + n·1 of two inputs, the second of which no output needs. */
async function open(): Promise<Session> {
  const g = createGraph();
  const x = g.input('x', 'float32', ['n', 2]);
  g.input('idle', 'int64', [1]);
  g.output('y', g.add(x, g.cast(g.sizeNamed('n'), 'float32')));
  return Session.open(encodeModel(g));
}

test('one session serves every size, the empty one included', async () => {
  const session = await open();
  for (const rows of [3, 1, 0]) {
    const { y } = await session.run({ x: zeros([rows, 2]) });
    expect(y).toEqual(floatTensor([rows, 2], new Float32Array(2 * rows).fill(rows)));
  }
  await session.close();
});

test('a session names what it reads, takes no notice of more, and misses what is missing', async () => {
  const session = await open();
  expect(session.inputs).toEqual(['x']);
  const { y } = await session.run({ x: zeros([1, 2]), other: intTensor([1], [5]) });
  expect(y?.shape).toEqual([1, 2]);
  await expect(session.run({})).rejects.toThrow('VF922');
  await session.close();
});

test('results are copies: they stay when the inputs change and when the session runs again', async () => {
  const session = await open();
  const x = zeros([1, 2]);
  const { y: first } = await session.run({ x });
  x.data.fill(7);
  const { y: second } = await session.run({ x });
  expect(first?.data).toEqual(Float32Array.of(1, 1));
  expect(second?.data).toEqual(Float32Array.of(8, 8));
  await session.close();
});

test('the same run gives the same bits, with one thread and with two', async () => {
  const g = createGraph();
  const x = g.input('x', 'float32', [33, 65]);
  g.output('y', g.softmax(g.matMul(x, x, { transB: true })));
  const data = Float32Array.from({ length: 33 * 65 }, (_, i) => Math.sin(i));
  const results = [];
  for (const threads of [1, 2, 1]) {
    const session = await Session.open(encodeModel(g), { threads });
    results.push((await session.run({ x: floatTensor([33, 65], data) })).y?.data);
    await session.close();
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});
