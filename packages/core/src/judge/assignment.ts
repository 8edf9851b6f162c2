import { at } from '../text/index.js';

/**
 * The largest sum of `weights[row][column]` over one column per row, all different, of a square matrix. Hungarian
 * method by shortest augmenting paths, cubic in the size. Source: Kuhn 1955, doi:10.1002/nav.3800020109.
 */
export function largestAssignment(weights: readonly (readonly number[])[]): number {
  const size = weights.length;
  const search: Search = {
    cost: (row, column) => -at(at(weights, row), column),
    size,
    rowPrice: new Float64Array(size),
    columnPrice: new Float64Array(size + 1),
    rowOf: new Int32Array(size + 1).fill(-1),
  };
  for (let row = 0; row < size; row++) assign(search, row);
  let sum = 0;
  for (let column = 0; column < size; column++) {
    sum += at(at(weights, search.rowOf[column] ?? -1), column);
  }
  return sum;
}

// Prices keep cost(r, c) − rowPrice(r) − columnPrice(c) ≥ 0, with 0 on assigned pairs. Column `size` is a stand-in
// that holds the row being assigned.
interface Search {
  readonly cost: (row: number, column: number) => number;
  readonly size: number;
  readonly rowPrice: Float64Array;
  readonly columnPrice: Float64Array;
  readonly rowOf: Int32Array;
}

function assign(search: Search, row: number): void {
  const { size, rowOf } = search;
  const slack = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const from = new Int32Array(size).fill(size);
  const reached = new Uint8Array(size + 1);
  rowOf[size] = row;
  let column = size;
  while ((rowOf[column] ?? -1) !== -1) {
    reached[column] = 1;
    relax(search, column, { slack, from, reached });
    const next = nearest(slack, reached);
    shiftPrices(search, slack[next] ?? 0, { slack, from, reached });
    column = next;
  }
  while (column !== size) {
    const previous = from[column] ?? size;
    rowOf[column] = rowOf[previous] ?? -1;
    column = previous;
  }
  rowOf[size] = -1;
}

interface Frontier {
  readonly slack: Float64Array;
  readonly from: Int32Array;
  readonly reached: Uint8Array;
}

function relax(search: Search, column: number, { slack, from, reached }: Frontier): void {
  const row = search.rowOf[column] ?? -1;
  for (let other = 0; other < search.size; other++) {
    if (reached[other]) continue;
    const price = (search.rowPrice[row] ?? 0) + (search.columnPrice[other] ?? 0);
    const reduced = search.cost(row, other) - price;
    if (reduced >= (slack[other] ?? 0)) continue;
    slack[other] = reduced;
    from[other] = column;
  }
}

function nearest(slack: Float64Array, reached: Uint8Array): number {
  let best = -1;
  slack.forEach((value, column) => {
    if (!reached[column] && (best === -1 || value < (slack[best] ?? 0))) best = column;
  });
  return best;
}

function shiftPrices(search: Search, by: number, { slack, reached }: Frontier): void {
  for (let column = 0; column <= search.size; column++) {
    if (!reached[column]) {
      slack[column] = (slack[column] ?? 0) - by;
      continue;
    }
    const row = search.rowOf[column] ?? -1;
    search.rowPrice[row] = (search.rowPrice[row] ?? 0) + by;
    search.columnPrice[column] = (search.columnPrice[column] ?? 0) - by;
  }
}
