/** `a`, `b` or `c` in backticks, as it stands in a message; "nothing" for an empty list. */
export function list(names: readonly string[], last = 'and'): string {
  const quoted = names.map((name) => `\`${name}\``);
  if (quoted.length === 0) return 'nothing';
  if (quoted.length === 1) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.slice(-1).join('')}`;
}

/** Edit distance in single insertions, deletions, replacements and swaps of neighbours. */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const change = (row[j - 1] ?? 0) + (same ? 0 : 1);
      let best = Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? best) + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The three names nearest to `word`, nearest first; names of one distance stay in alphabetical order. */
export function nearest(word: string, names: Iterable<string>): readonly string[] {
  const lower = word.toLowerCase();
  return [...new Set(names)]
    .sort()
    .map((name) => ({ name, far: distance(lower, name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** What to write instead of an unknown name: the nearest three, or `otherwise` where there is nothing to name. */
export function suggest(word: string, names: Iterable<string>, otherwise: string): string {
  const near = nearest(word, names);
  return near.length === 0 ? otherwise : `did you mean ${list(near, 'or')}?`;
}

/** The entry a table itself has under `key`: never one it inherits (`constructor`). */
export function entryOf<T>(table: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
