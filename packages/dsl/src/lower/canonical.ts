import { createHash } from 'node:crypto';
import type { Plan } from '@vflair/core/contract';
import { canonicalJson } from '@vflair/core/text';

export { canonicalJson };

/** sha256 of the Plan's canonical bytes, 64 hexadecimal digits: the experiment's identity. */
export const planDigest = (plan: Plan): string =>
  createHash('sha256').update(canonicalJson(plan)).digest('hex');
