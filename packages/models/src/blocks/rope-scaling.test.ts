import type { ModelConfig } from '@vflair/core/contract';
import { at } from '@vflair/core/text';
import { expect, test } from 'vitest';
import { type RopeInput, scaleRope, yarnScale } from './rope-scaling.js';

const [base, size, positions, original] = [500, 16, 64, 32];
const pairs = Array.from({ length: size / 2 }, (_, i) => i);
const plain = pairs.map((i) => base ** ((-2 * i) / size));

function scaled(type: string, parameters: ModelConfig = {}, other: Partial<RopeInput> = {}) {
  const input = { family: 'test', parameters, base, size, positions, original, ...other };
  return scaleRope(type, input);
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    expect(value / at(expected, i)).toBeCloseTo(1, 6);
  });
}

test('without scaling pair i turns by base^(−2i/d) per position', () => {
  expectClose(scaled('default').frequencies.inverse, plain);
});

test('linear divides all frequencies', () => {
  const { inverse } = scaled('linear', { factor: 4 }).frequencies;
  expectClose(
    inverse,
    plain.map((f) => f / 4),
  );
});

test('dynamic starts as it is and says how it grows', () => {
  const { frequencies } = scaled('dynamic', { factor: 4 });
  expect(frequencies).toMatchObject({ kind: 'dynamic', limit: positions, factor: 4 });
  expectClose(frequencies.inverse, plain);
});

test('llama3 keeps short wavelengths, divides long ones and mixes between', () => {
  const parameters = { factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
  const { inverse } = scaled('llama3', parameters).frequencies;
  const expected = plain.map((f) => {
    const turns = (original * f) / (2 * Math.PI);
    const share = Math.min(Math.max((turns - 1) / 3, 0), 1);
    return share * f + ((1 - share) * f) / 8;
  });
  expectClose(inverse, expected);
  expect(inverse[0]).toBe(1);
  expect(at(inverse, 7) / at(plain, 7)).toBeCloseTo(1 / 8, 6);
});

// The pair that turns r times within P₀ positions: base^(2i/d)·2π·r = P₀.
const pairOf = (turns: number): number =>
  ((size / 2) * Math.log(original / (2 * Math.PI * turns))) / Math.log(base);

test('yarn leaves fast pairs, divides slow ones, and raises the temperature', () => {
  const ramp = (low: number, high: number) => (f: number, i: number) => {
    const slow = Math.min(Math.max((i - low) / (high - low), 0), 1);
    return f * (1 - slow) + (f / 4) * slow;
  };
  const [low, high] = [Math.max(0, Math.floor(pairOf(32))), Math.ceil(pairOf(1))];
  const found = scaled('yarn', { factor: 4 });
  expectClose(found.frequencies.inverse, plain.map(ramp(low, high)));
  expect(found.attentionFactor).toBeCloseTo(0.1 * Math.log(4) + 1, 12);
  const exact = scaled('yarn', { factor: 4, beta_fast: 4, beta_slow: 0.5, truncate: false });
  expectClose(exact.frequencies.inverse, plain.map(ramp(pairOf(4), pairOf(0.5))));
});

test('yarn takes its factor from the sizes, its temperature from the config', () => {
  expect(scaled('yarn').attentionFactor).toBeCloseTo(yarnScale(2), 12);
  expect(scaled('yarn', { factor: 4, attention_factor: 1.5 }).attentionFactor).toBe(1.5);
  const ratio = scaled('yarn', { factor: 4, mscale: 2, mscale_all_dim: 0.5 }).attentionFactor;
  expect(ratio).toBeCloseTo((0.2 * Math.log(4) + 1) / (0.05 * Math.log(4) + 1), 12);
  expect(yarnScale(0.5)).toBe(1);
});

test('longrope has one divisor per pair, for short and for long texts', () => {
  const [short, long] = [pairs.map((i) => 1 + i / 10), pairs.map((i) => 2 + i)];
  const found = scaled('longrope', { short_factor: short, long_factor: long });
  const divided = (by: readonly number[]): number[] => plain.map((f, i) => f / at(by, i));
  expectClose(found.frequencies.inverse, divided(short));
  const { frequencies } = found;
  expectClose(frequencies.kind === 'longrope' ? frequencies.long : [], divided(long));
  expect(found.attentionFactor).toBeCloseTo(Math.sqrt(1 + Math.log(2) / Math.log(32)), 12);
  const same = { short_factor: short, long_factor: long, attention_factor: 1.25 };
  expect(scaled('longrope', same).attentionFactor).toBe(1.25);
  expect(scaled('longrope', same, { original: 64 }).frequencies).toMatchObject({ limit: 64 });
});

test('unknown types and missing numbers are findings', () => {
  expect(() => scaled('mrope')).toThrow(/VF532.*`mrope`/);
  expect(() => scaled('toString')).toThrow('VF532');
  expect(() => scaled('linear')).toThrow(/VF530.*`factor`/);
  expect(() => scaled('llama3', { factor: 8 })).toThrow('VF530');
  expect(() => scaled('longrope', { short_factor: [1], long_factor: [1] })).toThrow('VF523');
  expect(() => scaled('dynamic', { factor: 2 }, { size: 2 })).toThrow('VF523');
});
