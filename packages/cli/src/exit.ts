import type { Diagnostic } from '@vflair/core/text';

/** Exit codes; see `vflair --help`. */
export const exitCodes = {
  done: 0,
  findings: 1,
  usage: 2,
  failed: 3,
  notBelieved: 4,
  interrupted: 130,
} as const;

/** Ends the command with a code, after its message has been told. */
export class Exit extends Error {
  constructor(
    readonly code: number,
    message = '',
    readonly diagnostics: readonly Diagnostic[] = [],
  ) {
    super(message);
    this.name = 'Exit';
  }
}
