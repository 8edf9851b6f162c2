import { expect, test } from 'vitest';
import type {
  AdversaryPlan,
  PipelinePlan,
  SeenMessage,
  Sight,
  SightKey,
} from '../contract/index.js';
import { floatTensor, intTensor } from '../tensor/index.js';
import { grantedKeys } from './grants.js';
import { openView } from './open-view.js';

const headBodyTail = [
  { name: 'head', from: 'embed', to: 0, owner: 'client', role: 'head' },
  { name: 'body', from: 1, to: 2, owner: 'server', role: 'body' },
  { name: 'tail', from: 3, to: 'output', owner: 'client', role: 'tail' },
] as const;
const headTail = [headBodyTail[0], { ...headBodyTail[1], to: 'output', role: 'tail' }] as const;

function granted(rest: Partial<AdversaryPlan>, slices: PipelinePlan['slices'] = headBodyTail) {
  const adversary = { name: 'curious', at: 'server', knows: [], sees: [], auxiliary: null };
  return [...grantedKeys({ slices } as unknown as PipelinePlan, { ...adversary, ...rest })].sort();
}

test('nothing is granted that the text does not grant', () => {
  expect(granted({})).toEqual([]);
  expect(granted({ knows: ['architecture'] })).toEqual([]);
});

test.each<[string, Partial<AdversaryPlan>, string[]]>([
  ['a known head brings its embedding', { knows: ['pretrained head'] }, ['embedding', 'head']],
  ['an exact head, too', { knows: ['exact head'] }, ['embedding', 'head']],
  ['the embedding alone brings no head', { knows: ['embedding'] }, ['embedding']],
  ['what is seen is granted by name', { sees: ['activations'] }, ['activations']],
  ['a known tail', { knows: ['pretrained tail'] }, ['tail']],
  ['tokenizer and defense', { knows: ['tokenizer', 'defense'] }, ['defense', 'tokenizer']],
  [
    'public rows',
    { auxiliary: { kind: 'catalog', ref: 'x', rows: null, columns: {} } },
    ['auxiliary'],
  ],
])('%s', (_, adversary, keys) => {
  expect(granted(adversary)).toEqual(keys);
});

test('who owns the tail knows it, and only in head-tail', () => {
  expect(granted({}, headTail)).toEqual(['tail']);
  expect(granted({ at: 'client' }, headBodyTail)).toEqual([]);
});

const seen: SeenMessage = {
  phase: 'test',
  step: 0,
  tensor: floatTensor([1, 1, 2], Float32Array.of(1, 2)),
  mask: intTensor([1, 1], [1]),
};
const sight = (): Partial<Sight> => ({
  activations: [{ ...seen, tensor: { ...seen.tensor } }],
  gradients: [seen],
  tokenizer: { vocabulary: 3, special: [0], prefix: [], suffix: [] },
  // Frozen outside, open inside.
  auxiliary: Object.freeze({ ids: [[1, 2]] }),
});

const view = (needs: SightKey[], wants: SightKey[], grants: SightKey[]) =>
  openView(sight(), { id: 'test', needs, wants }, new Set(grants));

test('a view has what was declared and granted, and nothing else', () => {
  const all: SightKey[] = ['activations', 'gradients', 'tokenizer', 'auxiliary'];
  expect(Object.keys(view(['activations'], [], all))).toEqual(['activations']);
  expect(Object.keys(view(['activations'], ['gradients'], ['activations']))).toEqual([
    'activations',
  ]);
  expect(Object.keys(view([], ['gradients', 'tokenizer'], all))).toEqual([
    'gradients',
    'tokenizer',
  ]);
  // Granted and wanted, but not there.
  expect(Object.keys(view([], ['defense'], ['defense']))).toEqual([]);
});

test('a need that was not granted, or is not there, is a defect of ours', () => {
  expect(() => view(['activations'], [], [])).toThrow('VF940');
  expect(() => view(['responses'], [], ['responses'])).toThrow('VF940');
});

test('a view is frozen all the way down', () => {
  const opened = view(
    ['activations', 'tokenizer', 'auxiliary'],
    [],
    ['activations', 'tokenizer', 'auxiliary'],
  );
  const open = (value: unknown): unknown[] => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
    return [...(Object.isFrozen(value) ? [] : [value]), ...Object.values(value).flatMap(open)];
  };
  expect(open(opened)).toEqual([]);
  expect(() => Object.assign(opened, { gradients: [] })).toThrow(TypeError);
  expect(() => Object.assign(opened.activations[0] ?? {}, { step: 1 })).toThrow(TypeError);
});
