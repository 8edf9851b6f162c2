import type { Tensor } from '@vflair/core/tensor';
import type { StoredTensor } from '../weights/safetensors-header.js';
import type { StoredType } from '../weights/stored-type.js';

/** An attribute of a node: a number, a text, lists of numbers, or a tensor. */
export type ForeignAttribute =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'numbers'; readonly value: readonly number[] }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'other' };

/** One operator of a file; an absent optional input is ''. */
export interface ForeignNode {
  readonly op: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, ForeignAttribute>;
}

/** A constant of a file: in the file or beside it, or written out number by number. */
export type Initialiser =
  | (StoredTensor & { readonly dtype: StoredType })
  | { readonly tensor: Tensor; readonly shape: readonly number[] };

/** An input as the file declares it: ONNX's number of its element type, and its axes if it says. */
export interface ForeignInput {
  readonly name: string;
  readonly type: number;
  readonly rank: number | undefined;
}

/** What is read of an ONNX file: nodes in an order in which each comes after what it needs. */
export interface ForeignModel {
  readonly file: string;
  readonly opset: number;
  readonly nodes: readonly ForeignNode[];
  /** The node that makes a value, by the value's name. */
  readonly makers: ReadonlyMap<string, ForeignNode>;
  readonly initialisers: ReadonlyMap<string, Initialiser>;
  readonly inputs: readonly ForeignInput[];
  readonly outputs: readonly string[];
}
