import type { Failure } from '../party/index.js';
import { Findings } from '../text/index.js';

/** An error as plain data, to cross a thread or process. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Findings) return { kind: 'findings', diagnostics: error.diagnostics };
  if (error instanceof Error)
    return { kind: 'error', message: error.message, stack: error.stack ?? '' };
  return { kind: 'error', message: String(error), stack: '' };
}

/** The error a {@link Failure} stands for. */
export function fromFailure(failure: Failure): Error {
  if (failure.kind === 'findings') return new Findings(failure.diagnostics);
  const error = new Error(failure.message);
  error.stack = failure.stack;
  return error;
}
