import type { Plan } from '@vflair/core/contract';
import { significant } from '../numbers.js';
import { labelAnswers, tokenAnswers } from '../readings.js';
import type { ReportOracle, Verdict } from '../report.js';
import type { Setting } from '../settings.js';
import { defendedSentence } from './defended.js';
import { generationSentence, isGeneration } from './generation.js';
import { labelSentence } from './labels.js';
import { attackFirst, isUnfinished, settling } from './next.js';
import { plainSentence } from './tokens.js';
import { useWords } from './words.js';

/** What the sentences are made from. */
export interface VerdictFacts {
  readonly plan: Plan;
  readonly settings: readonly Setting[];
  readonly oracles: readonly ReportOracle[];
}

/** Every check holds, and there was at least one: a run that nothing checked is not believed. */
export const isBelieved = (oracles: readonly ReportOracle[]): boolean =>
  oracles.length > 0 && oracles.every(({ ok }) => ok);

/** The failed check in words; "" where all hold. */
export function doubtWords(oracles: readonly ReportOracle[]): string {
  const failed = oracles.filter(({ ok }) => !ok);
  const [first] = failed;
  if (oracles.length === 0) {
    return '**Not to be believed:** the run holds no check of itself, so nothing below is established.';
  }
  if (first === undefined) return '';
  const bound = first.bound === null ? '' : `, bound ${significant(first.bound)}`;
  const value = first.value === null ? '' : ` (${significant(first.value)}${bound})`;
  const more = failed.length > 1 ? `, and ${failed.length - 1} more failed` : '';
  return `**Not to be believed:** in \`${first.pipeline}\` the check \`${first.name}\` failed${value}${more}. The figures below are kept to find the defect, not to be used.`;
}

function unattacked({ plan, settings }: VerdictFacts): string {
  const used = settings.find(({ use }) => use !== undefined);
  const use = used?.use === undefined ? '' : ` In \`${used.pipeline}\`, ${useWords(used.use)}.`;
  const why = isUnfinished(plan) ? 'No attack has finished' : 'No attack was run';
  return `${why}, so this report says nothing about what leaks.${use}`;
}

/**
 * Two to four sentences with numbers: what is read without a defense, what with each, labels, generation; before them
 * the failed check where the run is not to be believed. Where an answer is open, `next` says which run gives it.
 */
export function verdictOf({ plan, settings, oracles }: VerdictFacts): Verdict {
  const believed = isBelieved(oracles);
  const writing = settings.filter(isGeneration);
  const reading = settings.filter((setting) => !isGeneration(setting));
  const answers = [...tokenAnswers(settings), ...labelAnswers(settings)];
  const open = answers.filter(({ standing }) => standing === 'unclear');
  const found = [
    plainSentence(reading),
    defendedSentence(reading),
    labelSentence(settings),
    generationSentence(writing),
  ];
  const body = answers.length === 0 ? [unattacked({ plan, settings, oracles })] : found;
  return {
    badge: believed ? 'believed' : 'not to be believed',
    sentences: [doubtWords(oracles), ...body].filter((sentence) => sentence !== ''),
    clear: believed && answers.length > 0 && open.length === 0,
    next: answers.length === 0 ? attackFirst(plan) : settling(open),
  };
}
