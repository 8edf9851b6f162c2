import path from 'node:path';
import type { DatasetDefinition, PipelinePlan, TaskDefinition } from '@vflair/core/contract';
import { finding } from '@vflair/core/text';
import type { FamilyLookup } from '../load-model.js';

/** What the library of models and data needs from whoever knows what is installed. */
export interface ModelSources {
  readonly task: (id: string) => Promise<TaskDefinition>;
  readonly dataset: (id: string) => Promise<DatasetDefinition>;
  readonly family: FamilyLookup;
  /** Folder of an embedded model. */
  readonly modelFolder: (id: string) => string;
}

/** Where relative names begin and where converted weights are kept. */
export interface LibraryPlaces {
  readonly base: string;
  readonly cache: string;
}

/** The folder of a pipeline's model; throws VF568 for one that is not in a folder. */
export function modelFolder(
  { model }: PipelinePlan,
  places: LibraryPlaces,
  sources: ModelSources,
): string {
  if (model.kind === 'catalog') return sources.modelFolder(model.ref);
  if (model.kind === 'folder') return path.resolve(places.base, model.ref);
  throw finding(
    'VF568',
    `model \`${model.ref}\` is ${model.kind === 'hub' ? 'on a hub' : 'a single file'}, which this version does not read`,
    'name a folder with config.json and model.safetensors',
  );
}
