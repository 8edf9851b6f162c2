import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One recorded case: what went in and what an independent program gave. */
export interface ReferenceCase<Inputs, Expected> {
  readonly id: string;
  readonly inputs: Inputs;
  readonly expected: Expected;
}

/**
 * The cases of a recorded metrics file (`gaussian`, `tokens`, …), or undefined where the folder is absent: beside the
 * repository as `shared`, or where VFLAIR_SHARED points.
 */
export function referenceCases<Inputs, Expected>(
  name: string,
): readonly ReferenceCase<Inputs, Expected>[] | undefined {
  const beside = fileURLToPath(new URL('../../../../../shared', import.meta.url));
  const file = resolve(process.env.VFLAIR_SHARED ?? beside, 'golden/metrics', `${name}.json`);
  if (!existsSync(file)) return undefined;
  const parsed: { readonly cases: readonly ReferenceCase<Inputs, Expected>[] } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  return parsed.cases;
}

/** Whether two numbers agree to `tolerance` relative to the expected one, with `floor` as the smallest scale; nulls only with nulls. */
export function agree(
  actual: number | null,
  expected: number | null,
  tolerance: number,
  floor = 1,
): boolean {
  if (actual === null || expected === null) return actual === expected;
  return Math.abs(actual - expected) <= tolerance * Math.max(floor, Math.abs(expected));
}
