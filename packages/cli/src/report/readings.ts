import { guessOf, isAboutLabels } from './metrics.js';
import type { Figure, TextSpan } from './report.js';
import type { Setting } from './settings.js';

/** One attack's figure on one metric. */
export interface Reading {
  readonly attack: readonly string[];
  readonly metric: string;
  readonly figure: Figure;
  /** `figure.value`, known to be a number. */
  readonly value: number;
}

/** All readings of a setting that are wanted, every variant on its own. */
export function readings(
  setting: Pick<Setting, 'cells'>,
  wanted: (metric: string, figure: Figure) => boolean,
): readonly Reading[] {
  return setting.cells
    .filter((cell) => cell.attack.length > 0)
    .flatMap((cell) =>
      Object.entries(cell.metrics).flatMap(([metric, shown]) =>
        (shown.variants ?? [shown]).flatMap((figure) =>
          figure.value !== null && wanted(metric, figure)
            ? [
                {
                  attack: cell.attack,
                  metric,
                  figure: withBaselines(figure, shown),
                  value: figure.value,
                },
              ]
            : [],
        ),
      ),
    );
}

const withBaselines = (figure: Figure, shown: Figure): Figure =>
  Object.keys(figure.baselines).length > 0 ? figure : { ...figure, baselines: shown.baselines };

/** The reading with the largest value; the first of equals. */
export function largest(candidates: readonly Reading[]): Reading | undefined {
  return candidates.reduce<Reading | undefined>(
    (best, next) => (best === undefined || next.value > best.value ? next : best),
    undefined,
  );
}

const tokenReadings = (setting: Pick<Setting, 'cells'>, span?: TextSpan): readonly Reading[] =>
  readings(
    setting,
    (metric, figure) =>
      metric.endsWith('positional-accuracy') && (span === undefined || figure.span === span),
  );

/** The largest share of tokens any attack read, over static and adaptive; `span` picks the text of a generation. */
export const tokensRead = (setting: Pick<Setting, 'cells'>, span?: TextSpan): Reading | undefined =>
  largest(tokenReadings(setting, span));

/** The largest label figure: accuracy where it was measured, else the oriented AUC. Never `leak-auc`, which is biased. */
export function labelsRead(setting: Pick<Setting, 'cells'>): Reading | undefined {
  const all = readings(setting, isAboutLabels);
  return (
    largest(all.filter(({ metric }) => metric.endsWith('label-accuracy'))) ??
    largest(all.filter(({ metric }) => metric.endsWith('label-auc')))
  );
}

/** How a reading stands to guessing. */
export type Standing = 'leaks' | 'guessing' | 'unclear';

/** Half an interval of 5 points is as near to guessing as an answer has to come. */
export const nearEnough = 0.05;

/** Whether the optimiser failed on more than 5 % of the samples, or on a share nobody recorded. */
export const hasFailed = ({ figure }: Pick<Reading, 'figure'>): boolean =>
  (figure.residualWorse ?? (figure.atLeast ? 1 : 0)) > nearEnough;

/**
 * `leaks`: the whole interval lies above guessing. `guessing`: it holds guessing, its upper end is within 5 points of
 * it, and the optimiser converged on all but 5 % of the samples. Otherwise `unclear`: a failed optimiser or a small
 * sample is no privacy.
 */
export function standingOf({ metric, figure, value }: Reading): Standing {
  const guess = guessOf(metric, figure)?.value;
  if (guess === undefined) return value > nearEnough ? 'leaks' : 'unclear';
  if ((figure.low ?? value) > guess) return 'leaks';
  const near = (figure.high ?? Infinity) - guess <= nearEnough;
  return near && !hasFailed({ figure }) ? 'guessing' : 'unclear';
}

/** The strongest reading of a setting and what may be concluded from all of them. */
export interface Answer {
  readonly setting: Setting;
  readonly reading: Reading;
  readonly standing: Standing;
  /** The attack whose optimiser failed, where that leaves the answer open. */
  readonly failed: Reading | undefined;
}

/** `guessing` is an answer only where no attack of the setting failed to converge: the weakest link is the optimiser. */
function answerOf(
  setting: Setting,
  all: readonly Reading[],
  strongest: Reading | undefined,
): readonly Answer[] {
  if (strongest === undefined) return [];
  const standing = standingOf(strongest);
  const failed = standing === 'leaks' ? undefined : all.find(hasFailed);
  return [
    { setting, reading: strongest, standing: failed === undefined ? standing : 'unclear', failed },
  ];
}

/** What the attacks on tokens answer: none or one for each setting. */
export const tokenAnswers = (settings: readonly Setting[], span?: TextSpan): readonly Answer[] =>
  settings.flatMap((setting) =>
    answerOf(setting, tokenReadings(setting, span), tokensRead(setting, span)),
  );

/** What the attacks on labels answer: none or one for each setting. */
export const labelAnswers = (settings: readonly Setting[]): readonly Answer[] =>
  settings.flatMap((setting) =>
    answerOf(setting, readings(setting, isAboutLabels), labelsRead(setting)),
  );
