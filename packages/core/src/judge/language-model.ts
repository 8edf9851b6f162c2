/** Summed negative log-likelihood, in nats, over so many predicted tokens that stand for so many bytes of text. */
export interface Likelihood {
  readonly nll: number;
  readonly tokens: number;
  readonly bytes: number;
}

/** e^(nll/tokens); null without tokens or where it has no finite value. Comparable on the same tokens only. */
export function perplexity({ nll, tokens }: Likelihood): number | null {
  return tokens === 0 ? null : finite(Math.exp(nll / tokens));
}

/** nll/(ln 2 · bytes): comparable between tokenizers; null without bytes. */
export function bitsPerByte({ nll, bytes }: Likelihood): number | null {
  return bytes === 0 ? null : finite(nll / (Math.LN2 * bytes));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
