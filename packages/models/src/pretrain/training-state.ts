import { existsSync } from 'node:fs';
import type { FloatTensor } from '@vflair/core/tensor';
import { Bug } from '@vflair/core/text';
import { openCheckpoint } from '../weights/checkpoint.js';
import { writeSafetensors } from '../weights/write-safetensors.js';

/** Where a loss curve passes: steps done, mean training loss since the point before, and validation loss where it was taken. */
export interface CurvePoint {
  readonly step: number;
  readonly train: number;
  readonly validation?: number;
  /** Wall-clock seconds of training so far. */
  readonly seconds: number;
}

/** All that a run needs to go on as if it had never stopped; the data cursor is the step. */
export interface TrainingState {
  readonly step: number;
  readonly weights: ReadonlyMap<string, FloatTensor>;
  readonly optimizer: { readonly time: number; readonly tensors: ReadonlyMap<string, FloatTensor> };
  readonly curve: readonly CurvePoint[];
}

const WEIGHT = 'weight:';

/** Writes a state as one file, as a whole or not at all. `run` names settings that must not change in a run. */
export function saveState(file: string, run: string, state: TrainingState): void {
  const tensors = new Map(state.optimizer.tensors);
  for (const [key, tensor] of state.weights) tensors.set(WEIGHT + key, tensor);
  const metadata = {
    run,
    step: String(state.step),
    time: String(state.optimizer.time),
    curve: JSON.stringify(state.curve),
  };
  writeSafetensors(file, tensors, { metadata });
}

/** The state in `file`; undefined where there is none. Throws VF906 where it belongs to a run with other settings. */
export function loadState(file: string, run: string): TrainingState | undefined {
  if (!existsSync(file)) return undefined;
  const stored = openCheckpoint(file);
  if (stored.metadata.get('run') !== run)
    throw new Bug(
      'VF906',
      `\`${file}\` belongs to a run with other settings; remove it to start anew`,
    );
  const weights = new Map<string, FloatTensor>();
  const tensors = new Map<string, FloatTensor>();
  for (const key of stored.tensors.keys()) {
    if (key.startsWith(WEIGHT)) weights.set(key.slice(WEIGHT.length), stored.read(key));
    else tensors.set(key, stored.read(key));
  }
  stored.close();
  const count = (name: string): number => Number(stored.metadata.get(name));
  const curve = readCurve(stored.metadata.get('curve') ?? '[]');
  return { step: count('step'), weights, optimizer: { time: count('time'), tensors }, curve };
}

function readCurve(text: string): CurvePoint[] {
  const points: unknown = JSON.parse(text);
  return Array.isArray(points) ? points : [];
}
