import { readdirSync } from 'node:fs';
import { extname } from 'node:path';
import { asDefinition, type FamilyDefinition } from '@vflair/core/contract';

/** Finds the family that serves a `model_type`; undefined for an unknown one. */
export type FamilyLookup = (modelType: string) => Promise<FamilyDefinition | undefined>;

/**
 * The family of this package that serves a `model_type`. Every file of `families/` is one; the file of that name is read
 * first, then the others in order.
 */
export const findFamily: FamilyLookup = async (modelType) => {
  const extension = extname(import.meta.url);
  const folder = new URL('./families/', import.meta.url);
  const files = readdirSync(folder).filter((name) => /^[a-z0-9-]+\.[jt]s$/.test(name));
  const expected = `${modelType.replaceAll('_', '-')}${extension}`;
  const order = files.filter((name) => name.endsWith(extension));
  for (const name of order.toSorted((a, b) => Number(b === expected) - Number(a === expected))) {
    const loaded: { readonly default?: unknown } = await import(new URL(name, folder).href);
    const family = asDefinition(loaded.default);
    if (family?.kind === 'family' && family.modelTypes.includes(modelType)) return family;
  }
  return undefined;
};
