import type { ExternalData, Graph, PackedMatrix, Value } from '../graph/index.js';
import type { DType, FloatTensor, IntTensor, Tensor } from '../tensor/index.js';
import type { Tensors } from './attack.js';

/**
 * Where a Module takes its parameters from: a frozen constant, a graph input that training updates, or a low-rank
 * adapter on top. `weight` gives the parameter stored under a checkpoint key; `adapter` the LoRA pair on a linear map.
 */
export interface Parameters {
  readonly weight: (key: string) => Value;
  readonly has: (key: string) => boolean;
  /** LoRA pair of the linear map stored under `key` (its weight's key): `a` `[rank, in]`, `b` `[out, rank]`. */
  readonly adapter: (
    key: string,
  ) => { readonly a: Value; readonly b: Value; readonly scale: number } | undefined;
  /** The linear map stored under `key` as `[out, in]` in blocks, where its slice is quantised; absent: nothing is. */
  readonly packed?: (key: string) => PackedMatrix | undefined;
  /** The same of a table whose rows are looked up. */
  readonly packedTable?: (key: string) => PackedMatrix | undefined;
  /** Whether the parameter itself (not its adapter) is being trained. */
  readonly trains: (key: string) => boolean;
}

/** What the graph of a slice is built with, at the embedding and in the blocks. */
export interface GraphContext {
  readonly g: Graph;
  readonly parameters: Parameters;
  /** What one graph computes once and shares, by name. */
  readonly shared: Map<string, Value>;
  /** Which of the family's own inputs will be fed, and `ids` where the embedding is and reads them. */
  readonly given: ReadonlySet<string>;
  /** An input of the graph beyond the usual ones, declared when first asked for. */
  readonly input: (name: string, dtype: DType, shape: readonly (number | string)[]) => Value;
  /** Shows a value under a name where streams are observed. */
  readonly observe: (name: string, value: Value) => void;
}

/** Values by name. */
export type Values = { readonly [name: string]: Value };

/** What every block may look at besides the residual stream. */
export interface BlockContext extends GraphContext {
  /** int64 `[batch, seq]`: 1 where a position holds a token. */
  readonly mask: Value;
  /** Place of each position in its text, int64 `[batch or 1, seq]`, counted on after a cached past. */
  readonly positions: () => Value;
  /** Streams that go along with the residual stream, as they are before this block; see {@link Companions}. */
  readonly companions: Values;
  /** Cached rows of earlier positions; absent without cache. */
  readonly past?: PastContext;
}

/** One tensor a block remembers of earlier positions, `[batch, past, ...shape]`; a `state` has no axis of positions and each step replaces it. */
export interface CacheEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'rows' | 'state';
}

/** What a block remembers, by the names of its {@link CacheEntry}s. */
export type BlockCache = Values;

/** Earlier positions of a sequence: mask int64 `[batch or 1, past]`, and what each block remembers of them. */
export interface PastContext {
  readonly mask: Value;
  readonly of: (block: number) => BlockCache;
}

/** What a block gives: the residual stream `[batch, seq, hidden]`, what it adds to its cache, and companions that it changes. */
export interface BlockOutput {
  readonly hidden: Value;
  readonly cache: BlockCache;
  readonly companions?: Values;
}

/** Streams that cross a cut beside the residual stream: a decoder's behind an encoder's, a second attention stream. */
export interface Companions {
  /** Those that cross a cut before `block` when the inputs `given` are fed, and their shapes. */
  readonly at: (block: number, given: ReadonlySet<string>) => readonly StreamShape[];
  /** Their values before block 0. */
  readonly embed: (input: EmbedInput) => Values;
}

