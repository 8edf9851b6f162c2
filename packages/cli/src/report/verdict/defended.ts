import { ceilingOf, claimWords } from '../ledger.js';
import { isSmallerBetter } from '../metrics.js';
import { percent } from '../numbers.js';
import { type Answer, tokenAnswers } from '../readings.js';
import type { Setting } from '../settings.js';
import { guessingWords, openWords } from './tokens.js';
import {
  atWords,
  bareAmount,
  capital,
  convergence,
  guessWords,
  rangeWords,
  reader,
  rowsWords,
  settingWords,
} from './words.js';

/** Up to this many defended settings are named one by one. */
const named = 3;

/** A ceiling this near to 1 excludes nothing. */
const emptyCeiling = 0.995;

function claimOf(setting: Setting): string {
  const claims = setting.ledger.filter(({ epsilon }) => epsilon !== null).map(claimWords);
  return claims.length === 0 ? '' : ` (${claims.join('; ')})`;
}

// The ceiling bounds balanced accuracy: it stands only beside a figure that is better when larger.
function ceilingWords(setting: Setting): string {
  const ceiling = ceilingOf(setting.ledger);
  if (ceiling === undefined || setting.use === undefined) return '';
  if (isSmallerBetter(setting.use.metric)) return '';
  return ceiling >= emptyCeiling
    ? ' (a claim this large excludes nothing)'
    : ` (no method can exceed a balanced accuracy of ${percent(ceiling)} under this claim)`;
}

const useOf = (setting: Setting): string =>
  setting.use === undefined ? '' : `, at ${atWords(setting.use)}${ceilingWords(setting)}`;

// Rows and guessing are said again only where they differ from the undefended figure's.
function besides({ reading }: Answer, plain: Answer | undefined): string {
  const say = (words: (metric: string, figure: Answer['reading']['figure']) => string): string => {
    const own = words(reading.metric, reading.figure);
    return plain !== undefined && own === words(plain.reading.metric, plain.reading.figure)
      ? ''
      : own;
  };
  const parts = [rangeWords(reading.metric, reading.figure), say(rowsWords), say(guessWords)];
  const known = parts.filter((part) => part !== '').join(', ');
  return known === '' ? '' : ` (${known})`;
}

function leakWords(answer: Answer, plain: Answer | undefined): string {
  const { reading, setting } = answer;
  const subject = plain?.standing === 'leaks' ? 'it' : reader(setting);
  const still = plain?.standing === 'leaks' && reading.value >= plain.reading.value / 2;
  const knowing = reading.figure.adaptive === true ? ' when it knows the defense' : '';
  const failed = convergence(reading);
  return `${subject}${still ? ' still' : ''} reads ${bareAmount(reading)}${knowing}${besides(answer, plain)}${failed === '' ? '' : `, where ${failed}`}`;
}

function clause(answer: Answer, plain: Answer | undefined): string {
  const name = `with ${settingWords(answer.setting)}${claimOf(answer.setting)}`;
  const words = {
    leaks: (): string => leakWords(answer, plain),
    guessing: (): string => guessingWords(answer),
    unclear: (): string => `there is no clear answer: ${openWords(answer)}`,
  }[answer.standing]();
  return `${name} ${words}${useOf(answer.setting)}`;
}

const endWords = (answer: Answer, plain: Answer | undefined): string => {
  const { reading, setting } = answer;
  const read =
    answer.standing === 'guessing'
      ? guessingWords(answer)
      : `${reader(setting)} reads ${bareAmount(reading)}${besides(answer, plain)}`;
  return `${settingWords(setting)}${claimOf(setting)}, where ${read}${useOf(setting)}`;
};

// A setting whose attack did not converge may give away anything: it is no candidate for the least.
function rangeSentence(answers: readonly Answer[], plain: Answer | undefined): string {
  const sorted = [...answers].sort((a, b) => a.reading.value - b.reading.value);
  const least = sorted.find(
    ({ standing, reading }) => standing !== 'unclear' && !reading.figure.atLeast,
  );
  const most = sorted.at(-1);
  if (most === undefined) return '';
  const open = answers.filter(
    ({ standing, reading }) => standing === 'unclear' || reading.figure.atLeast,
  );
  const first =
    least === undefined || least === most
      ? ''
      : `the one that gives away least is ${endWords(least, plain)}; `;
  const rest =
    open.length === 0
      ? ''
      : `; ${open.length} of them ${open.length === 1 ? 'has' : 'have'} no clear answer, as an attack did not converge or the rows are too few`;
  return `Of ${answers.length} defended settings, ${first}the one that gives away most is ${endWords(most, plain)}${rest}.`;
}

/** Each defended setting beside the undefended one, or the two ends where there are many; "" where there is none. */
export function defendedSentence(settings: readonly Setting[]): string {
  const answers = tokenAnswers(settings);
  const defended = answers.filter(({ setting }) => setting.defense.length > 0);
  if (defended.length === 0) return '';
  const plain = answers
    .filter(({ setting }) => setting.defense.length === 0)
    .sort((a, b) => b.reading.value - a.reading.value)[0];
  if (defended.length > named) return rangeSentence(defended, plain);
  return `${capital(defended.map((answer) => clause(answer, plain)).join('; '))}.`;
}
