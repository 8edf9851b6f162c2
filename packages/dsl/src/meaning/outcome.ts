import type { Diagnostic } from '@vflair/core/text';

/** Something read from a statement, or what is wrong with it; neither where a mistake in the text hid it. */
export interface Outcome<T> {
  readonly value: T | undefined;
  readonly findings: readonly Diagnostic[];
}

/** Nothing there, and nothing to say about it. */
export const absent: Outcome<never> = { value: undefined, findings: [] };
/** A reading without findings. */
export const had = <T>(value: T): Outcome<T> => ({ value, findings: [] });
/** A finding instead of a reading. */
export const failed = (...findings: readonly Diagnostic[]): Outcome<never> => ({
  value: undefined,
  findings,
});
