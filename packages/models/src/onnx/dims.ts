import { addDims, type Dim, multiplyDims } from '@vflair/core/graph';

/** A product of a number and names, or undefined where a size is a sum. */
function factorsOf(dim: Dim): { readonly count: number; readonly names: string[] } | undefined {
  if (typeof dim === 'number') return { count: dim, names: [] };
  if (/[+()-]/.test(dim)) return undefined;
  const parts = dim.split('*');
  const count = parts.filter((part) => /^\d+$/.test(part)).map(Number);
  return {
    count: count.reduce((product, factor) => product * factor, 1),
    names: parts.filter((part) => !/^\d+$/.test(part)).sort(),
  };
}

/** a·b, the same text for the same product. */
export function times(a: Dim, b: Dim): Dim | undefined {
  const [x, y] = [factorsOf(a), factorsOf(b)];
  if (x && y) return multiplyDims([x.count * y.count, ...[...x.names, ...y.names].sort()]);
  if (a === 1) return b;
  if (b === 1) return a;
  return undefined;
}

/** a/b where it is known to come out even; ⌊a/b⌋ of numbers. */
export function over(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return 1;
  const [x, y] = [factorsOf(a), factorsOf(b)];
  if (!x || !y || y.count === 0) return undefined;
  const left = [...x.names];
  for (const name of y.names) {
    const place = left.indexOf(name);
    if (place === -1) return undefined;
    left.splice(place, 1);
  }
  if (left.length > 0 && x.count % y.count !== 0) return undefined;
  return multiplyDims([Math.trunc(x.count / y.count), ...left]);
}

/** a + b where names need no brackets. */
export function plus(a: Dim, b: Dim): Dim | undefined {
  if (typeof b === 'number' && b < 0) return minus(a, -b);
  if (typeof a === 'number' && a < 0) return minus(b, -a);
  const [x, y] = [factorsOf(a), factorsOf(b)];
  // n + n = 2·n.
  if (x && y && x.names.length > 0 && `${x.names}` === `${y.names}`)
    return multiplyDims([x.count + y.count, ...x.names]);
  return addDims(a, b);
}

/** a − b. */
export function minus(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (b === 0) return a;
  if (typeof a === 'string') {
    // (x + y) − y = x.
    const rest = a.endsWith(`+${b}`) ? a.slice(0, -`+${b}`.length) : undefined;
    if (rest !== undefined) return /^\d+$/.test(rest) ? Number(rest) : rest;
    if (!/[+-]/.test(String(b))) return `${a}-${b}`;
  }
  return undefined;
}

/** Product of sizes; undefined where one of them is a sum among others. */
export function product(dims: readonly Dim[]): Dim | undefined {
  return dims.reduce<Dim | undefined>(
    (result, dim) => (result === undefined ? undefined : times(result, dim)),
    1,
  );
}
