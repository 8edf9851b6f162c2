import { join } from 'node:path';
import type { ModelSpec } from '@vflair/core/contract';
import type { FloatTensor } from '@vflair/core/tensor';
import { openCheckpoint } from '@vflair/models/pretrain';
import { checkLanguage } from './language-check.ts';
import type { Material } from './material.ts';
import type { Outcome } from './model-card.ts';
import type { Recipe } from './recipes.ts';
import { checkSpam } from './spam-check.ts';
import type { Trained } from './train.ts';

/** Measures the exported model, as its float16 file holds it. */
export async function measure(
  recipe: Recipe,
  material: Material,
  { folder, seed, curve }: { folder: string; seed: number; curve: Trained['curve'] },
): Promise<Outcome> {
  const weights = exportedWeights(folder, material.spec);
  const parameters = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  const known = { recipe, material, seed, parameters, curve };
  if (recipe.head === 'lm')
    return { ...known, language: await checkLanguage(recipe, material, weights) };
  return { ...known, spam: await checkSpam(recipe, material, weights) };
}

function exportedWeights(folder: string, spec: ModelSpec): Map<string, FloatTensor> {
  const stored = openCheckpoint(join(folder, 'model.safetensors'));
  const weights = new Map(spec.parameters.map(({ key }) => [key, stored.read(key)]));
  stored.close();
  return weights;
}
