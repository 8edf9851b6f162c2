import type { Place } from '../ast/ast.js';
import type { Meaning, NamedMeaning, PartyMeaning, SliceMeaning, Topology } from './meaning.js';

/** True for a task that writes text. */
export const generates = ({ name, entry }: NamedMeaning): boolean =>
  entry?.facts.generates === true || name.text === 'generation';

/** True for a task whose rows have labels that somebody must hold. */
export const hasLabels = ({ entry }: NamedMeaning): boolean =>
  entry !== undefined && (entry.facts.labelled === true || Object.hasOwn(entry.params, 'labels'));

/** True for a block the model does not have, or that no model has. */
export const isNoBlock = (place: Place, { model }: Meaning): boolean =>
  place.kind === 'block' &&
  (!Number.isInteger(place.index) ||
    place.index < 0 ||
    (model.value !== undefined && place.index >= model.value.plan.blocks));

/** The slice data goes into; undefined where the slices aren't all known. */
export const headOf = ({ slices, hasAllSlices }: Meaning): SliceMeaning | undefined =>
  hasAllSlices ? slices.find(({ start }) => start === 0) : undefined;

/** The slice that ends with the output; undefined where the slices aren't all known. */
export const tailOf = ({ slices, hasAllSlices }: Meaning): SliceMeaning | undefined =>
  hasAllSlices ? slices.find(({ to }) => to.kind === 'output') : undefined;

/** Where the output is; undefined where the slices aren't all known, or there is only one. */
export function topologyOf(meaning: Meaning): Topology | undefined {
  const head = headOf(meaning);
  const tail = tailOf(meaning);
  if (head === undefined || tail === undefined || head === tail) return undefined;
  return head.owner === tail.owner ? 'head-body-tail' : 'head-tail';
}

/** The parties that hold something. */
export const holdersOf = ({ parties }: Meaning, item: string): readonly PartyMeaning[] =>
  parties.filter(({ holds }) => holds.some(({ text }) => text === item));

/** What crosses on a link: an activation towards the output, a gradient back. */
export const pointOf = (from: SliceMeaning, to: SliceMeaning): 'forward-out' | 'backward-out' =>
  from.start < to.start ? 'forward-out' : 'backward-out';
