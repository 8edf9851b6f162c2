import type { Plan } from '@vflair/core/contract';
import { whole } from '../numbers.js';
import { type Answer, nearEnough } from '../readings.js';
import { settingWords } from './words.js';

/** Samples that bring half the interval to 5 points (its width falls with √n), in whole hundreds; undefined where n is enough. */
export function samplesNeeded({ figure }: Pick<Answer['reading'], 'figure'>): number | undefined {
  const { low, high, n } = figure;
  if (low === null || high === null || n === null || n === 0) return undefined;
  const half = (high - low) / 2;
  const needed = Math.ceil((n * (half / nearEnough) ** 2) / 100) * 100;
  return needed > n ? needed : undefined;
}

function remedy({ setting, reading, failed }: Answer): string {
  const name = settingWords(setting);
  if (failed !== undefined) {
    return `in ${name} run \`${failed.attack.join(' |> ')}\` with more \`steps\` or \`restarts\` until it converges`;
  }
  const samples = samplesNeeded(reading);
  return samples === undefined
    ? `in ${name} measure over several seeds (\`sweep seed in 1..5\`)`
    : `in ${name} attack about ${whole(samples)} rows (\`samples ${samples}\`)`;
}

/** The runs that would settle what is open, at most three; "" where nothing is. */
export const settling = (open: readonly Answer[]): string =>
  open.length === 0 ? '' : `To settle it, ${open.slice(0, 3).map(remedy).join('; ')}.`;

/** Whether attacks were asked for: then a run without their figures was interrupted. */
export const isUnfinished = (plan: Plan): boolean =>
  plan.pipelines.some(({ attacks }) => attacks.length > 0);

/** What to write where nothing was attacked. */
export function attackFirst(plan: Plan): string {
  if (isUnfinished(plan)) return 'To find out, let it finish: `npx vflair run plan.json --resume`.';
  return plan.pipelines.some(({ adversaries }) => adversaries.length > 0)
    ? 'To find out, add a line such as `attack curious with vmi` to the pipeline and run again.'
    : 'To find out, name an `adversary` and what it sees, add an `attack` line, and run again.';
}
