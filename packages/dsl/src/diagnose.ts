import type { Diagnostic, Related } from '@vflair/core/text';
import type { SourceSpan } from './ast/ast.js';

/** What a builder adds to code, place and message. */
export interface Details {
  readonly hint?: string;
  readonly related?: readonly Related[];
}

/** A finding that stops the run. */
export const error = (
  code: string,
  at: SourceSpan,
  message: string,
  details: Details = {},
): Diagnostic => ({
  code,
  severity: 'error',
  message,
  at: { start: at.start, end: at.end },
  source: at.source,
  ...details,
});

/** A finding that does not. */
export const warning = (
  code: string,
  at: SourceSpan,
  message: string,
  details: Details = {},
): Diagnostic => ({
  ...error(code, at, message, details),
  severity: 'warning',
});

/** Another place, as a finding's `related`. */
export const related = (at: SourceSpan, message: string): Related => ({
  at: { start: at.start, end: at.end },
  source: at.source,
  message,
});
