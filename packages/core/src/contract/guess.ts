/** Which row of which message a guess is about; only the Judge maps it to a person's text. */
export interface RowKey {
  readonly step: number;
  readonly row: number;
}

/** Recovered token ids of one row, one per position of the message (padding positions are ignored). */
export interface TokenGuess extends RowKey {
  readonly tokens: readonly number[];
  /** Residual D(guess) of an optimising attack, to be compared with D(truth); smaller is a better match. */
  readonly residual?: number;
  /** Smallest distance between the accepted and the next candidate, where the attack has one. */
  readonly margin?: number;
}

/** A class guess; null is an abstention and is counted. */
export interface LabelGuess extends RowKey {
  readonly label: number | null;
}

/** A number that is larger for the class fixed in advance (the rarer one). Ranked within a message. */
export interface LabelScoreGuess extends RowKey {
  readonly score: number;
}

/** What an attack returns, by what it declared to guess. */
export interface GuessOf {
  readonly tokens: { readonly tokens: readonly TokenGuess[] };
  readonly labels: { readonly labels: readonly LabelGuess[] };
  readonly 'label-scores': { readonly scores: readonly LabelScoreGuess[] };
}

/** What can be guessed. */
export type Goal = keyof GuessOf;
