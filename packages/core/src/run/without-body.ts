import type { PipelinePlan } from '../contract/index.js';
import { at } from '../text/index.js';
import type { RunContext } from './context.js';
import { openWorld } from './hub.js';
import type { EvaluationResult } from './results.js';

/**
 * Is the server needed at all? The data party trains head and tail joined directly, with the same settings and no
 * defense (nothing crosses a cut); gives its class guesses on the test rows.
 */
export async function withoutBody(
  context: RunContext,
  pipeline: PipelinePlan,
): Promise<readonly number[]> {
  const owner = at(pipeline.slices, 0).owner;
  const outer = [at(pipeline.slices, 0), at(pipeline.slices, pipeline.slices.length - 1)];
  const names = new Set(outer.map(({ name }) => name));
  const chosen = pipeline.work.params.slices;
  const slices = Array.isArray(chosen)
    ? chosen.filter((name) => typeof name === 'string' && names.has(name))
    : [];
  const work =
    pipeline.work.kind === 'finetune'
      ? {
          ...pipeline.work,
          params: { ...pipeline.work.params, slices: slices.length > 0 ? slices : [] },
        }
      : pipeline.work;
  // Two workers of one owner: what passes between them is not tapped and crosses no cut.
  const device = { kind: 'cpu', index: 0 };
  const parties = [
    { name: owner, device, holds: ['data', 'labels'] as const },
    { name: 'joined tail', device, holds: [] },
  ];
  const joined: PipelinePlan = {
    ...pipeline,
    parties,
    slices: outer.map((slice, i) => ({ ...slice, owner: i === 0 ? owner : 'joined tail' })),
    defenses: [],
    work,
  };
  const order = {
    pipeline: joined,
    places: context.places,
    threads: context.threads,
    probing: false,
  };
  const progress = (name: string, done: number, of: number): void =>
    context.progress(`without the server's part: ${name}`, done, of);
  const world = await openWorld(context.hosts, order, { progress });
  try {
    await world.ask('train');
    return ((await world.ask('evaluate', 'test')) as EvaluationResult).predicted;
  } finally {
    await world.close();
  }
}
