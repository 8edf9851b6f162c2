import {
  type Diagnostic,
  positionAt,
  type Related,
  type Source,
  type Span,
} from '@vflair/core/text';

/** A place as `check --format json` prints it: lines and columns from 1, `end` exclusive. */
export interface JsonRange {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** A finding as `check --format json` prints it. A finding without a place has neither `file` nor `range`. */
export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: Diagnostic['severity'];
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  readonly range?: JsonRange;
  readonly related: readonly {
    readonly message: string;
    readonly file?: string;
    readonly range?: JsonRange;
  }[];
}

const rangeOf = (source: Source, { start, end }: Span): JsonRange => ({
  start: positionAt(source, start),
  end: positionAt(source, end),
});

const placeOf = ({ at, source = undefined }: Related, home: Source) =>
  at === undefined ? {} : { file: (source ?? home).name, range: rangeOf(source ?? home, at) };

/** A finding as plain JSON; `source` is the text it is about unless it names another. */
export function diagnosticToJson(diagnostic: Diagnostic, source: Source): JsonDiagnostic {
  const { code, severity, message, hint } = diagnostic;
  const home = diagnostic.source ?? source;
  return {
    code,
    severity,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...placeOf(diagnostic, home),
    related: (diagnostic.related ?? []).map((one) => ({
      message: one.message,
      ...placeOf(one, home),
    })),
  };
}
