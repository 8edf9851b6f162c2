import type { AttackDefinition, Fields, Goal, Sight, SightKey, View } from '../contract/index.js';
import { Bug } from '../text/index.js';

/** The view of an attack that declares nothing: what a caller that has any attack in hand passes on. */
export type AnyView = View<SightKey, SightKey>;

/**
 * The frozen pick of `sight` that an attack declared and its adversary was granted. A declared need that isn't granted
 * is a Bug VF940: the checker refuses such a text before anything runs.
 */
export function openView(
  sight: Partial<Sight>,
  attack: Pick<AttackDefinition<Fields, SightKey, SightKey, Goal>, 'id' | 'needs' | 'wants'>,
  granted: ReadonlySet<SightKey>,
): AnyView {
  const missing = attack.needs.filter((key) => !granted.has(key) || sight[key] === undefined);
  if (missing.length > 0)
    throw new Bug(
      'VF940',
      `attack ${attack.id} needs ${missing.join(', ')}, which was not granted`,
    );
  const keys = [
    ...attack.needs,
    ...attack.wants.filter((key) => granted.has(key) && sight[key] !== undefined),
  ];
  const picked = Object.fromEntries(keys.map((key) => [key, freeze(sight[key])]));
  // The keys were picked from the attack's own declaration, which is what its View type lists.
  return Object.freeze(picked) as unknown as AnyView;
}

/** Freezes arrays and plain objects all the way down; element buffers are left to the copy the view was made from. */
function freeze<T>(value: T, seen = new Set<unknown>()): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value))
    return value;
  seen.add(value);
  for (const item of Object.values(value)) freeze(item, seen);
  return Object.freeze(value);
}
