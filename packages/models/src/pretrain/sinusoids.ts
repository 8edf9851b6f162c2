import { type FloatTensor, floatTensor } from '@vflair/core/tensor';

/**
 * sin(p·ω) in even columns and cos(p·ω) in odd ones, ω = 10000^(−2i/width) for pair i, times √2 · `size`, which is then
 * the root mean square of each row: `[count, width]`. Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
 */
export function sinusoids(count: number, width: number, size: number): FloatTensor {
  const data = Float32Array.from({ length: count * width }, (_, place) => {
    const column = place % width;
    const angle = Math.floor(place / width) * 10_000 ** (-(column - (column % 2)) / width);
    return Math.SQRT2 * size * (column % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
  });
  return floatTensor([count, width], data);
}
