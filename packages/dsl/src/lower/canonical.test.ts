import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical.js';

const shuffleKeys = (value: unknown, seed: number): unknown => {
  if (Array.isArray(value)) return value.map((item) => shuffleKeys(item, seed));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, shuffleKeys(inner, seed)] as const,
  );
  const turned = entries.map((_, i) => entries[(i * 7 + seed) % entries.length]);
  const all = new Set([...turned, ...entries]);
  return Object.fromEntries([...all].filter((entry) => entry !== undefined));
};

test('bytes do not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(20), (value, seed) => {
      expect(canonicalJson(shuffleKeys(value, seed))).toBe(canonicalJson(value));
    }),
    { seed: 60 },
  );
});

test('what is written is read back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { seed: 60 },
  );
});

test('keys are sorted, spaces and absent keys left out, and there is one zero', () => {
  expect(canonicalJson({ b: [1, -0], a: { d: null, c: undefined } })).toBe(
    '{"a":{"d":null},"b":[1,0]}',
  );
});
