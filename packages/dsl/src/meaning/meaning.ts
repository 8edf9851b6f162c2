import type {
  AuxiliaryPlan,
  CatalogEntry,
  DataPlan,
  DevicePlan,
  WorkPlan,
} from '@vflair/core/contract';
import type * as ast from '../ast/ast.js';
import type { LinkedPipeline, Scope } from '../link/index.js';
import type { FieldsReading } from './fields.js';
import type { ModelFacts } from './model.js';
import type { Outcome } from './outcome.js';
import type { RowsFacts } from './rows.js';

/** A party; its name is "" where a mistake hid it. */
export interface PartyMeaning {
  readonly name: ast.Name;
  readonly node: ast.PartyNode;
  readonly device: DevicePlan;
  readonly holds: readonly ast.Item[];
}

/** A slice that has a name and both ends. Positions count from 0: embed, then the blocks, then output (∞ if unknown). */
export interface SliceMeaning {
  readonly name: ast.Name;
  readonly node: ast.SliceNode;
  readonly owner: PartyMeaning;
  readonly from: ast.Place;
  readonly to: ast.Place;
  readonly fields: FieldsReading;
  readonly start: number;
  readonly end: number;
}

/** One plugin in a chain. */
export interface UseMeaning {
  readonly node: ast.Use;
  readonly entry: CatalogEntry | undefined;
  readonly fields: FieldsReading;
}

/** A defense chain; slices are absent where their names are unknown. */
export interface DefenseMeaning {
  readonly node: ast.DefendNode;
  readonly from: SliceMeaning | undefined;
  readonly to: SliceMeaning | undefined;
  readonly chain: readonly UseMeaning[];
}

/** An adversary; its name is "" where a mistake hid it. */
export interface AdversaryMeaning {
  readonly name: ast.Name;
  readonly node: ast.AdversaryNode;
  readonly party: PartyMeaning | undefined;
  readonly knows: readonly ast.Item[];
  readonly sees: readonly ast.Item[];
  readonly auxiliaryNode: ast.AuxiliaryNode | undefined;
  readonly auxiliary: Outcome<RowsFacts<AuxiliaryPlan>>;
}

/** Rows an attack works on. */
export type Split = 'train' | 'test' | 'generate';

/** An attack chain by an adversary. */
export interface AttackMeaning {
  readonly node: ast.AttackNode;
  readonly adversary: AdversaryMeaning | undefined;
  readonly chain: readonly UseMeaning[];
  readonly split: Split | undefined;
  readonly target: FieldsReading;
}

/** A task or something measured, with its fields. */
export interface NamedMeaning {
  readonly name: ast.Name;
  readonly entry: CatalogEntry | undefined;
  readonly fields: FieldsReading;
}

/** `finetune …` or `infer`; the method is absent if its name is unknown. */
export interface WorkMeaning {
  readonly node: ast.TaskNode | ast.InferNode;
  readonly kind: WorkPlan['kind'];
  readonly method: 'lora' | 'full' | undefined;
  readonly fields: FieldsReading;
}

/** A pipeline with every name looked up that could be: what the checks work on. */
export interface Meaning {
  readonly pipeline: LinkedPipeline;
  readonly scope: Scope;
  readonly seed: Outcome<number>;
  readonly model: Outcome<ModelFacts>;
  readonly data: Outcome<RowsFacts<DataPlan>>;
  readonly dataNode: ast.SubjectNode | undefined;
  readonly task: NamedMeaning | undefined;
  readonly parties: readonly PartyMeaning[];
  /** Readable slices in order from the embedding to the output. */
  readonly slices: readonly SliceMeaning[];
  /** True if every slice of the text is in `slices`: only then is a gap a gap. */
  readonly hasAllSlices: boolean;
  readonly work: WorkMeaning | undefined;
  readonly defenses: readonly DefenseMeaning[];
  readonly adversaries: readonly AdversaryMeaning[];
  readonly attacks: readonly AttackMeaning[];
  readonly measures: readonly NamedMeaning[];
}

/** Where the output is: at another party than the data (`head-tail`), or back at the data party. */
export type Topology = 'head-tail' | 'head-body-tail';
