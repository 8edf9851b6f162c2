/** Longer names are no slips of the pen, and comparing them would take long. */
const LONGEST = 200;

/** The `count` names most like `name`, by edit distance, then alphabetically. */
export function nearestNames(name: string, names: Iterable<string>, count = 3): string[] {
  return [...names]
    .filter((other) => other.length <= LONGEST)
    .map((other) => ({ other, distance: editDistance(name, other) }))
    .sort((a, b) => a.distance - b.distance || (a.other < b.other ? -1 : 1))
    .slice(0, count)
    .map(({ other }) => other);
}

/** Least number of inserted, removed or changed characters (Levenshtein 1966), one row at a time. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    above = row;
  }
  return above[b.length] ?? 0;
}
