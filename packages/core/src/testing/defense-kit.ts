import type { DefenseContext, DefenseDefinition, Fields, Params, Phase } from '../contract/index.js';
import { gaussianDelta } from '../privacy/index.js';
import { type FloatTensor, floatTensor, intTensor, randomStream } from '../tensor/index.js';
import { drawNormals } from './draws.js';
import { type KitCheck, demand, digestOf, nameChecks } from './kit-check.js';

/** What the kit is told of a defense. */
export interface DefenseKitOptions<F extends Fields> {
  /** `import.meta.url` of the defense's test, which is named after it. */
  readonly test: string;
  readonly params: Params<F>;
}

/** A message and what is said about it: three rows of 4, 2 and 1 tokens, or one number per label. */
interface Sample {
  readonly tensor: FloatTensor;
  readonly mask: DefenseContext<Fields>['mask'];
}

const width = 16;
const lengths = [4, 2, 1] as const;
const longest = 4;

/**
 * What a defense at `forward-out` or `backward-out` has to keep: shape, input, padding, determinism, its off-setting
 * and the noise and sensitivity its claim states. Each check throws an error that says what was broken.
 */
export function defenseKit<F extends Fields>(
  defense: DefenseDefinition<F>,
  { test, params }: DefenseKitOptions<F>,
): KitCheck[] {
  const claim = defense.claim(params);
  const noiseChecks = claim.mechanism === 'none' ? [] : claimChecks(defense, params);
  return [
    ...nameChecks(defense.id, test, 'defenses'),
    ...shapeChecks(defense, params),
    {
      name: 'padding is sent as it came or as zeros, and changes nothing else',
      run: async () => {
        const { tensor, mask } = sequences();
        const other = { mask, tensor: withPadding(tensor, 1e3) };
        const [one, two] = [{ tensor, mask }, other].map((sample) => apply(defense, params, sample));
        if (!one || !two) return;
        eachPosition({ tensor: one, mask }, (isReal, from, to) => {
          const ours = one.data.subarray(from, to);
          if (isReal) demand(same(ours, two.data.subarray(from, to)), 'padding changed what is sent');
          else demand(same(ours, tensor.data.subarray(from, to)) || ours.every((x) => x === 0), 'padding is neither zeros nor untouched');
        });
      },
    },
    {
      name: 'one stream gives one output, another stream other noise',
      run: async () => {
        const sample = sequences();
        const first = apply(defense, params, sample);
        demand(same(first.data, apply(defense, params, sample).data), 'one stream gave two outputs');
        const other = apply(defense, params, sample, { stream: 'other' });
        const isNoisy = claim.mechanism !== 'none';
        demand(!isNoisy || !same(first.data, other.data), 'two streams gave the same noise');
      },
    },
    ...noiseChecks,
  ];
}
