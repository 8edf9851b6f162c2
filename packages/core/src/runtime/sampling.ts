import type { PlanParams } from '../contract/index.js';
import type { Sampling } from '../party/index.js';
import { numberOf } from '../run/index.js';

const names = {
  repetitionPenalty: 'repetition-penalty',
  topK: 'top-k',
  topP: 'top-p',
  minP: 'min-p',
} as const;

/** How the task `generation` says that tokens are drawn. */
export function samplingOf(params: PlanParams): Sampling {
  const given = Object.entries(names).flatMap(([key, name]) => {
    const value = params[name];
    return typeof value === 'number' ? [[key, value] as const] : [];
  });
  return { temperature: numberOf(params, 'temperature', 0), ...Object.fromEntries(given) };
}

/** Texts that end an answer. */
export function stopsOf({ stop }: PlanParams): string[] {
  return Array.isArray(stop) ? stop.map(String) : [];
}
