import type { Source, Span } from './span.js';

/** How serious a finding is; only `error` stops a run. */
export type Severity = 'error' | 'warning';

/** Another place that explains a finding. */
export interface Related {
  readonly at?: Span;
  readonly source?: Source;
  readonly message: string;
}

/**
 * A user's mistake, as a value: what is wrong in the user's own words, where, and what to write instead.
 * Codes: `VF1xx` text, `VF2xx` names, `VF3xx` meaning and threat model, `VF4xx` fields, `VF5xx` running.
 * A finding about a file that is not a `.vflair` text (weights, data) has no `at`.
 */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint?: string;
  readonly at?: Span;
  readonly source?: Source;
  readonly related?: readonly Related[];
}

/** Findings raised where a value must be returned: carries them to the command that prints them. */
export class Findings extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
    this.name = 'Findings';
    this.diagnostics = diagnostics;
  }
}

/** One finding of severity error as something that can be thrown; see {@link Findings}. */
export function finding(code: string, message: string, hint?: string): Findings {
  return new Findings([
    { code, severity: 'error', message, ...(hint === undefined ? {} : { hint }) },
  ]);
}

/** A broken promise of ours (`VF9xx`): thrown, never returned, and worth a report. */
export class Bug extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message} (a defect of vflair: please report it)`);
    this.name = 'Bug';
    this.code = code;
  }
}

/** The value, or a {@link Bug} `VF901` when it is absent: for indices and keys that hold by construction. */
export function present<T>(value: T | undefined | null, what = 'value'): T {
  if (value === undefined || value === null) throw new Bug('VF901', `${what} is missing`);
  return value;
}

/** Element `index` of `items`; throws VF901 where there is none. */
export function at<T>(items: readonly T[], index: number): T {
  return present(items[index], `element ${index} of ${items.length}`);
}
