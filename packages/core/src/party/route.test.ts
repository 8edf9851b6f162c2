import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SlicePlan } from '../contract/index.js';
import { isHeadTail, partOf, type Route, sliceIndex } from './route.js';

test.each([
  ['embed', 0, { embed: true, first: 0, end: 1, output: false }],
  ['embed', 'embed', { embed: true, first: 0, end: 0, output: false }],
  [1, 2, { embed: false, first: 1, end: 3, output: false }],
  [3, 'output', { embed: false, first: 3, end: 4, output: true }],
  ['output', 'output', { embed: false, first: 4, end: 4, output: true }],
  ['embed', 'output', { embed: true, first: 0, end: 4, output: true }],
] as const)('of four blocks, %s to %s', (from, to, part) => {
  expect(partOf({ from, to }, 4)).toEqual(part);
});

test('slices that follow each other are parts that follow each other', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 7 })), (cuts) => {
      const starts = ['embed', ...cuts.toSorted((a, b) => a - b)] as const;
      const parts = starts.map((from, i) => {
        const next = starts[i + 1];
        return partOf({ from, to: typeof next === 'number' ? next - 1 : 'output' }, 8);
      });
      expect(parts.map(({ first }) => first)).toEqual([
        0,
        ...parts.slice(0, -1).map(({ end }) => end),
      ]);
      expect(parts.at(-1)?.end).toBe(8);
      expect(parts.filter(({ embed }) => embed)).toHaveLength(1);
      expect(parts.filter(({ output }) => output)).toHaveLength(1);
    }),
  );
});

const routeOwnedBy = (...owners: readonly string[]): Route => ({
  slices: owners.map(
    (owner, i): SlicePlan => ({ name: `s${i}`, from: i, to: i, owner, role: 'body' }),
  ),
  dataParty: 'client',
});

test("head-tail is where the last slice is somebody else's", () => {
  expect(isHeadTail(routeOwnedBy('client', 'server'))).toBe(true);
  expect(isHeadTail(routeOwnedBy('client', 'server', 'client'))).toBe(false);
  expect(isHeadTail(routeOwnedBy('client'))).toBe(false);
});

test('a slice is found by its name, one that is not there is a defect', () => {
  expect(sliceIndex(routeOwnedBy('client', 'server'), 's1')).toBe(1);
  expect(() => sliceIndex(routeOwnedBy('client'), 's9')).toThrow('VF901');
});
