import type { LabelGuess, LabelScoreGuess, RowKey, TokenGuess } from '../contract/index.js';
import { type Diagnostic, Findings } from '../text/index.js';
import type { Truth, TruthRow } from './truth.js';

/** A true row and the guess about it, if there is one. */
export interface Matched<G> {
  readonly row: TruthRow;
  readonly guess: G | undefined;
}

/** Whose guesses they are, for messages. */
export interface Guesses<G> {
  readonly attack: string;
  readonly guesses: readonly G[];
}

/**
 * Every true row with its guess, in the order of the truth. Throws Findings that name the attack: VF590 a guess about a
 * row that was not attacked, VF591 two guesses about one row, VF592 a wrong number of tokens, VF593 an id outside the
 * vocabulary. Ids at padding are not looked at.
 */
export function matchTokens(truth: Truth, guesses: Guesses<TokenGuess>): Matched<TokenGuess>[] {
  return match(truth, guesses, ({ tokens }, row) => {
    if (tokens.length !== row.ids.length) {
      const hint = 'give one token per position of the message, padding included';
      return problem('VF592', `${tokens.length} tokens for ${row.ids.length} positions`, hint);
    }
    const wrong = tokens.find((id, i) => row.mask[i] && !isIndex(id, truth.vocabulary));
    if (wrong === undefined) return undefined;
    return problem('VF593', `token id ${wrong}`, `ids are whole numbers below ${truth.vocabulary}`);
  });
}

/** As {@link matchTokens}: VF593 for a label that is no class; null is an abstention. */
export function matchLabels(truth: Truth, guesses: Guesses<LabelGuess>): Matched<LabelGuess>[] {
  return match(truth, guesses, ({ label }) =>
    label === null || isIndex(label, truth.classes)
      ? undefined
      : problem(
          'VF593',
          `label ${label}`,
          `classes are whole numbers below ${truth.classes}, or null`,
        ),
  );
}

/** As {@link matchTokens}: VF594 for a score that is not a finite number. */
export function matchScores(
  truth: Truth,
  guesses: Guesses<LabelScoreGuess>,
): Matched<LabelScoreGuess>[] {
  return match(truth, guesses, ({ score }) =>
    Number.isFinite(score)
      ? undefined
      : problem('VF594', `score ${score}`, 'leave the row out to abstain'),
  );
}

interface Problem {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
}

function problem(code: string, what: string, hint: string): Problem {
  return { code, what, hint };
}

function match<G extends RowKey>(
  truth: Truth,
  { attack, guesses }: Guesses<G>,
  check: (guess: G, row: TruthRow) => Problem | undefined,
): Matched<G>[] {
  const rows = new Map(truth.rows.map((row) => [nameOf(row), row]));
  const taken = new Map<string, G>();
  const findings = guesses.flatMap((guess) => {
    const name = nameOf(guess);
    const found = verdict(guess, rows.get(name), taken.has(name), check);
    taken.set(name, guess);
    return found ? [diagnostic(attack, guess, found)] : [];
  });
  if (findings.length > 0) throw new Findings(findings);
  return truth.rows.map((row) => ({ row, guess: taken.get(nameOf(row)) }));
}

function verdict<G extends RowKey>(
  guess: G,
  row: TruthRow | undefined,
  isRepeated: boolean,
  check: (guess: G, row: TruthRow) => Problem | undefined,
): Problem | undefined {
  if (!row)
    return problem('VF590', 'a row that was not attacked', 'copy `step` and `row` from the view');
  if (isRepeated) return problem('VF591', 'a row it guessed before', 'return one guess per row');
  return check(guess, row);
}

function diagnostic(
  attack: string,
  { step, row }: RowKey,
  { code, what, hint }: Problem,
): Diagnostic {
  const message = `attack \`${attack}\` guesses ${what} (step ${step}, row ${row})`;
  return { code, severity: 'error', message, hint };
}

function nameOf({ step, row }: RowKey): string {
  return `${step}/${row}`;
}

function isIndex(value: number, below: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < below;
}
