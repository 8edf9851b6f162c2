import { type Answer, tokenAnswers } from '../readings.js';
import type { Setting } from '../settings.js';
import { answerWords } from './tokens.js';
import { amount, capital, convergence, evidence, reader, settingWords } from './words.js';

/** Whether the setting's task writes text: its figures are about prompts and answers. */
export const isGeneration = ({ plan }: Pick<Setting, 'plan'>): boolean =>
  plan?.task.id === 'generation';

function spanWords({ reading }: Answer, of: string): string {
  const failed = convergence(reading);
  return `${amount(reading, of)} ${evidence(reading)}${failed === '' ? '' : `, where ${failed}`}`;
}

function settingWordsOf(setting: Setting): readonly string[] {
  const where = `while ${settingWords(setting)} generates,`;
  const read = [
    ...tokenAnswers([setting], 'prompt').map((answer) => ({ answer, of: 'the prompts’ tokens' })),
    ...tokenAnswers([setting], 'answer').map((answer) => ({ answer, of: 'the answers’ tokens' })),
  ].filter(({ answer }) => answer.standing === 'leaks');
  if (read.length > 0) {
    const parts = read.map(({ answer, of }) => spanWords(answer, of)).join(' and ');
    return [`${where} ${reader(setting)} reads ${parts}`];
  }
  return tokenAnswers([setting]).map((answer) => `${where} ${answerWords(answer)}`);
}

/** One sentence about the generating settings, prompts and answers apart: the two that give away most. */
export function generationSentence(settings: readonly Setting[]): string {
  const worstFirst = [...tokenAnswers(settings)].sort((a, b) => b.reading.value - a.reading.value);
  const shown = worstFirst.slice(0, 2).flatMap(({ setting }) => settingWordsOf(setting));
  return shown.length === 0 ? '' : `${capital(shown.join('; '))}.`;
}
