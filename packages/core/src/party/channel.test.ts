import { expect, test } from 'vitest';
import {
  type DefenseContext,
  type DefenseDefinition,
  defineDefense,
  type Fields,
  type Message,
  noClaim,
} from '../contract/index.js';
import { asFloat, floatTensor, intTensor, randomStream } from '../tensor/index.js';
import { Findings } from '../text/index.js';
import { type BoundDefense, Channel } from './channel.js';

const mask = intTensor([1, 2], [1, 0]);

function message(values: readonly number[], rest: Partial<Message> = {}): Message {
  const tensor = floatTensor([1, 2, 1], Float32Array.from(values));
  return { phase: 'train', step: 3, from: 'head', to: 'body', kind: 'activation', tensor, ...rest };
}

/** y = factor·x + shift, whose gradient is factor·dy; keeps the contexts it was called with. */
function affine(id: string, factor: number, shift: number) {
  const seen: DefenseContext<Fields>[] = [];
  const scaled = (data: Float32Array<ArrayBufferLike>, by: number, plus: number) =>
    Float32Array.from(data, (x) => by * x + plus);
  const definition: DefenseDefinition = defineDefense({
    ...{ id, title: id, paper: '', at: ['forward-out', 'backward-out'], params: {} },
    apply: ({ shape, data }, context) => {
      seen.push(context);
      return floatTensor(shape, scaled(data, factor, shift));
    },
    backward: ({ shape, data }, _sent, _received, context) => {
      seen.push(context);
      return floatTensor(shape, scaled(data, factor, 0));
    },
    claim: () => noClaim,
  });
  return { seen, bound: { definition, params: {}, rng: randomStream(id) } satisfies BoundDefense };
}

function channelOf(...chain: readonly BoundDefense[]) {
  const sent: Message[] = [];
  return { channel: new Channel('head', 'body', { chain, deliver: (m) => sent.push(m) }), sent };
}

const values = (tensor: Message['tensor'] | undefined): number[] =>
  tensor ? [...asFloat(tensor).data] : [];

test('what is sent has passed the whole chain, first link first', () => {
  const { channel, sent } = channelOf(affine('double', 2, 0).bound, affine('add', 1, 1).bound);
  channel.send(message([1, 2]), mask);
  expect(sent.map(({ tensor }) => values(tensor))).toEqual([[3, 5]]);
});

test('what is sent without the chain is nothing: protect gives the same and delivers nothing', () => {
  const { channel, sent } = channelOf(affine('double', 2, 0).bound, affine('add', 1, 1).bound);
  expect(values(channel.protect(message([1, 2]), mask))).toEqual([3, 5]);
  expect(sent).toEqual([]);
});

test('a gradient goes back through the chain in reverse, link by link', () => {
  const order: string[] = [];
  const spy = (id: string): BoundDefense => {
    const { bound } = affine(id, 1, 0);
    const backward: NonNullable<DefenseDefinition['backward']> = (gradient, sent, received) => {
      order.push(`${id} sent ${values(sent)} received ${values(received)}`);
      return floatTensor(
        gradient.shape,
        Float32Array.from(gradient.data, (x) => 10 * x + order.length),
      );
    };
    const apply: DefenseDefinition['apply'] = ({ shape, data }) =>
      floatTensor(
        shape,
        Float32Array.from(data, (x) => x + 1),
      );
    return { ...bound, definition: { ...bound.definition, apply, backward } };
  };
  const { channel } = channelOf(spy('first'), spy('second'));
  channel.send(message([1, 2]), mask, true);
  const back = channel.back(message([1, 0], { kind: 'gradient', from: 'body', to: 'head' }), mask);
  expect(order).toEqual(['second sent 3,4 received 2,3', 'first sent 2,3 received 1,2']);
  // second: 10·1 + 1 = 11, 1; first: 10·11 + 2 = 112, 12.
  expect(values(back)).toEqual([112, 12]);
});

