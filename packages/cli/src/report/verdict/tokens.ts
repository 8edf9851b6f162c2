import { guessOf } from '../metrics.js';
import { percent } from '../numbers.js';
import { type Answer, tokenAnswers } from '../readings.js';
import type { Setting } from '../settings.js';
import {
  amount,
  convergence,
  evidence,
  guessWords,
  reader,
  settingWords,
  useWords,
} from './words.js';

/** Why there is no answer: an optimiser that failed, or too few rows. */
export function openWords({ reading, failed }: Answer): string {
  const measured = `the strongest attack read ${amount(reading, 'the tokens')} ${evidence(reading)}`;
  if (failed === undefined) return `${measured}, too few rows to tell it from guessing`;
  return `${measured}, and \`${failed.attack.join(' |> ')}\` did not converge, which proves nothing about privacy`;
}

/** `no attack tried reads more than guessing (6.02 %; guessing gets 6.12 %)`. */
export function guessingWords({ reading }: Answer): string {
  const { metric, figure, value } = reading;
  const guess = guessOf(metric, figure);
  const against = guess === undefined ? '' : `; ${guessWords(metric, figure)}`;
  return `no attack tried reads more than guessing (${percent(value)}${against})`;
}

/** What one answer says, with its subject: `` `server` reads **93.2 %** of the tokens (…) ``. */
export function answerWords(answer: Answer): string {
  if (answer.standing === 'guessing') return guessingWords(answer);
  if (answer.standing === 'unclear') return `there is no clear answer: ${openWords(answer)}`;
  const failed = convergence(answer.reading);
  const found = `${reader(answer.setting)} reads ${amount(answer.reading, 'the tokens')}`;
  return `${found} ${evidence(answer.reading)}${failed === '' ? '' : `; ${failed}`}`;
}

/** The undefended setting that gives away most: one sentence, or "" where every setting is defended. */
export function plainSentence(settings: readonly Setting[]): string {
  const plain = tokenAnswers(settings).filter(({ setting }) => setting.defense.length === 0);
  const [worst] = [...plain].sort((a, b) => b.reading.value - a.reading.value);
  if (worst === undefined) return '';
  const { setting } = worst;
  const which = plain.length > 1 ? ` (worst of ${plain.length}: ${settingWords(setting)})` : '';
  const use = setting.use === undefined ? '' : `; ${useWords(setting.use)}`;
  return `With this split and no defense${which}, ${answerWords(worst)}${use}.`;
}
