/** A tree without places in the text, for comparing two of them: spans, and bodies, which are spans too. */
export function withoutSpans(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSpans);
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value;
  const entries = Object.entries(value).filter(([key]) => key !== 'span' && key !== 'body');
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutSpans(inner)]));
}