test('a link without backward lets the gradient through, and so does a pass that kept nothing', () => {
  const { bound } = affine('double', 2, 0);
  const { backward: _none, ...definition } = bound.definition;
  const straight = channelOf({ ...bound, definition });
  straight.channel.send(message([1, 2]), mask, true);
  const gradient = message([5, 6], { kind: 'gradient' });
  expect(values(straight.channel.back(gradient, mask))).toEqual([5, 6]);
  const forgetful = channelOf(bound);
  forgetful.channel.send(message([1, 2]), mask);
  expect(values(forgetful.channel.back(gradient, mask))).toEqual([5, 6]);
});

test('a defense is told phase, step, point and mask of each message, also on the way back', () => {
  const { seen, bound } = affine('spy', 1, 0);
  const { channel } = channelOf(bound);
  channel.send(message([1, 2], { phase: 'test', step: 7 }), mask);
  channel.send(message([1, 2], { kind: 'gradient' }), mask);
  channel.send(message([1, 2]), mask, true);
  channel.back(message([1, 2], { kind: 'gradient' }), mask);
  expect(seen.map(({ phase, step, point }) => [phase, step, point])).toEqual([
    ['test', 7, 'forward-out'],
    ['train', 3, 'backward-out'],
    ['train', 3, 'forward-out'],
    ['train', 3, 'forward-out'],
  ]);
  expect(seen.every((context) => context.mask === mask)).toBe(true);
});

test('a message without positions has a mask of ones, one per row', () => {
  const { seen, bound } = affine('spy', 1, 0);
  const tensor = floatTensor([3, 4], new Float32Array(12));
  channelOf(bound).channel.send(message([0, 0], { tensor }), mask);
  expect(seen[0]?.mask).toEqual(intTensor([3, 1], [1, 1, 1]));
});

test('the noise of a message depends on phase and step, not on what was sent before', () => {
  const noisy = (): BoundDefense => {
    const { bound } = affine('noise', 1, 0);
    const apply: DefenseDefinition['apply'] = ({ shape, data }, { rng }) =>
      floatTensor(
        shape,
        Float32Array.from(data, () => rng.normal()),
      );
    return { ...bound, definition: { ...bound.definition, apply } };
  };
  const drawn = (...steps: readonly (readonly [Message['phase'], number])[]) => {
    const { channel, sent } = channelOf(noisy());
    for (const [phase, step] of steps) channel.send(message([0, 0], { phase, step }), mask);
    return sent.map(({ tensor }) => values(tensor));
  };
  const [a, b] = drawn(['train', 1], ['train', 2]);
  expect(drawn(['train', 2], ['train', 1])).toEqual([b, a]);
  expect(a).not.toEqual(b);
  expect(drawn(['test', 1])).not.toEqual([a]);
});

test('what the sender put in is not changed', () => {
  const { channel } = channelOf(affine('double', 2, 0).bound);
  const sent = message([1, 2]);
  channel.send(sent, mask);
  expect(values(sent.tensor)).toEqual([1, 2]);
});

test('a defense that throws is a finding that names it, and nothing is sent', () => {
  const { bound } = affine('faulty', 1, 0);
  const apply = () => {
    throw new RangeError('no such row');
  };
  const { channel, sent } = channelOf({ ...bound, definition: { ...bound.definition, apply } });
  const thrown = (): unknown => {
    try {
      return channel.send(message([1, 2]), mask);
    } catch (error) {
      return error;
    }
  };
  const error = thrown();
  expect(error).toBeInstanceOf(Findings);
  expect(error instanceof Findings && error.diagnostics[0]).toMatchObject({
    code: 'VF569',
    message: 'defense `faulty` failed: no such row',
  });
  expect(sent).toEqual([]);
});

test('a defense that changes the size of a message is refused', () => {
  const { bound } = affine('cut', 1, 0);
  const apply: DefenseDefinition['apply'] = () => floatTensor([1, 1, 1], new Float32Array(1));
  const { channel } = channelOf({ ...bound, definition: { ...bound.definition, apply } });
  expect(() => channel.send(message([1, 2]), mask)).toThrow('VF931');
});
