import type { Plan } from '@vflair/core/contract';
import { type Checked, type CheckInput, checkText } from './check-text.js';
import { lower } from './lower/lower.js';

/** Every stage of a text. Later stages are absent where an earlier one has errors. */
export interface Compiled extends Checked {
  readonly plan?: Plan;
}

/** Text → Plan, if nothing is wrong, with all stages before it and all findings as {@link checkText}. */
export function compile(input: CheckInput): Compiled {
  const checked = checkText(input);
  if (checked.pipelines === undefined) return checked;
  return { ...checked, plan: lower(checked.pipelines) };
}
