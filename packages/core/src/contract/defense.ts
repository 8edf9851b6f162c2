import type { ReleaseClaim } from '../privacy/index.js';
import type { FloatTensor, IntTensor, Random } from '../tensor/index.js';
import type { Fields, Params } from './fields.js';
import type { Phase } from './message.js';

/** Where a defense takes hold; see the table of hook points in docs/architecture.md. */
export type HookPoint =
  | 'text'
  | 'embedding'
  | 'forward-out'
  | 'forward-in'
  | 'backward-out'
  | 'objective'
  | 'answer';

/** What a defense is told about the message it changes. */
export interface DefenseContext<F extends Fields> {
  readonly params: Params<F>;
  readonly point: HookPoint;
  readonly phase: Phase;
  readonly step: number;
  /** int64 `[batch, seq]`, 1 = token; `[batch, 1]` of ones for tensors without a sequence axis. */
  readonly mask: IntTensor;
  /** The data party's own stream for this message. */
  readonly rng: Random;
}

/** What is expected to be sent for a guess, and of what was sent, which coordinates tell anything. */
export interface Expectation {
  /** Of the shape of what was sent. */
  readonly tensor: FloatTensor;
  /** 1 where a coordinate was sent, 0 where it was kept back; all were sent when absent. */
  readonly told?: Uint8Array;
}

/** Size of one release in the words of a privacy statement. */
export type PrivacyClaim = ReleaseClaim;

/** A defense: a link in a channel's chain. No call site can skip it. */
export interface DefenseDefinition<F extends Fields = Fields> {
  readonly kind: 'defense';
  readonly id: string;
  readonly title: string;
  readonly paper: string;
  readonly version: string;
  readonly at: readonly HookPoint[];
  readonly topologies: readonly ('head-tail' | 'head-body-tail')[];
  readonly params: F;
  /** Parameters that make it the identity, for the kit; undefined where there are none. */
  readonly off?: Params<F>;
  /** The message `[batch, ...rest]` → what is sent, of the same shape. The input must not be changed. */
  apply(tensor: FloatTensor, context: DefenseContext<F>): FloatTensor;
  /** Gradient of what was sent → gradient of what came in; the same tensor (straight through) when absent. */
  backward?(
    gradient: FloatTensor,
    sent: FloatTensor,
    received: FloatTensor,
    context: DefenseContext<F>,
  ): FloatTensor;
  /**
   * What somebody who knows the defense expects to be sent for `tensor`, its noise left out; `tensor` itself when absent.
   * The Judge measures with it how well a guess explains a message.
   */
  expect?(
    tensor: FloatTensor,
    sent: FloatTensor,
    context: Omit<DefenseContext<F>, 'rng'>,
  ): Expectation;
  /** What one release claims. */
  claim(params: Params<F>): PrivacyClaim;
}

type DefenseInput<F extends Fields> = Omit<
  DefenseDefinition<F>,
  'kind' | 'version' | 'topologies'
> &
  Partial<Pick<DefenseDefinition<F>, 'version' | 'topologies'>>;

/** Completes a defense's declaration. */
export function defineDefense<const F extends Fields>(
  defense: DefenseInput<F>,
): DefenseDefinition<F> {
  return { version: '0.1.0', topologies: [], ...defense, kind: 'defense' };
}

/** A claim of nothing: what heuristic defenses return. */
export const noClaim: PrivacyClaim = {
  mechanism: 'none',
  unit: '',
  neighbouring: '',
  epsilon: null,
  delta: null,
  sensitivity: null,
  scale: null,
};
