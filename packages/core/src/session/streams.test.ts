import { expect, test } from 'vitest';
import type { ModelSpec, Tensors } from '../contract/index.js';
import { asFloat, floatTensor, randomStream, sizeOf } from '../tensor/index.js';
import { compositionDefects, drawFamilyCase, smallModel } from '../testing/index.js';
import { present } from '../text/index.js';
import { cutParts } from './bindings.js';
import { Slice } from './slice.js';
import { crossingStreams } from './slice-graph.js';

/** The small model with a second stream where `side` is fed: the last block adds it, the others let it pass. */
function twoStreams(isRead = true): ModelSpec {
  const small = smallModel();
  const shape = ['batch', 'seq', small.hidden];
  return {
    ...small,
    inputs: [{ name: 'side', dtype: 'float32', shape }],
    companions: {
      at: (block, given) => (given.has('side') && block < 3 ? [{ name: 'side', shape }] : []),
      embed: ({ g, given, input, parameters }) =>
        given.has('side')
          ? { side: g.mul(input('side', 'float32', shape), parameters.weight('norm')) }
          : {},
    },
    parameters: small.parameters.map((parameter) =>
      parameter.key === 'norm' ? { ...parameter, places: ['embed', 'output'] } : parameter,
    ),
    block: (context, index, hidden) => {
      const { side } = context.companions;
      const given = side && index === 2 && isRead ? context.g.add(hidden, side) : hidden;
      return small.block(context, index, given);
    },
  };
}

const given: Tensors = {
  side: floatTensor(
    [2, 5, 4],
    Float32Array.from({ length: 40 }, (_, i) => Math.cos(i)),
  ),
};

test.each([[1], [3], [0, 1, 2, 3]])(
  'a second stream crosses a cut before block %i as it is in one piece',
  async (...cuts) => {
    const made = drawFamilyCase(twoStreams(), randomStream('two streams'), given);
    expect(await compositionDefects(made, cuts)).toEqual([]);
  },
);

test('it crosses only where its input is fed and a block still needs it', () => {
  const names = (block: number, fed: readonly string[]): string[] =>
    crossingStreams(twoStreams(), block, new Set(fed)).map(({ name }) => name);
  expect(names(1, [])).toEqual(['hidden']);
  expect(names(1, ['side'])).toEqual(['hidden', 'hidden.side']);
  expect(names(3, ['side'])).toEqual(['hidden']);
});

test('one slice serves runs with and without it', async () => {
  const { spec, weights, inputs } = drawFamilyCase(twoStreams(), randomStream('both'), given);
  const stored = (key: string) => present(weights.get(key), key);
  const [part] = cutParts(spec, [1]);
  const slice = new Slice(spec, present(part, 'part'), {
    stored,
    trained: new Map(),
    adapters: new Map(),
  });
  const { side: _, ...rest } = inputs;
  const names = async (fed: Tensors): Promise<string[]> =>
    Object.keys(await slice.forward(fed)).toSorted();
  expect(await names(inputs)).toEqual(['result', 'result.side']);
  expect(await names(rest)).toEqual(['result']);
  expect(await names(inputs)).toEqual(['result', 'result.side']);
  await slice.close();
});

test('a stream that ends in nothing sends back zeros', async () => {
  const made = drawFamilyCase(twoStreams(false), randomStream('ends'), given);
  const [first, last] = cutParts(made.spec, [1]).map(
    (part, i) =>
      new Slice(
        made.spec,
        part,
        {
          stored: (key) => present(made.weights.get(key), key),
          trained: new Map(i === 0 ? [...made.weights].filter(([key]) => key === 'norm') : []),
          adapters: new Map(),
        },
        { inputGradient: i > 0 },
      ),
  );
  const sent = await present(first, 'first').forwardKeeping(0, made.inputs);
  const step = await present(last, 'last').lossStep(
    {
      ...made.inputs,
      hidden: present(sent.result, 'result'),
      'hidden.side': present(sent['result.side'], 'side'),
    },
    made.labels,
  );
  const back = asFloat(present(step.received['hidden.side'], 'gradient'));
  expect(back.shape).toEqual([2, 5, 4]);
  expect([...back.data]).toEqual(Array.from({ length: sizeOf(back.shape) }, () => 0));
  const { trained } = await present(first, 'first').backward(0, step.received);
  expect([...present(trained.get('norm'), 'norm').data].map(Math.abs)).toEqual([0, 0, 0, 0]);
  await Promise.all([first?.close(), last?.close()]);
});
