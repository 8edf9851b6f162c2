import { type FloatTensor, floatTensor } from '@vflair/core/tensor';

/** How positions start: root mean square of a row, and angle per position of the fastest pair of columns. */
export interface PositionStart {
  readonly size: number;
  readonly fastest: number;
}

/** Angle per position of a column: ω = fastest · 10000^(−2i/width) for both columns of pair i. */
export function angleOf(column: number, width: number, fastest: number): number {
  return fastest * 10_000 ** (-(column - (column % 2)) / width);
}

/** √2 · size · sin(p·ω) in even columns and cos in odd ones: `[count, width]`. Vaswani et al. 2017, arXiv:1706.03762, section 3.5. */
export function sinusoids(count: number, width: number, start: PositionStart): FloatTensor {
  const data = Float32Array.from({ length: count * width }, (_, place) => {
    const column = place % width;
    const angle = Math.floor(place / width) * angleOf(column, width, start.fastest);
    return Math.SQRT2 * start.size * (column % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
  });
  return floatTensor([count, width], data);
}
