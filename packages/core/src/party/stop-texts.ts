/**
 * Where an answer ends that must not hold any of `stops`: for an answer that holds one, how many of its tokens lie wholly
 * before the first; undefined for one that may go on. A stop text may begin or end inside a token.
 */
export function stopTexts(
  stops: readonly string[],
  decode: (ids: readonly number[]) => string,
): (answer: readonly number[]) => number | undefined {
  const texts = stops.filter((text) => text !== '');
  if (texts.length === 0) return () => undefined;
  return (answer) => {
    const whole = decode(answer);
    const end = firstOf(texts, whole);
    if (end === undefined) return undefined;
    const before = whole.slice(0, end);
    const counts = Array.from(answer, (_, i) => i + 1);
    return counts.findLast((count) => before.startsWith(decode(answer.slice(0, count)))) ?? 0;
  };
}

/** Place of the first of `texts` in `whole`. */
export function firstOf(texts: readonly string[], whole: string): number | undefined {
  const places = texts.map((text) => whole.indexOf(text)).filter((place) => place >= 0);
  return places.length === 0 ? undefined : Math.min(...places);
}
