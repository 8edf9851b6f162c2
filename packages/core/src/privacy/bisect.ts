import { Bug } from '../text/index.js';

/**
 * The smallest x of `[low, high]` at which `holds`, which is false to the left of some point and true from there on;
 * `high` if it holds nowhere before. Halves until no number lies in between.
 */
export function smallestWhere(low: number, high: number, holds: (x: number) => boolean): number {
  let below = low;
  let above = high;
  for (let step = 0; step < 1100; step++) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above) break;
    if (holds(middle)) above = middle;
    else below = middle;
  }
  return above;
}

/** The smallest x > 0 at which `holds`, false to the left and true to the right; throws VF971 if there is none. */
export function smallestPositiveWhere(holds: (x: number) => boolean): number {
  let high = 1;
  while (!holds(high)) {
    high *= 2;
    if (!Number.isFinite(high)) throw new Bug('VF971', 'the condition holds for no finite number');
  }
  while (high > Number.MIN_VALUE && holds(high / 2)) high /= 2;
  return smallestWhere(high / 2, high, holds);
}
