import { join } from 'node:path';
import type { ModelSpec } from '@vflair/core/contract';
import { type Adapter, inputNames } from '@vflair/core/session';
import { copyOf, type FloatTensor } from '@vflair/core/tensor';
import { finding, present } from '@vflair/core/text';
import { nearestNames } from '../text/nearest-names.js';
import { type Checkpoint, openCheckpoint } from '../weights/checkpoint.js';
import { type AdapterConfig, readAdapterConfig } from './adapter-config.js';

/** A PEFT adapter on a model: what it adds to weights, what it replaces, and what its file calls them. */
export interface LoadedAdapter {
  /** LoRA pairs by the key of the weight they sit on. */
  readonly pairs: ReadonlyMap<string, Adapter>;
  /** Whole parameters it brings (`modules_to_save`), by key. */
  readonly saved: ReadonlyMap<string, FloatTensor>;
  /** Key in the adapter's file by the name a slice trains the tensor under. */
  readonly fileKeys: ReadonlyMap<string, string>;
  /** What adapter_config.json says besides. */
  readonly config: AdapterConfig;
}

const prefix = 'base_model.model.';

/**
 * Reads adapter_config.json and adapter_model.safetensors of a folder for a model. Throws Findings: VF537 an option that
 * is not computed, VF538 a tensor that sits on nothing of the model, VF539 config and tensors that contradict each other.
 */
export function readAdapter(folder: string, spec: ModelSpec): LoadedAdapter {
  const config = readAdapterConfig(folder);
  const checkpoint = openCheckpoint(join(folder, 'adapter_model.safetensors'));
  try {
    const pairs = new Map<string, Adapter>();
    const saved = new Map<string, FloatTensor>();
    const fileKeys = new Map<string, string>();
    for (const name of checkpoint.tensors.keys()) {
      if (name.endsWith('.lora_B.weight')) continue;
      if (name.endsWith('.lora_A.weight')) {
        const { key, pair } = readPair(name, { spec, config, checkpoint });
        pairs.set(key, pair);
        fileKeys.set(inputNames.adapterA(key), name);
        fileKeys.set(inputNames.adapterB(key), name.replace('.lora_A.', '.lora_B.'));
      } else {
        const key = keyOf(name, name.replace(prefix, '').replace('modules_to_save.', ''), spec);
        saved.set(key, readSaved(name, key, { spec, checkpoint }));
        fileKeys.set(key, name);
      }
    }
    return { pairs, saved, fileKeys, config };
  } finally {
    checkpoint.close();
  }
}

interface Source {
  readonly spec: ModelSpec;
  readonly config: AdapterConfig;
  readonly checkpoint: Checkpoint;
}

function readPair(
  name: string,
  { spec, config, checkpoint }: Source,
): { key: string; pair: Adapter } {
  const module = name.replace(prefix, '').replace('.lora_A.weight', '');
  const key = keyOf(name, `${module}.weight`, spec);
  const [a, b] = [
    // A copy: what is read may be a view on a whole file.
    copyOf(checkpoint.read(name)),
    copyOf(checkpoint.read(name.replace('.lora_A.', '.lora_B.'))),
  ];
  if (!config.targets(module))
    throw contradiction(name, 'is there, but `target_modules` leaves it out');
  const rank = config.rank(module);
  const [inner, input] = [a.shape[0], a.shape[1]];
  if (inner !== rank || b.shape[1] !== rank)
    throw contradiction(name, `has rank ${inner}, adapter_config.json says ${rank}`);
  const shape = present(
    spec.parameters.find((parameter) => parameter.key === key),
    key,
  ).shape;
  const sizes = [b.shape[0], input];
  // Stored [out, in] by most families, [in, out] by GPT-2.
  if (`${sizes}` !== `${shape}` && `${sizes.toReversed()}` !== `${shape}`)
    throw contradiction(name, `does not fit \`${key}\` of shape [${shape.join(', ')}]`);
  return { key, pair: { a, b, scale: config.scale(module) } };
}

function readSaved(
  name: string,
  key: string,
  { spec, checkpoint }: Pick<Source, 'spec' | 'checkpoint'>,
): FloatTensor {
  const tensor = copyOf(checkpoint.read(name));
  const shape = present(
    spec.parameters.find((parameter) => parameter.key === key),
    key,
  ).shape;
  if (`${tensor.shape}` !== `${shape}`)
    throw contradiction(name, `does not fit \`${key}\` of shape [${shape.join(', ')}]`);
  return tensor;
}

/** The model's own key for what an adapter calls `key`. */
function keyOf(name: string, key: string, spec: ModelSpec): string {
  const found = spec.parameters.find((parameter) =>
    [parameter.key, ...spec.aliases(parameter.key)].includes(key),
  );
  if (found) return found.key;
  const keys = spec.parameters.map((parameter) => parameter.key);
  throw finding(
    'VF538',
    `adapter tensor \`${name}\` sits on \`${key}\`, which the ${spec.family} model does not have`,
    `nearest are ${nearestNames(key, keys).join(', ')}`,
  );
}

function contradiction(name: string, what: string): Error {
  return finding(
    'VF539',
    `adapter tensor \`${name}\` ${what}`,
    'take adapter_config.json and adapter_model.safetensors from one training run',
  );
}
