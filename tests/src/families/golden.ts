import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HeadKind } from '@vflair/core/contract';
import type { Tensor } from '@vflair/core/tensor';
import { openCheckpoint } from '@vflair/models';

/** Recorded results of a reference implementation for one checkpoint with one head. */
export interface Golden {
  readonly folder: string;
  readonly head: HeadKind;
  /** Tensors of a file of the folder, e.g. `io.safetensors`; empty where it is absent. */
  readonly tensors: (file: string) => ReadonlyMap<string, Tensor>;
  readonly precision: Precision;
  readonly generated: readonly (readonly number[])[] | undefined;
}

/** By file and tensor: `[largest float32 − float64, largest value, share of elements off by more than 1e-4]`. */
interface Precision {
  readonly [file: string]:
    | { readonly [key: string]: readonly [number, number, number] }
    | undefined;
}

const beside = fileURLToPath(new URL('../../../../shared', import.meta.url));

/** Folder of recorded families: beside the repository, or where VFLAIR_SHARED points. */
export const goldenFolder = resolve(process.env.VFLAIR_SHARED ?? beside, 'golden/families');

/** A reason to skip, or nothing. */
export const goldenAbsent = existsSync(goldenFolder) ? undefined : `no folder ${goldenFolder}`;

/** The case recorded as `family/variant-head`. */
export function openGolden(name: string): Golden {
  const folder = join(goldenFolder, name);
  const generate = join(folder, 'generate.json');
  const { new_tokens: generated }: { readonly new_tokens?: number[][] } = existsSync(generate)
    ? JSON.parse(readFileSync(generate, 'utf8'))
    : {};
  return {
    folder,
    head: headOf(name),
    tensors: (file) => readTensors(join(folder, file)),
    precision: JSON.parse(readFileSync(join(folder, 'precision.json'), 'utf8')),
    generated,
  };
}

function headOf(name: string): HeadKind {
  const heads: readonly HeadKind[] = ['lm', 'cls', 'reg', 'qa', 'mlm', 'seq2seq'];
  const head = heads.find((known) => name.endsWith(`-${known}`));
  if (!head) throw new Error(`${name} names no head`);
  return head;
}

function readTensors(file: string): ReadonlyMap<string, Tensor> {
  if (!existsSync(file)) return new Map();
  const checkpoint = openCheckpoint(file);
  const tensors = [...checkpoint.tensors].map(
    ([key, { dtype }]) =>
      [key, dtype === 'F32' ? checkpoint.read(key) : checkpoint.readInt(key)] as const,
  );
  checkpoint.close();
  return new Map(tensors);
}

/** Names of tensors on which float32 alone decides (`unstable`), for one file. */
export function unstableOf({ precision }: Golden, file: 'full3' | 'lora'): ReadonlySet<string> {
  const { unstable } = precision as {
    readonly unstable?: { readonly [file: string]: readonly string[] };
  };
  return new Set(unstable?.[file] ?? []);
}
