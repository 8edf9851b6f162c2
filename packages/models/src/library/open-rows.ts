import type { DatasetDefinition, PipelinePlan } from '@vflair/core/contract';
import type { Random } from '@vflair/core/tensor';
import { finding } from '@vflair/core/text';
import type { Tokenizer } from '../tokenizers/index.js';
import { dataDigests, rowsDigest } from './digests.js';
import { drawSplits, openSplits } from './rows.js';
import type { LibraryPlaces, ModelSources } from './sources.js';

/** What rows are opened with. */
export interface RowOpening {
  readonly places: LibraryPlaces;
  readonly sources: ModelSources;
  readonly tokenizer: Tokenizer;
  readonly maxLength: number;
  readonly random: Random;
}

/** How the datasets of a machine are reached. */
export function rowSources({ base, cache }: LibraryPlaces, { dataset }: ModelSources) {
  return { base, cache, dataset: (id: string): Promise<DatasetDefinition> => dataset(id) };
}

/** The drawn rows of a pipeline as ids. Throws VF543 for a row without label, VF544 for one out of range. */
export async function openRows(pipeline: PipelinePlan, opening: RowOpening) {
  const { places, sources } = opening;
  const task = await sources.task(pipeline.task.id);
  const stated = pipeline.task.params.labels;
  const labels = task.labelled && typeof stated === 'number' ? stated : undefined;
  const splits = await openSplits(pipeline.data, rowSources(places, sources), labels);
  if (task.labelled) refuseUnlabelled([...splits.train, ...splits.test], splits.classes.length);
  // A model that is only used is trained on nothing.
  const plan = pipeline.work.kind === 'infer' ? { ...pipeline.data, train: 0 } : pipeline.data;
  const drawn = drawSplits(splits, plan, opening);
  const rows = rowsDigest([...drawn.train, ...drawn.test]);
  return {
    ...drawn,
    classes: splits.classes,
    digests: { ...dataDigests(pipeline.data, places.base), rows },
  };
}

/** Number of classes: what the task says, else what the data have. */
export async function labelCount(
  pipeline: PipelinePlan,
  places: LibraryPlaces,
  sources: ModelSources,
): Promise<number> {
  const stated = pipeline.task.params.labels;
  if (typeof stated === 'number') return stated;
  return (await openSplits(pipeline.data, rowSources(places, sources), undefined)).classes.length;
}

function refuseUnlabelled(
  rows: readonly { readonly id: string; readonly label?: number }[],
  classes: number,
): void {
  const without = rows.find(({ label }) => label === undefined);
  if (without)
    throw finding(
      'VF543',
      `row ${without.id} has no label`,
      'classification needs one per row: name its column with `columns { label … }`',
    );
  const outside = rows.find(({ label = 0 }) => label < 0 || label >= classes);
  if (outside)
    throw finding(
      'VF544',
      `row ${outside.id} has label ${outside.label}, outside 0 to ${classes - 1}`,
      'correct the row or `labels`',
    );
}
