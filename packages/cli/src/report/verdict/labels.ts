import { metricValue } from '../metrics.js';
import { type Answer, labelAnswers } from '../readings.js';
import type { Setting } from '../settings.js';
import { amount, evidence, reader, settingWords } from './words.js';

const figureWords = ({ reading }: Answer): string =>
  reading.metric.endsWith('label-accuracy')
    ? `tells ${amount(reading, 'the labels')} ${evidence(reading)}`
    : `ranks the labels with an AUC of **${metricValue(reading.metric, reading.value)}** ${evidence(reading)}`;

function words(answer: Answer): string {
  const who = `in ${settingWords(answer.setting)}`;
  const figure = figureWords(answer);
  return {
    leaks: `${who} ${reader(answer.setting)} ${figure}`,
    guessing: `${who} no attack tried tells the labels better than guessing: the strongest ${figure}`,
    unclear: `${who} there is no clear answer on the labels: the strongest attack ${figure}`,
  }[answer.standing];
}

const isHeadTail = ({ setting }: Answer): boolean => setting.plan?.slices.length === 2;

/**
 * What the strongest attack tells of the labels without a defense, in the defended setting where it tells most, and in the
 * one where it tells least if that is no leak; "" where labels were not attacked.
 */
export function labelSentence(settings: readonly Setting[]): string {
  const byValue = [...labelAnswers(settings)].sort((a, b) => b.reading.value - a.reading.value);
  const plain = byValue.find(({ setting }) => setting.defense.length === 0);
  const chosen = plain ?? byValue[0];
  if (chosen === undefined) return '';
  const defended = byValue.filter(
    (answer) => answer !== chosen && answer.setting.defense.length > 0,
  );
  const [most, ...others] = defended;
  const least = others.at(-1);
  const told = [most, least?.standing === 'leaks' ? undefined : least].filter(
    (answer) => answer !== undefined,
  );
  const from = isHeadTail(chosen) ? 'From the head-tail gradients,' : 'From the gradients,';
  return `${from} ${[chosen, ...told].map(words).join('; ')}.`;
}
