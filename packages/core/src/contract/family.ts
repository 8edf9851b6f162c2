import type { HeadKind, ModelSpec } from './module.js';

/** A parsed config.json. */
export type ModelConfig = { readonly [key: string]: unknown };

/** A model family: reads a config and says what the model is. Throws Findings (VF523, VF53x) that name a missing, contradictory or unknown option. */
export interface FamilyDefinition {
  readonly kind: 'family';
  readonly id: string;
  readonly title: string;
  readonly paper: string;
  /** Values of `model_type` it serves. */
  readonly modelTypes: readonly string[];
  readonly architecture: 'encoder' | 'decoder';
  readonly heads: readonly HeadKind[];
  /** Number of blocks a config states, for checks that need no weights. */
  blocks(config: ModelConfig): number;
  /** `labels` is the number of classes of a freshly initialised head; undefined: what the config says. */
  read(config: ModelConfig, head: HeadKind, labels?: number): ModelSpec;
}

/** Completes a family's declaration. */
export function defineFamily(family: Omit<FamilyDefinition, 'kind'>): FamilyDefinition {
  return { ...family, kind: 'family' };
}
