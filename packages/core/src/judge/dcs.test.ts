import { expect, test } from 'vitest';
import { agree, referenceCases } from '../testing/index.js';
import { aboveChance, adjustedDcs, cDcs, type DcsInput, dcs, tDcs } from './dcs.js';

interface Inputs extends DcsInput {
  readonly dcs?: Readonly<Record<string, readonly number[]>>;
  readonly weights?: Readonly<Record<string, number>>;
}
interface Expected {
  readonly dcs: number;
  readonly published?: number;
  readonly tDcs: Readonly<Record<string, number | null>>;
  readonly cDcs: number;
  readonly cDcsPlainMean: number;
}
const cases = referenceCases<Inputs, Expected>('dcs');

test.skipIf(!cases)('scores agree with the published and the recorded ones', () => {
  const rows = (cases ?? []).filter(({ inputs }) => !inputs.dcs);
  expect(rows.length).toBeGreaterThan(15);
  for (const { id, inputs, expected } of rows) {
    expect(agree(dcs(inputs), expected.dcs, 1e-12), id).toBe(true);
    if (expected.published !== undefined) expect(dcs(inputs)).toBeCloseTo(expected.published, 3);
  }
});

test.skipIf(!cases)('types are averaged and weighted as recorded', () => {
  const rows = (cases ?? []).filter(({ inputs }) => inputs.dcs);
  expect(rows.length).toBeGreaterThan(2);
  for (const { id, inputs, expected } of rows) {
    const types = Object.entries(inputs.dcs ?? {}).map(
      ([type, list]) => [type, tDcs(list)] as const,
    );
    for (const [type, value] of types) {
      expect(agree(value, expected.tDcs[type] ?? null, 1e-12), id).toBe(true);
    }
    const byType = Object.fromEntries(types);
    expect(agree(cDcs(byType, inputs.weights), expected.cDcs, 1e-12), id).toBe(true);
    expect(agree(cDcs(byType), expected.cDcsPlainMean, 1e-12), id).toBe(true);
  }
});

test('an attack at its prior costs nothing after adjustment', () => {
  const input = { ap: 0.2, mp: 0.8, mpIdeal: 0.8 };
  expect(aboveChance(0.6, 0.2)).toBeCloseTo(0.5, 12);
  expect(aboveChance(0.1, 0.2)).toBe(0);
  expect(adjustedDcs(input, 0.2)).toBe(1);
  expect(adjustedDcs(input, 1)).toBeNull();
  expect(cDcs({ mia: null })).toBeNull();
});
