import type { ParameterPlace, ParameterSpec } from '@vflair/core/contract';

/** A weight of any shape, drawn at random where a checkpoint lacks it. */
export function weightSpec(
  key: string,
  shape: readonly number[],
  place: ParameterPlace,
): ParameterSpec {
  return { key, shape, places: [place], init: 'normal' };
}

/** Weight `[out, in]` and bias `[out]` of a linear map. */
export function linearSpecs(
  key: string,
  [output, input]: readonly [number, number],
  place: ParameterPlace,
): ParameterSpec[] {
  return [
    weightSpec(`${key}.weight`, [output, input], place),
    { key: `${key}.bias`, shape: [output], places: [place], init: 'zeros' },
  ];
}

/** Weight and bias `[hidden]` of a layer normalisation. */
export function normSpecs(key: string, hidden: number, place: ParameterPlace): ParameterSpec[] {
  return [
    { key: `${key}.weight`, shape: [hidden], places: [place], init: 'ones' },
    { key: `${key}.bias`, shape: [hidden], places: [place], init: 'zeros' },
  ];
}

/** Weight `[size]` of a norm without bias, from one or, where one is added to it, from zero. */
export function scaleSpec(
  key: string,
  size: number,
  place: ParameterPlace,
  init: 'ones' | 'zeros' = 'ones',
): ParameterSpec {
  return { key, shape: [size], places: [place], init };
}
