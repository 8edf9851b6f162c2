import { Bug } from '../../text/index.js';
import { blocked, type GradRule } from '../rule.js';
import { unbroadcast } from '../unbroadcast.js';

// y = x·Wᵀ + c  ⇒  dx = dy·W, dc = Σ_rows dy, with W the very numbers the packed matrix stands for; it is never trained.
// Rounding x to 8 bits is passed over: its slope is zero almost everywhere (Bengio et al. 2013, arXiv:1308.3432).
const MatMulNBits: GradRule = ({
  g,
  node: {
    inputs: [x, values, scales, zeros, , c],
    attributes: { bits, K },
  },
  dys: [dy],
  needs,
}) => {
  if (!x || !values || !scales || !dy) return [];
  if (bits !== 4 && bits !== 8) throw new Bug('VF920', `a matrix of ${bits} bits has no gradient`);
  const packed = { bits, columns: Number(K), values, scales, ...(zeros ? { zeros } : {}) } as const;
  const dx = needs[0] ? g.matMul(dy, g.dequantised(packed)) : undefined;
  const dc = c && needs[5] ? unbroadcast(g, dy, c) : undefined;
  return [dx, undefined, undefined, undefined, undefined, dc];
};

/** One rule per operator on packed matrices. */
export const quantised = {
  MatMulNBits,
  GatherBlockQuantized: blocked,
  DequantizeLinear: blocked,
  BitwiseAnd: blocked,
  BitShift: blocked,
} as const;
