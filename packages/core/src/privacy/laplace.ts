import { Bug } from '../text/index.js';

/** Scale b = Δ₁/ε of Laplace noise for a sensitivity in the L1 norm over everything that is released at once. */
export function laplaceScale(epsilon: number, sensitivity: number): number {
  if (!(epsilon > 0 && sensitivity > 0)) {
    throw new Bug('VF972', `ε ${epsilon} and sensitivity ${sensitivity} make no Laplace release`);
  }
  return sensitivity / epsilon;
}
