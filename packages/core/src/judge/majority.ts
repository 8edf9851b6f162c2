/** The most frequent class and its share. */
export interface Majority {
  readonly label: number;
  readonly share: number;
}

/** Always guessing the largest class, ties to the smaller id; null without labels. */
export function majority(labels: readonly number[]): Majority | null {
  let best: Majority | null = null;
  const counts = Map.groupBy(labels, (label) => label);
  for (const [label, members] of [...counts].sort(([a], [b]) => a - b)) {
    const share = members.length / labels.length;
    if (best === null || share > best.share) best = { label, share };
  }
  return best;
}
