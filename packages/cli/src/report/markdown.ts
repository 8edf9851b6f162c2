import { claimWords } from './ledger.js';
import { metricRange, metricValue } from './metrics.js';
import { byteSize, duration, percent, significant, whole } from './numbers.js';
import type { Figure, Report, TableFigure } from './report.js';
import { settingLabel } from './settings.js';
import { metricWords } from './verdict/words.js';

/** Text that means itself in Markdown: no HTML, no table cell, no emphasis out of it. */
export const literal = (text: string): string =>
  text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_[\]|#~]/g, (character) => `\\${character}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');

// The report's own sentences are Markdown already; their names come from a Plan's grammar, but files need not.
const sentence = (text: string): string => text.replaceAll('<', '&lt;');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? ''
    : [
        `| ${head.join(' | ')} |`,
        `|${head.map(() => '---').join('|')}|`,
        ...rows.map((row) => `| ${row.join(' | ')} |`),
      ].join('\n');

const part = (title: string, ...blocks: readonly string[]): string => {
  const filled = blocks.filter((block) => block !== '');
  return filled.length === 0 ? '' : [`## ${title}`, ...filled].join('\n\n');
};

const measured = (
  metric: string,
  { value, low, high }: Pick<Figure, 'value' | 'low' | 'high'>,
): string => {
  if (value === null) return 'not measured';
  const range = low === null || high === null ? '' : ` (${metricRange(metric, low, high)})`;
  return `${metricValue(metric, value)}${range}`;
};

const tableFigure = (figure: (TableFigure & { readonly atLeast?: boolean }) | null): string =>
  figure === null
    ? '–'
    : `${figure.atLeast === true ? 'at least ' : ''}${measured(figure.metric, figure)}`;

const guess = (figure: TableFigure | null): string =>
  figure?.guess === null || figure === null ? '–' : metricValue(figure.metric, figure.guess);

const leakage = (report: Report): string =>
  table(
    ['Setting', 'Attack', 'Measure', 'Read', 'Guessing', 'n', 'Use', 'Pareto'],
    report.table.map((row) => [
      literal(row.label),
      row.attack.length === 0 ? '–' : literal(row.attack.join(' > ')),
      row.leakage === null ? '–' : metricWords(row.leakage.metric),
      tableFigure(row.leakage),
      guess(row.leakage),
      row.leakage?.n === undefined || row.leakage.n === null ? '–' : whole(row.leakage.n),
      row.utility === null ? '–' : `${metricWords(row.utility.metric)} ${tableFigure(row.utility)}`,
      row.pareto ? 'yes' : '',
    ]),
  );

const figures = (report: Report): string =>
  table(
    ['Setting', 'Attack', 'Measure', 'Figure', 'n', 'Beside it', 'Remark'],
    report.cells.flatMap(({ pipeline, sweep, attack, metrics }) =>
      Object.entries(metrics).map(([metric, figure]) => [
        literal(settingLabel(pipeline, sweep)),
        attack.length === 0 ? 'task' : literal(attack.join(' > ')),
        metric,
        measured(metric, figure),
        figure.n === null ? '–' : whole(figure.n),
        Object.entries(figure.baselines)
          .map(([name, value]) => `${literal(name)} ${metricValue(metric, value)}`)
          .join(', '),
        literal(figure.text ?? ''),
      ]),
    ),
  );

const ledger = (report: Report): string =>
  table(
    ['Setting', 'Defense', 'Claim in all', 'Releases', 'Ceiling', 'Why'],
    report.ledger.map((line) => [
      literal(settingLabel(line.pipeline, line.sweep)),
      literal(`${line.defense} at ${line.party}, ${line.point}`),
      literal(claimWords(line)),
      line.releases === null ? '–' : whole(line.releases),
      line.ceiling === null ? '–' : percent(line.ceiling),
      literal(line.epsilon === null ? line.reason : line.neighbouring),
    ]),
  );

const checks = (report: Report): string =>
  table(
    ['Check', 'Pipeline', 'Value', 'Bound', 'Result'],
    report.oracles.map(({ name, pipeline, value, bound, ok }) => [
      literal(name),
      literal(pipeline),
      value === null ? '–' : significant(value),
      bound === null ? '–' : significant(bound),
      ok ? 'holds' : '**fails**',
    ]),
  );

const nested = <T>(
  values: { readonly [pipeline: string]: { readonly [name: string]: T } },
  words: (value: T) => string,
): readonly (readonly string[])[] =>
  Object.entries(values).flatMap(([pipeline, own]) =>
    Object.entries(own).map(([name, value]) => [literal(pipeline), literal(name), words(value)]),
  );

const cost = (report: Report): string =>
  part(
    'Cost',
    table(
      ['Pipeline', 'Stage', 'Time'],
      nested(report.timings, ({ seconds }) => duration(seconds)),
    ),
    table(
      ['Pipeline', 'Channel', 'Bytes'],
      nested(report.bytes, ({ total }) => byteSize(total)),
    ),
  );

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

const aboutLine = ({ pipeline, text }: Report['about'][number]): string =>
  pipeline === null ? `*${literal(text)}*` : `**${literal(pipeline)}**: *${literal(text)}*`;

/** The report as Markdown: the same parts as the page, without its pictures. */
export function renderMarkdown(report: Report): string {
  const { sentences, next, badge } = report.verdict;
  const threat = report.threat.flatMap(({ pipelines, sentences: words }) => [
    `**${literal(pipelines.join(', '))}**`,
    bullets(words.map(sentence)),
  ]);
  const parts = [
    `# ${literal(report.title)}`,
    report.about.map(aboutLine).join('\n\n'),
    part('Verdict', `Badge: **${badge}**`, ...sentences.map(sentence), sentence(next)),
    part('Who sees what', ...threat),
    part('Leakage against use', leakage(report)),
    part('Ledger', ledger(report)),
    part(
      'Checks',
      checks(report),
      bullets(
        report.notes.map(
          ({ name, pipeline, text }) => `${literal(pipeline)}, ${literal(name)}: ${literal(text)}`,
        ),
      ),
    ),
    part('Every figure', figures(report)),
    cost(report),
    part(
      'Again',
      '`npx vflair verify .` in the folder of the run.',
      bullets(
        Object.entries(report.digests).map(([name, value]) => `${literal(name)}: \`${value}\``),
      ),
    ),
  ];
  return `${parts.filter((each) => each !== '').join('\n\n')}\n`;
}
