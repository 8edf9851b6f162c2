import { Bug } from '../text/index.js';
import {
  asFloat,
  asInt,
  type FloatTensor,
  floatTensor,
  type IntTensor,
  intTensor,
  sizeOf,
  type Tensor,
} from './tensor.js';

/**
 * `added` after `before` along the second axis: `[batch, m, ...rest]` and `[batch, n, ...rest]` → `[batch, m + n, ...rest]`.
 * Throws VF902 when the other axes differ, VF903 when the types do.
 */
export function appended(before: FloatTensor, added: FloatTensor): FloatTensor;
export function appended(before: IntTensor, added: IntTensor): IntTensor;
export function appended(before: Tensor, added: Tensor): Tensor {
  const [batch = 0, old = 0, ...rest] = before.shape;
  const fresh = added.shape[1] ?? 0;
  if (`${added.shape}` !== `${[batch, fresh, ...rest]}`)
    throw new Bug('VF902', `[${added.shape}] does not continue [${before.shape}]`);
  const shape = [batch, old + fresh, ...rest];
  const widths = { left: old * sizeOf(rest), right: fresh * sizeOf(rest) };
  if (before.dtype === 'int64') {
    const data = new BigInt64Array(sizeOf(shape));
    interleave(data, [asInt(before).data, asInt(added).data], widths);
    return intTensor(shape, data);
  }
  const data = new Float32Array(sizeOf(shape));
  interleave(data, [asFloat(before).data, asFloat(added).data], widths);
  return floatTensor(shape, data);
}

/** Row by row: `left` values of the first source, then `right` values of the second. */
function interleave<Data extends Float32Array | BigInt64Array>(
  target: Data,
  [first, second]: readonly [Data, Data],
  { left, right }: { left: number; right: number },
): void {
  const [to, one, other] = [target, first, second] as [Float32Array, Float32Array, Float32Array];
  for (let start = 0, row = 0; start < to.length; start += left + right, row++) {
    to.set(one.subarray(row * left, (row + 1) * left), start);
    to.set(other.subarray(row * right, (row + 1) * right), start + left);
  }
}
