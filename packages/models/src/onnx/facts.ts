import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelConfig } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';
import { onnxFolder } from './find-onnx.js';
import type { OnnxPlan } from './plan.js';

/** What a folder says of an ONNX model: config.json where there is one, and our own vflair.json. */
export interface OnnxFacts {
  readonly config: ModelConfig;
  /** Names of the results of the blocks. */
  readonly cuts?: readonly string[];
  readonly architecture?: 'encoder' | 'decoder';
}

/** Reads config.json and vflair.json beside an ONNX file; raises VF521 where one can't be read, VF579 for wrong cuts. */
export function readFacts(file: string): OnnxFacts {
  const folder = onnxFolder(file);
  const config = { model_type: 'onnx', ...readObject(join(folder, 'config.json')) };
  const { cuts, architecture } = readObject(join(folder, 'vflair.json')) ?? {};
  const isList = Array.isArray(cuts) && cuts.every((name) => typeof name === 'string');
  if (cuts !== undefined && !isList)
    throw finding(
      'VF579',
      '`cuts` in vflair.json is no list of names',
      'write `{ "cuts": ["/model/layers.0/Add_1_output_0"] }`: the result of each block',
    );
  return {
    config,
    ...(isList ? { cuts } : {}),
    ...(architecture === 'encoder' || architecture === 'decoder' ? { architecture } : {}),
  };
}

function readObject(file: string): ModelConfig | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw finding('VF521', `\`${file}\` is not readable: ${why}`, 'it should be one JSON object');
  }
  throw finding('VF521', `\`${file}\` is no JSON object`, 'write one in braces');
}

/** A number of config.json under the first of its names that is there. */
export function countIn(config: ModelConfig, ...names: readonly string[]): number | undefined {
  return names.map((name) => config[name]).find((value) => typeof value === 'number');
}

const COMPARES: ReadonlySet<string> = new Set([
  'Less',
  'LessOrEqual',
  'Greater',
  'GreaterOrEqual',
  'Trilu',
]);

/** Whether positions see only those before them: what doesn't depend on tokens compares positions, or is a square table. */
export function looksCausal({ model, active, shapes }: OnnxPlan): boolean {
  const compares = model.nodes.some(
    ({ op, inputs, outputs }) =>
      COMPARES.has(op) &&
      !active.has(outputs[0] ?? '') &&
      inputs.some((name) => (shapes.get(name) ?? []).includes('seq')),
  );
  const hasTable = [...model.initialisers.values()].some(({ shape }) => {
    const [a, b] = shape.slice(-2);
    return shape.length === 4 && a === b && (a ?? 0) > 1 && shape[0] === 1 && shape[1] === 1;
  });
  return compares || hasTable;
}
