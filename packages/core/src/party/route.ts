import type { PipelinePlan, SlicePlan } from '../contract/index.js';
import type { Part } from '../session/index.js';
import { at, present } from '../text/index.js';

/** The slices of a pipeline in order, and who owns them. */
export interface Route {
  readonly slices: readonly SlicePlan[];
  /** The party that holds the data, the labels and the first slice. */
  readonly dataParty: string;
}

/** The route of a pipeline. */
export function routeOf(pipeline: PipelinePlan): Route {
  return { slices: pipeline.slices, dataParty: at(pipeline.slices, 0).owner };
}

/** Blocks and ends of a slice of a model with `blocks` blocks. */
export function partOf(slice: Pick<SlicePlan, 'from' | 'to'>, blocks: number): Part {
  const { from, to } = slice;
  return {
    embed: from === 'embed',
    first: from === 'embed' ? 0 : from === 'output' ? blocks : from,
    end: to === 'output' ? blocks : to === 'embed' ? 0 : to + 1,
    output: to === 'output',
  };
}

/** Position of the slice called `name`. */
export function sliceIndex(route: Route, name: string): number {
  const index = route.slices.findIndex((slice) => slice.name === name);
  present(route.slices[index], `slice ${name}`);
  return index;
}

/** Whether logits travel back because the last slice is not the data party's (head-tail). */
export function isHeadTail(route: Route): boolean {
  return at(route.slices, route.slices.length - 1).owner !== route.dataParty;
}