/** A stream by its name and its axes. */
export interface StreamShape {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** An input only this family has: its name is that of transformers, its axes are numbers or names of sizes. */
export interface InputSpec extends StreamShape {
  readonly dtype: 'int64' | 'float32';
}

/** What the graphs take in one step of a continuation, and the mask int64 `[batch, new]` of the positions a cache grows by. */
export interface NextInputs {
  readonly inputs: Tensors;
  readonly added: IntTensor;
}

/**
 * Inputs of the embedding: mask (1 where a position holds a token) and positions int64 `[batch, seq]`, ids too where token
 * embeddings come from ids and not from elsewhere; `tokenTypes` where the family has them.
 */
export interface EmbedInput extends GraphContext {
  readonly mask: Value;
  readonly positions: Value;
  readonly ids?: Value;
  readonly tokenTypes?: Value;
}

/** A stored parameter: in memory, or in a file that is mapped. */
export type StoredWeight =
  | FloatTensor
  | { readonly dtype: DType; readonly shape: readonly number[]; readonly external: ExternalData };

/** Bytes or numbers of a stored parameter: in memory, or in a file that is mapped. */
export type StoredPart =
  | Tensor
  | { readonly dtype: DType; readonly shape: readonly number[]; readonly external: ExternalData };

/** The weight of a linear map as a {@link PackedMatrix} `[out, in]` of the graph takes it. */
export interface PackedWeight {
  readonly bits: 4 | 8;
  readonly columns: number;
  readonly values: StoredPart;
  readonly scales: StoredPart;
  readonly zeros?: StoredPart;
  readonly offsets?: StoredPart;
}

/** Heads a checkpoint can have. */
export type HeadKind = 'lm' | 'cls' | 'reg' | 'qa' | 'mlm' | 'seq2seq';

/** Where in the model a parameter lives. */
export type ParameterPlace = 'embed' | 'output' | number;

/** One parameter of a family: checkpoint key, shape, owner, and how it starts when a checkpoint lacks it. */
export interface ParameterSpec {
  readonly key: string;
  readonly shape: readonly number[];
  readonly places: readonly ParameterPlace[];
  readonly init: 'normal' | 'zeros' | 'ones';
  /** How the weight of a linear map is stored; `[out, in]` when absent. */
  readonly layout?: 'out-in' | 'in-out';
  /** Row whose gradient is always zero (`padding_idx`). */
  readonly paddingRow?: number;
  /** What is stored with the model and never trained: a `buffer` that steers it, or what this head leaves `idle`. */
  readonly untrained?: 'buffer' | 'idle';
}

/** Which position a classification head reads. */
export type Pooling = 'first' | 'last-token' | 'last-position' | 'none';

/** A family applied to one config.json: shapes, parameters and graph functions of each part. */
export interface ModelSpec {
  readonly family: string;
  readonly architecture: 'encoder' | 'decoder';
  readonly head: HeadKind;
  readonly blocks: number;
  readonly hidden: number;
  readonly vocabulary: number;
  readonly maxLength: number;
  readonly padToken: number | undefined;
  readonly hasTokenTypes: boolean;
  readonly labels: number;
  readonly pooling: Pooling;
  /** What a block remembers of earlier positions; nothing in families without a cache. */
  readonly cache: (block: number) => readonly CacheEntry[];
  /** Key of the input embedding table `[vocabulary, width]`; most families embed in the width of the residual stream. */
  readonly embeddingKey: string;
  /** Keys of the linear maps LoRA adapts by default (query and value projections), and of every linear map. */
  readonly defaultTargets: readonly string[];
  readonly parameters: readonly ParameterSpec[];
  /** Other names a checkpoint may store the parameter `key` under (base-model prefixes, older spellings). */
  readonly aliases: (key: string) => readonly string[];
  /** Streams beside the residual stream, in families that have some. */
  readonly companions?: Companions;
  /** Name and shape of the residual stream before `block`, where it is not `hidden.<block>` `[batch, seq, hidden]`. */
  readonly stream?: (block: number) => StreamShape;
  /** What the stream after the final norm is called; `hidden.final` when absent. */
  readonly finalName?: string;
  /** Inputs a user may give besides ids, mask, positions, token types and labels. */
  readonly inputs?: readonly InputSpec[];
  /**
   * What a user gives (`ids`, `mask`, `labels` and others, and {@link inputs} under their names) → what the graphs take,
   * for families with inputs of their own. Throws Findings VF580 where it doesn't fit.
   */
  readonly prepare?: (given: Tensors) => Tensors;
  /**
   * Inputs of the step after the tokens `chosen`, int64 `[batch, new]`, of a continuation of `prompt` (given as to
   * {@link prepare}), where it isn't the new tokens at the next positions of a cache.
   */
  readonly next?: (prompt: Tensors, chosen: IntTensor) => NextInputs;
  /** Token embeddings `[batch, seq, width]` before positions and norms. */
  readonly tokens: (input: EmbedInput, ids: Value) => Value;
  /** Token embeddings → input of block 0. */
  readonly embed: (input: EmbedInput, tokens: Value) => Value;
  readonly block: (context: BlockContext, index: number, hidden: Value) => BlockOutput;
  /** Output of the last block → after the final norm (the same Value where the family has none). */
  readonly final: (context: BlockContext, hidden: Value) => Value;
  /**
   * After the final norm → logits: `[batch, labels]`, `[batch, seq, vocabulary]`, or `[batch, seq, 2]` (start, end) of a
   * `qa` head; `pooled` int64 `[batch]` is the position a `cls` head of a decoder reads.
   */
  readonly logits: (context: BlockContext, hidden: Value, pooled?: Value) => Value;
  /** Mean loss, a scalar; labels as `labelShape` says, −100 ignored. */
  readonly loss: (g: Graph, logits: Value, labels: Value) => Value;
  /**
   * Of token heads whose loss is the mean of −ln softmax(logits)[label] and whose logits are made position by position:
   * which label a position predicts, that of the next position or its own. Such a loss can be computed piece by piece.
   */
  readonly predicts?: 'next' | 'same';
  /** The same loss summed per row: `[batch]`, and how many labels counted: `[batch]`. */
  readonly rowLoss: (
    g: Graph,
    logits: Value,
    labels: Value,
  ) => { readonly sum: Value; readonly count: Value };
}

/** What the labels of a head look like: one class, number or token per row or position. */
export const labelShapes = {
  cls: { dtype: 'int64', shape: ['batch'] },
  reg: { dtype: 'float32', shape: ['batch'] },
  qa: { dtype: 'int64', shape: ['batch', 2] },
  lm: { dtype: 'int64', shape: ['batch', 'seq'] },
  mlm: { dtype: 'int64', shape: ['batch', 'seq'] },
  seq2seq: { dtype: 'int64', shape: ['batch', 'target'] },
} as const;
