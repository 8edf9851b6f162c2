import { createGraph, type Graph, type Value } from '@vflair/core/graph';

/** A matrix to orthogonalise; `pieces` equal parts of its columns are treated apart (fused projections). */
export interface MatrixSpec {
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly pieces: number;
}

// A quintic whose iteration drives singular values in (0, 1] into about [0.7, 1.2] in five rounds (Jordan et al. 2024).
const ROUNDS = 5;
const [A, B, C] = [3.4445, -4.775, 2.0315];

/**
 * A graph that reads matrices by name and gives under the same names approximately their nearest semi-orthogonal
 * matrices U·Vᵀ (X = U·S·Vᵀ). Newton–Schulz iteration of Muon: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/.
 */
export function newtonSchulzGraph(matrices: readonly MatrixSpec[]): {
  readonly g: Graph;
  readonly outputs: ReadonlyMap<string, Value>;
} {
  const g = createGraph();
  const outputs = new Map(
    matrices.map(({ name, shape: [rows, columns], pieces }) => {
      const input = g.input(name, 'float32', [rows, columns]);
      if (pieces === 1) return [name, orthogonal(g, input, rows <= columns)];
      const width = columns / pieces;
      const parts = g.split(
        input,
        Array.from({ length: pieces }, () => width),
        1,
      );
      return [
        name,
        g.concat(
          parts.map((part) => orthogonal(g, part, rows <= width)),
          1,
        ),
      ];
    }),
  );
  return { g, outputs };
}

// X ← X/‖X‖;  five times X ← a·X + (b·S + c·S²)·X with S = X·Xᵀ; for tall X the products stand on the other side.
function orthogonal(g: Graph, x: Value, wide: boolean): Value {
  const norm = g.sqrt(g.sum(g.mul(x, x)));
  let y = g.div(x, g.add(norm, 1e-12));
  for (let round = 0; round < ROUNDS; round++) {
    const s = wide ? g.gemm(y, y, { transB: true }) : g.gemm(y, y, { transA: true });
    const polynomial = g.add(g.mul(s, B), g.mul(g.gemm(s, s), C));
    y = g.add(g.mul(y, A), wide ? g.gemm(polynomial, y) : g.gemm(y, polynomial));
  }
  return y;
}
