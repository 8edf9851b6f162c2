import type { Slice } from '../session/index.js';
import type { Channel } from './channel.js';
import type { Learner } from './learner.js';
import type { Route } from './route.js';

/** What every party is made of. */
export interface PartyParts {
  readonly name: string;
  readonly route: Route;
  /** This party's slices by name. */
  readonly slices: ReadonlyMap<string, Slice>;
  /** Channels from this party's slices, by `from -> to`. */
  readonly channels: ReadonlyMap<string, Channel>;
  readonly learner: Learner;
  /** Slices (by name) below which something is trained, so that a gradient must travel on. */
  readonly trainsBelow: ReadonlySet<string>;
  /** Whether a slice or one below it is trained, so that it must keep what a backward pass needs. */
  readonly keeps: ReadonlySet<string>;
}
