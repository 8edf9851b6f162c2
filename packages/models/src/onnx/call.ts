import type { Parameters } from '@vflair/core/contract';
import type { Dim, Graph, Value } from '@vflair/core/graph';
import { normalAxis } from '@vflair/core/graph';
import type { Tensor } from '@vflair/core/tensor';
import type { ForeignNode } from './foreign-model.js';
import { type Foreign, inGraph, isSizes } from './foreign-value.js';
import { notComputed } from './wrong.js';

/** What becomes of an operator: its result, or one per output. */
export type Operator = (call: Call) => Foreign | readonly Foreign[];

/** What one node is replayed with. */
export interface CallParts {
  readonly g: Graph;
  readonly node: ForeignNode;
  readonly opset: number;
  readonly inputs: readonly (Foreign | undefined)[];
  readonly parameters: Parameters;
  /** Key and layout of the linear map whose weight the input `i` is; undefined where it is no such. */
  readonly weightAt: (
    i: number,
  ) => { readonly key: string; readonly isTransposed: boolean } | undefined;
}

/** One node at work: its operands and attributes, of whatever operator set. Raises VF577 where something is not there. */
export class Call {
  readonly g: Graph;

  constructor(readonly parts: CallParts) {
    this.g = parts.g;
  }

  /** What is wrong, as a finding that names the node. */
  fail(why: string): Error {
    const { opset, node } = this.parts;
    return notComputed(node, `${why} (operator set ${opset})`);
  }

  /** Operand `i` as it is, if it is there. */
  given(i: number): Foreign | undefined {
    return this.parts.inputs[i];
  }

  /** Operand `i` in the graph. */
  value(i: number): Value {
    const operand = this.optional(i);
    if (!operand) throw this.fail(`operand ${i} is missing`);
    return operand;
  }

  /** Operand `i` in the graph, if it is there. */
  optional(i: number): Value | undefined {
    const operand = this.given(i);
    return operand && inGraph(this.g, operand);
  }

  /** All operands in the graph. */
  values(): Value[] {
    return this.parts.inputs.map((_, i) => this.value(i));
  }

  /** Operand `i` as sizes known beforehand. */
  sizes(i: number): readonly Dim[] {
    const operand = this.given(i);
    if (operand && isSizes(operand)) return operand.sizes;
    throw this.fail(`operand ${i} is known only at run time`);
  }

  /** Operand `i` as numbers. */
  numbers(i: number): readonly number[] {
    return this.sizes(i).map((size) => {
      if (typeof size === 'number') return size;
      throw this.fail(`operand ${i} is \`${size}\`, which is no fixed number`);
    });
  }

  /** A number among the attributes. */
  number(name: string, fallback: number): number {
    const attribute = this.parts.node.attributes.get(name);
    return attribute?.kind === 'number' ? attribute.value : fallback;
  }

  /** A text among the attributes. */
  text(name: string, fallback: string): string {
    const attribute = this.parts.node.attributes.get(name);
    return attribute?.kind === 'text' ? attribute.value : fallback;
  }

  /** A list among the attributes. */
  list(name: string): readonly number[] | undefined {
    const attribute = this.parts.node.attributes.get(name);
    return attribute?.kind === 'numbers' ? attribute.value : undefined;
  }

  /** A tensor among the attributes. */
  tensor(name: string): Tensor | undefined {
    const attribute = this.parts.node.attributes.get(name);
    return attribute?.kind === 'tensor' ? attribute.value : undefined;
  }

  /** A list that older operator sets have as attribute and newer ones as operand `i`. */
  listAt(i: number, name: string): readonly number[] | undefined {
    return this.given(i) ? this.numbers(i) : this.list(name);
  }

  /** The attribute `axis`, counted from the front. */
  axis(rank: number, fallback: number): number {
    return normalAxis(this.number('axis', fallback), rank);
  }
}
