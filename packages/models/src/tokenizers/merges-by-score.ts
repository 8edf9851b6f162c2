/** A pair of pieces that make one, and the score of that. */
interface Merge {
  readonly left: string;
  readonly right: string;
  readonly score: number;
}

/**
 * Merges of a SentencePiece BPE vocabulary in the order they are applied. The model keeps no merges: it joins whichever
 * neighbours make the piece of the highest score (Kudo & Richardson 2018, arXiv:1808.06226), so every split of a piece
 * into two pieces is a merge, the highest score first, longer left parts first among equals.
 */
export function mergesByScore(tokens: readonly string[], scores: readonly number[]): string[] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: Merge[] = [];
  for (const [id, token] of tokens.entries()) {
    for (const left of properStarts(token)) {
      const right = token.slice(left.length);
      if (ids.has(left) && ids.has(right)) merges.push({ left, right, score: scores[id] ?? 0 });
    }
  }
  merges.sort((a, b) => b.score - a.score || b.left.length - a.left.length);
  return merges.map(({ left, right }) => `${left} ${right}`);
}

/** What a token may begin with: cut between characters, never inside one. */
function properStarts(token: string): string[] {
  const starts: string[] = [];
  let start = '';
  for (const character of token) {
    if (start !== '') starts.push(start);
    start += character;
  }
  return starts;
}
