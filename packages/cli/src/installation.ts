import { embeddedModelFolder, loadDefinition } from '@vflair/core/catalog';
import type { AttackDefinition, Fields, Goal, SightKey } from '@vflair/core/contract';
import type { Library } from '@vflair/core/run';
import { createModelLibrary } from '@vflair/models';
import { installedCatalog, packages } from './catalog.js';

function familyEntries() {
  return installedCatalog().entries.filter(({ kind }) => kind === 'family');
}

/** Everything installed, loaded when first asked for. */
export function createLibrary(): Library & Pick<ReturnType<typeof createModelLibrary>, 'prompts'> {
  const from = import.meta.url;
  const models = createModelLibrary({
    task: (id) => loadDefinition(packages, 'task', id, from),
    dataset: (id) => loadDefinition(packages, 'dataset', id, from),
    family: async (modelType) => {
      const entry = familyEntries().find(
        ({ facts }) => Array.isArray(facts.modelTypes) && facts.modelTypes.includes(modelType),
      );
      return entry && loadDefinition(packages, 'family', entry.id, from);
    },
    modelFolder: (id) => embeddedModelFolder(packages, id, from),
  });
  return {
    ...models,
    task: (id) => loadDefinition(packages, 'task', id, from),
    attack: async (id) =>
      (await loadDefinition(packages, 'attack', id, from)) as AttackDefinition<
        Fields,
        SightKey,
        SightKey,
        Goal
      >,
    defense: (id) => loadDefinition(packages, 'defense', id, from),
  };
}
