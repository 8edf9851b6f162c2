import type { DefenseDefinition, Fields, Params } from '../contract/index.js';
import {
  contextOf,
  drawSample,
  isSame,
  labelSample,
  type Occasion,
  positionsOf,
  type Sample,
} from './defense-sample.js';
import { demand, digestOf, type KitCheck, nameChecks } from './kit-check.js';
import { checkGaps, noiseChecks } from './noise-checks.js';

/** What the kit is told of a defense. */
export interface DefenseKitOptions<F extends Fields> {
  /** `import.meta.url` of the defense's test, which is named after it. */
  readonly test: string;
  readonly params: Params<F>;
}

/**
 * What a defense at `forward-out` or `backward-out` has to keep: shape, input, padding, determinism, its off-setting,
 * and the noise and sensitivity its claim states. Each check throws an error that says what was broken.
 */
export function defenseKit<F extends Fields>(
  defense: DefenseDefinition<F>,
  { test, params }: DefenseKitOptions<F>,
): KitCheck[] {
  return [
    ...nameChecks(defense.id, test, 'defenses'),
    {
      name: 'shape is kept and the input is left alone',
      run: async () => checkShapes(defense, params),
    },
    {
      name: 'padding is zeros or untouched, and changes nothing else',
      run: async () => checkPadding(defense, params),
    },
    {
      name: 'one stream gives one output, another gives other noise',
      run: async () => checkStreams(defense, params),
    },
    {
      name: 'the gradient keeps its shape on its way back',
      run: async () => checkBackward(defense, params),
    },
    ...(defense.expect ? [expectationCheck(defense, params, defense.expect)] : []),
    ...(defense.off ? [offCheck(defense, defense.off)] : []),
    ...noiseChecks(defense, params),
  ];
}

const messages = (): { readonly [name: string]: Sample } => ({
  sequences: drawSample([4, 2, 1], 16),
  'one position': drawSample([1], 16),
  'one class gradient per row': labelSample(5, 3),
  'no rows': drawSample([], 16),
});

function checkShapes<F extends Fields>(defense: DefenseDefinition<F>, params: Params<F>): void {
  for (const point of defense.at) {
    for (const [name, sample] of Object.entries(messages())) {
      const before = digestOf(sample);
      const context = contextOf(defense, params, sample, { point });
      const { dtype, shape, data } = defense.apply(sample.tensor, context);
      const where = `${name} at ${point}`;
      demand(
        dtype === 'float32' && isSame(shape, sample.tensor.shape),
        `${where}: [${shape}] came out`,
      );
      demand(
        data.length === sample.tensor.data.length,
        `${where}: ${data.length} elements came out`,
      );
      demand(data.every(Number.isFinite), `${where}: a number that is not finite came out`);
      demand(digestOf(sample) === before, `${where}: the input was changed`);
    }
  }
}

function checkPadding<F extends Fields>(defense: DefenseDefinition<F>, params: Params<F>): void {
  const sample = drawSample([4, 2, 1], 16);
  const loud = { ...sample.tensor, data: sample.tensor.data.slice() };
  for (const { isReal, elements } of positionsOf(sample)) if (!isReal) elements(loud).fill(1e3);
  const [quietSent, loudSent] = [sample.tensor, loud].map((tensor) =>
    defense.apply(tensor, contextOf(defense, params, sample)),
  );
  if (!quietSent || !loudSent) return;
  for (const { isReal, elements } of positionsOf(sample)) {
    const sent = elements(quietSent);
    if (isReal) demand(isSame(sent, elements(loudSent)), 'what stands at padding changed a token');
    else {
      const isBlank = sent.every((x) => x === 0);
      demand(isBlank || isSame(sent, elements(sample.tensor)), 'padding carries something new');
    }
  }
}

function checkStreams<F extends Fields>(defense: DefenseDefinition<F>, params: Params<F>): void {
  const sample = drawSample([4, 2, 1], 16);
  const send = (occasion: Occasion): Float32Array =>
    defense.apply(sample.tensor, contextOf(defense, params, sample, occasion)).data;
  const first = send({});
  demand(isSame(first, send({})), 'one stream gave two outputs');
  const isNoisy = defense.claim(params).mechanism !== 'none';
  demand(!isNoisy || !isSame(first, send({ stream: 'other' })), 'two streams gave one output');
}

function checkBackward<F extends Fields>(defense: DefenseDefinition<F>, params: Params<F>): void {
  if (!defense.backward) return;
  for (const [name, { tensor, mask }] of Object.entries(messages())) {
    const context = contextOf(defense, params, { mask });
    const sent = defense.apply(tensor, context);
    const gradient = { ...tensor, data: tensor.data.map((x) => x + 1) };
    const before = digestOf([gradient, sent, tensor]);
    const back = defense.backward(gradient, sent, tensor, context);
    demand(isSame(back.shape, tensor.shape), `${name}: a gradient of shape [${back.shape}]`);
    demand(digestOf([gradient, sent, tensor]) === before, `${name}: an input was changed`);
  }
}

function expectationCheck<F extends Fields>(
  defense: DefenseDefinition<F>,
  params: Params<F>,
  expect: NonNullable<DefenseDefinition<F>['expect']>,
): KitCheck {
  return {
    name: 'what it is expected to send is what it sends, up to its noise',
    run: async () => {
      const sample = drawSample(new Array<number>(32).fill(32), 32);
      const context = contextOf(defense, params, sample);
      const sent = defense.apply(sample.tensor, context);
      const { tensor, told } = expect(sample.tensor, sent, context);
      const gaps = [...sent.data.keys()]
        .filter((i) => told?.[i] !== 0)
        .map((i) => (sent.data[i] ?? 0) - (tensor.data[i] ?? 0));
      demand(gaps.length > 0, 'nothing it sends is expected to tell anything');
      const { mechanism, scale } = defense.claim(params);
      checkGaps(gaps, { mechanism, scale: scale ?? 0 });
    },
  };
}

function offCheck<F extends Fields>(defense: DefenseDefinition<F>, off: Params<F>): KitCheck {
  return {
    name: 'switched off it changes nothing, in either direction',
    run: async () => {
      for (const { tensor, mask } of Object.values(messages())) {
        const context = contextOf(defense, off, { mask });
        const sent = defense.apply(tensor, context);
        demand(isSame(sent.data, tensor.data), 'switched off, it changed a message');
        const back = defense.backward?.(tensor, sent, tensor, context) ?? tensor;
        demand(isSame(back.data, tensor.data), 'switched off, it changed a gradient');
      }
    },
  };
}
