import type {
  AttackDefinition,
  AuxiliaryPlan,
  DefenseDefinition,
  Fields,
  Goal,
  ModelSpec,
  PackedWeight,
  PipelinePlan,
  SightKey,
  StoredWeight,
  TaskDefinition,
} from '../contract/index.js';
import type { EncodedRow } from '../party/index.js';
import type { FloatTensor, Random } from '../tensor/index.js';
import type { Diagnostic } from '../text/index.js';

/** Text ↔ ids, as the runner needs it. */
export interface RowEncoder {
  readonly vocabulary: number;
  readonly special: readonly number[];
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
  /** Tokens that end an answer. */
  readonly ends: readonly number[];
  readonly unknown: number | undefined;
  /** The text of each token by itself, for people to read. */
  readonly pieces: (ids: readonly number[]) => readonly string[];
  readonly decode: (ids: readonly number[]) => string;
}

/** A checkpoint opened for one head: parameters stay on disk until somebody asks. */
export interface LoadedModel {
  readonly spec: ModelSpec;
  readonly stored: (key: string) => StoredWeight;
  /** The weight of a linear map in blocks of few bits. */
  readonly packed: (key: string, bits: 4 | 8) => PackedWeight;
  /** The parameter in memory, for parameters that will change. */
  readonly read: (key: string) => FloatTensor;
  /** Keys the checkpoint lacks, drawn from the seed instead. */
  readonly fresh: readonly string[];
  readonly encoder: RowEncoder;
  /** SHA-256 of weights, config and tokenizer. */
  readonly digests: { readonly [file: string]: string };
}

/** The rows of a pipeline after the seeded draw, as ids. */
export interface LoadedRows {
  readonly train: readonly EncodedRow[];
  readonly test: readonly EncodedRow[];
  readonly classes: readonly string[];
  readonly digests: { readonly [file: string]: string };
  /** What a person should know: rows cut to the model's length, unknown tokens. */
  readonly warnings: readonly Diagnostic[];
}

/** Where relative names begin and where derived files may be kept. */
export interface Places {
  /** Folder of the `.vflair` text. */
  readonly base: string;
  /** Folder for converted weights. */
  readonly cache: string;
}

/** Everything installed, behind one interface: the runner knows no package of models or plugins. */
export interface Library {
  readonly task: (id: string) => Promise<TaskDefinition>;
  readonly attack: (id: string) => Promise<AttackDefinition<Fields, SightKey, SightKey, Goal>>;
  readonly defense: (id: string) => Promise<DefenseDefinition>;
  readonly model: (pipeline: PipelinePlan, places: Places, random: Random) => Promise<LoadedModel>;
  readonly rows: (pipeline: PipelinePlan, places: Places, random: Random) => Promise<LoadedRows>;
  /** Public rows as ids: the adversary's auxiliary data, or public text when there is none. */
  readonly publicRows: (
    pipeline: PipelinePlan,
    auxiliary: AuxiliaryPlan | null,
    places: Places,
  ) => Promise<readonly (readonly number[])[]>;
  readonly writeTensors: (file: string, tensors: ReadonlyMap<string, FloatTensor>) => Promise<void>;
  readonly readTensors: (file: string) => Promise<ReadonlyMap<string, FloatTensor>>;
}
