import type { FieldValue } from './fields.js';

/** Parameters after checking, by the names used in the text. */
export type PlanParams = { readonly [name: string]: FieldValue };

/** One use of a plugin: which, in what version, with every default filled. */
export interface PluginUse {
  readonly id: string;
  readonly version: string;
  readonly params: PlanParams;
}

/** Where a slice begins or ends: the embedding, a block (counted from 0), or the output head. */
export type Place = 'embed' | 'output' | number;

/** The part a slice plays: first, in between, last. */
export type SliceRole = 'head' | 'body' | 'tail';

/** A contiguous part of the model: both ends inclusive. */
export interface SlicePlan {
  readonly name: string;
  readonly from: Place;
  readonly to: Place;
  readonly owner: string;
  readonly role: SliceRole;
  /** Bits of the weights of linear maps; as stored when absent. */
  readonly quantize?: 4 | 8;
  /** Slices it stands for where a model is run uncut to be compared; never in a Plan that is written. */
  readonly insteadOf?: readonly SlicePlan[];
}

/** A device as requested (`auto`, `cpu`, `cuda`, `webgpu`, …), not as found on this machine. */
export interface DevicePlan {
  readonly kind: string;
  readonly index: number;
}

/** One owner of slices and private data. */
export interface PartyPlan {
  readonly name: string;
  readonly device: DevicePlan;
  readonly holds: readonly ('data' | 'labels')[];
}

/** A model as written: a catalog id, a folder, a GGUF file or a hub name; with what its config.json says. */
export interface ModelPlan {
  readonly kind: 'catalog' | 'folder' | 'file' | 'hub';
  readonly ref: string;
  /** `model_type` of config.json. */
  readonly family: string;
  /** Number of blocks; a cut before block k has `0 ≤ k ≤ blocks`. */
  readonly blocks: number;
}

/** Rows as written: a catalog id or a file; `train` and `test` are null for "all". */
export interface DataPlan {
  readonly kind: 'catalog' | 'file' | 'hub';
  readonly ref: string;
  readonly testFile: string | null;
  readonly train: number | null;
  readonly test: number | null;
  readonly maxLength: number | null;
  /** Column names or 1-based numbers by role (`text`, `label`, `pair`). */
  readonly columns: { readonly [role: string]: string | number };
}

/** Public rows an adversary holds. */
export interface AuxiliaryPlan {
  readonly kind: 'catalog' | 'file' | 'hub';
  readonly ref: string;
  readonly rows: number | null;
  readonly columns: { readonly [role: string]: string | number };
}

/** What a party may do with what it holds: knowledge and observations granted, in the words of the text. */
export interface AdversaryPlan {
  readonly name: string;
  readonly at: string;
  readonly knows: readonly string[];
  readonly sees: readonly string[];
  readonly auxiliary: AuxiliaryPlan | null;
}

/** A chain of defenses on the message that goes from one slice to another. */
export interface DefensePlan {
  readonly from: string;
  readonly to: string;
  readonly point: 'forward-out' | 'backward-out';
  readonly chain: readonly PluginUse[];
}

/** A chain of attacks by one adversary on a seeded draw of rows. */
export interface AttackPlan {
  readonly adversary: string;
  readonly chain: readonly PluginUse[];
  readonly split: 'train' | 'test' | 'generate';
  /** null: 100, or all rows if fewer. */
  readonly samples: number | null;
}

/** Training (LoRA or full) or use as is. */
export type WorkPlan =
  | { readonly kind: 'infer'; readonly params: PlanParams }
  | { readonly kind: 'finetune'; readonly method: 'lora' | 'full'; readonly params: PlanParams };

/** One pipeline: a threat model and an experiment, with every name resolved and every default filled. */
export interface PipelinePlan {
  readonly name: string;
  /** The `///` comment above the pipeline, or "". */
  readonly about: string;
  readonly seed: number;
  readonly model: ModelPlan;
  readonly data: DataPlan;
  readonly task: { readonly id: string; readonly params: PlanParams };
  readonly parties: readonly PartyPlan[];
  /** In order from the embedding to the output. */
  readonly slices: readonly SlicePlan[];
  readonly work: WorkPlan;
  readonly defenses: readonly DefensePlan[];
  readonly adversaries: readonly AdversaryPlan[];
  readonly attacks: readonly AttackPlan[];
  readonly measure: readonly { readonly name: string; readonly params: PlanParams }[];
  /** Names of the random streams the run draws from, so that a Plan says where chance enters. */
  readonly streams: readonly string[];
}

/** What a text means, independent of machine and spans; its canonical bytes identify the experiment. */
export interface Plan {
  readonly schema: 1;
  readonly pipelines: readonly PipelinePlan[];
}
