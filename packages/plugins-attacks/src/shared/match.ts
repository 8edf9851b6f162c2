import type { DefenseKnowledge } from '@vflair/core/contract';
import { type Graph, staticDim, type Value } from '@vflair/core/graph';

/**
 * What an adversary that knows the defense builds into its own forward pass. With none of it, the attack is the static
 * one.
 */
export interface Adaptation {
  /** The bound that was clipped to, over a whole row or over each position, in the noise's own norm. */
  readonly clip?: { readonly norm: 'l1' | 'l2'; readonly bound: number; readonly alone: boolean };
  /** Whether differences count by their size (Laplace noise) and not by their square. */
  readonly absolute: boolean;
  /** Whether coordinates that came as zero were left out rather than measured. */
  readonly sentOnly: boolean;
}

/** What a known chain of defenses at the head tells; `generated` positions are clipped one by one. */
export function adaptationTo(
  chain: readonly DefenseKnowledge[] | undefined,
  generated: boolean,
): Adaptation {
  const known = (chain ?? []).filter(({ point }) => point === 'forward-out');
  const dp = known.find(({ id }) => id === 'dp');
  const bound = dp?.params.clip;
  const absolute = dp?.params.mechanism === 'laplace';
  const norm = absolute ? 'l1' : 'l2';
  return {
    ...(typeof bound === 'number' ? { clip: { norm, bound, alone: generated } } : {}),
    absolute,
    sentOnly: known.some(({ id }) => id === 'sparsify'),
  };
}

/** What came and what might have been sent: `[batch, seq, hidden]`; `mask` float `[batch, seq, 1]`. */
export interface Match {
  readonly sent: Value;
  readonly received: Value;
  readonly mask: Value;
}

// h ← h·min(1, C/‖h‖) over the real positions of a row, or over each position.
function clipped(g: Graph, x: Value, { norm, bound, alone }: Required<Adaptation>['clip']): Value {
  const axes = alone ? [2] : [1, 2];
  const size =
    norm === 'l1'
      ? g.sum(g.abs(x), axes, true)
      : g.sqrt(g.add(g.sum(g.mul(x, x), axes, true), 1e-12));
  return g.mul(x, g.min(g.div(bound, g.max(size, 1e-12)), 1));
}

/** What an adapted adversary expects to receive: padding as zeros, clipped where it knows of a clip. */
export function expected(g: Graph, { sent, mask }: Match, { clip }: Adaptation): Value {
  const real = g.mul(sent, mask);
  return clip ? clipped(g, real, clip) : real;
}

/**
 * Distance per position, `[batch, seq]`, 0 at padding: ‖M(x) − H1‖²/d, the log-likelihood of Gaussian noise up to a
 * scale; ‖M(x) − H1‖₁/d where the noise is known to be Laplace's; over the coordinates that were sent.
 */
export function distances(g: Graph, match: Match, adaptation: Adaptation): Value {
  const gap = g.sub(expected(g, match, adaptation), match.received);
  const loss = adaptation.absolute ? g.abs(gap) : g.mul(gap, gap);
  const sent = adaptation.sentOnly ? g.mul(loss, wasSent(g, match.received)) : loss;
  return g.sum(g.mul(g.mul(sent, match.mask), 1 / staticDim(match.sent, -1)), [2]);
}

/** 1 − cos per position, `[batch, seq]`, 0 at padding; over the coordinates that were sent. */
export function angles(g: Graph, match: Match, adaptation: Adaptation): Value {
  const real = g.mul(match.sent, match.mask);
  const x = adaptation.sentOnly ? g.mul(real, wasSent(g, match.received)) : real;
  const dot = (a: Value, b: Value): Value => g.sum(g.mul(a, b), [2]);
  const sizes = g.mul(dot(x, x), dot(match.received, match.received));
  const cosine = g.div(dot(x, match.received), g.sqrt(g.add(sizes, 1e-12)));
  return g.mul(g.sub(1, cosine), g.squeeze(match.mask, [2]));
}

function wasSent(g: Graph, received: Value): Value {
  return g.cast(g.not(g.equal(received, 0)), 'float32');
}
