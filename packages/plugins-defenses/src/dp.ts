import { type DefenseContext, defineDefense, type Params, type Phase } from '@vflair/core/contract';
import { gaussianSigma, laplaceScale, oneTextReplaced, sampleLaplace } from '@vflair/core/privacy';
import { type FloatTensor, floatTensor, type IntTensor } from '@vflair/core/tensor';

const fields = {
  mechanism: {
    type: 'string',
    enum: ['gaussian', 'laplace'],
    default: 'gaussian',
    description:
      'Noise: Gaussian with a clip in the Euclidean norm, or Laplace with one in the L1 norm.',
  },
  epsilon: {
    type: 'number',
    exclusiveMinimum: 0,
    description: 'ε of one release of one sequence.',
  },
  delta: {
    type: 'number',
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    default: 1e-5,
    description: 'δ of one release; Laplace noise does not use it and has δ = 0.',
  },
  clip: {
    type: 'number',
    exclusiveMinimum: 0,
    default: 1,
    description:
      'Norm C to which a whole sequence is clipped; a constant, never taken from private data.',
  },
} as const;

type Settings = Params<typeof fields>;

/**
 * Clips each sequence to norm C over its real positions and adds noise calibrated to the sensitivity Δ = 2C. The unit is
 * the sequence, since blocks mix tokens. At generation each new position is a release of its own and is clipped alone.
 * Padding is sent as zeros: lengths are public. The gradient that comes back passes unchanged (straight through).
 */
export default defineDefense({
  id: 'dp',
  title: 'Differential privacy by clipping and noise',
  paper: 'Balle & Wang 2018, arXiv:1805.06530; Dwork et al. 2006, doi:10.1007/11681878_14',
  at: ['forward-out', 'backward-out'],
  params: fields,
  apply(tensor, context) {
    const { params, rng } = context;
    const scale = noiseScale(params);
    return clipped(
      tensor,
      context,
      params.mechanism === 'laplace' ? () => sampleLaplace(rng, scale) : () => scale * rng.normal(),
    );
  },
  expect: (tensor, _sent, context) => ({ tensor: clipped(tensor, context, () => 0) }),
  claim: (params) => ({
    mechanism: params.mechanism,
    unit: 'sequence',
    neighbouring: oneTextReplaced,
    epsilon: params.epsilon,
    delta: params.mechanism === 'laplace' ? 0 : params.delta,
    sensitivity: 2 * params.clip,
    scale: noiseScale(params),
  }),
});

/** Each unit scaled into the ball of radius C, with noise on every coordinate; zeros at padding. */
function clipped(
  { shape, data }: FloatTensor,
  { params, mask, phase }: Pick<DefenseContext<typeof fields>, 'params' | 'mask' | 'phase'>,
  noise: () => number,
): FloatTensor {
  const width = data.length / Math.max(mask.data.length, 1);
  const sent = new Float32Array(data.length);
  for (const positions of units(mask, phase)) {
    const norm = normOver(data, { positions, width }, params.mechanism);
    const factor = Math.min(1, params.clip / norm);
    for (const position of positions) {
      for (let i = position * width; i < (position + 1) * width; i++)
        sent[i] = (data[i] ?? 0) * factor + noise();
    }
  }
  return floatTensor(shape, sent);
}

/** σ of Gaussian noise by the analytic mechanism, or b of Laplace noise, for Δ = 2C. */
function noiseScale({ mechanism, epsilon, delta, clip }: Settings): number {
  return mechanism === 'laplace'
    ? laplaceScale(epsilon, 2 * clip)
    : gaussianSigma(epsilon, delta, 2 * clip);
}

/** Positions that hold a token, flat over `[batch, seq]`, grouped by what is clipped together: a row, or at generation each alone. */
function units(mask: IntTensor, phase: Phase): number[][] {
  const length = mask.shape[1] ?? 1;
  const real = [...mask.data.keys()].filter((position) => mask.data[position] === 1n);
  if (phase === 'generate') return real.map((position) => [position]);
  return [...Map.groupBy(real, (position) => Math.floor(position / length)).values()];
}

function normOver(
  data: Float32Array,
  { positions, width }: { readonly positions: readonly number[]; readonly width: number },
  mechanism: Settings['mechanism'],
): number {
  let sum = 0;
  for (const position of positions) {
    for (let i = position * width; i < (position + 1) * width; i++) {
      const x = data[i] ?? 0;
      sum += mechanism === 'laplace' ? Math.abs(x) : x * x;
    }
  }
  return mechanism === 'laplace' ? sum : Math.sqrt(sum);
}
