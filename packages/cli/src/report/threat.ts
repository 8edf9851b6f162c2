import type { PipelinePlan, Place, Plan } from '@vflair/core/contract';
import { at } from '@vflair/core/text';
import { grouped } from './cells.js';
import { crossingsOf } from './crossings.js';
import type { Report, ThreatScene } from './report.js';
import type { Setting } from './settings.js';
import { threatSentences } from './threat-words.js';

const place = (where: Place): string =>
  where === 'embed' ? 'embedding' : where === 'output' ? 'output' : `block ${where}`;

/** Both ends of a slice in words: `embedding to block 2`, `blocks 3 to 8`, `block 4`. */
export function extentOf(from: Place, to: Place): string {
  if (from === to) return place(from);
  return typeof from === 'number' && typeof to === 'number'
    ? `blocks ${from} to ${to}`
    : `${place(from)} to ${place(to)}`;
}

// What the picture shows: pipelines that agree in it share one.
const sceneKey = (pipeline: PipelinePlan): string =>
  JSON.stringify([
    pipeline.model.ref,
    pipeline.task.id,
    pipeline.work.kind,
    pipeline.parties,
    pipeline.slices,
    pipeline.adversaries,
  ]);

function sceneOf(
  group: readonly PipelinePlan[],
  bytes: Report['bytes'],
  settings: readonly Setting[],
): ThreatScene {
  const first = at(group, 0);
  return {
    pipelines: group.map(({ name }) => name),
    parties: first.parties.map(({ name, device, holds }) => ({
      name,
      device: device.index > 0 ? `${device.kind}:${device.index}` : device.kind,
      holds,
    })),
    slices: first.slices.map(({ name, role, owner, from, to }) => ({
      name,
      role,
      owner,
      extent: extentOf(from, to),
    })),
    crossings: crossingsOf({ group, bytes, settings }),
    adversaries: first.adversaries.map(({ name, at: party }) => ({ name, at: party })),
    sentences: threatSentences(first),
  };
}

/** One scene for each arrangement of parties, slices and adversaries in the Plan. */
export const threatOf = (
  plan: Plan,
  bytes: Report['bytes'],
  settings: readonly Setting[],
): readonly ThreatScene[] =>
  [...grouped(plan.pipelines, sceneKey).values()].map((group) => sceneOf(group, bytes, settings));
