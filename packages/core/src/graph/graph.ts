import type { DType, Tensor } from '../tensor/index.js';
import { Bug } from '../text/index.js';

/** A size of one axis: known, or a name that stands for the same unknown size wherever it occurs. */
export type Dim = number | string;

/** The result of a node, an input or a constant; its name is unique in its graph. */
export interface Value {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

/** Attribute of an operator; a bare number is an ONNX INT. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** One ONNX operator applied to values; an absent optional input is `undefined`. */
export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: { readonly [name: string]: Attribute };
}

/** Bytes of a parameter in a file, mapped and never inlined. */
export interface ExternalData {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** A constant: held in memory or mapped from a file. */
export interface Initializer {
  readonly value: Value;
  readonly tensor?: Tensor;
  readonly external?: ExternalData;
}

/** Operators of the runtime's own, beyond the ONNX standard. */
const contributed = ['FusedMatMul', 'MatMulNBits', 'GatherBlockQuantized'];

/** A dataflow graph under construction: inputs, constants, nodes in topological order, named outputs. */
export class GraphCore {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly initializers = new Map<string, Initializer>();
  readonly outputs = new Map<string, Value>();
  readonly #sizes = new Map<string, { readonly of: Value; readonly axis: number }>();
  #count = 0;

  /** A tensor fed at each run. Its symbolic axes become known sizes of the graph. */
  input(name: string, dtype: DType, shape: readonly Dim[]): Value {
    const value: Value = { name, dtype, shape };
    if (this.inputs.some((other) => other.name === name))
      throw new Bug('VF910', `graph input \`${name}\` declared twice`);
    this.inputs.push(value);
    shape.forEach((dim, axis) => {
      if (typeof dim === 'string' && !this.#sizes.has(dim))
        this.#sizes.set(dim, { of: value, axis });
    });
    return value;
  }

  /** A tensor held in the graph. */
  constant(tensor: Tensor): Value {
    const value: Value = { name: this.#fresh('const'), dtype: tensor.dtype, shape: tensor.shape };
    this.initializers.set(value.name, { value, tensor });
    return value;
  }

  /** A parameter under its own name; the same name twice gives the same Value. */
  parameter(
    name: string,
    tensor: Tensor | { dtype: DType; shape: readonly number[]; external: ExternalData },
  ): Value {
    const known = this.initializers.get(name);
    if (known) return known.value;
    const value: Value = { name, dtype: tensor.dtype, shape: tensor.shape };
    this.initializers.set(
      name,
      'external' in tensor ? { value, external: tensor.external } : { value, tensor },
    );
    return value;
  }

  /** Names a result of the graph. */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) throw new Bug('VF911', `graph output \`${name}\` declared twice`);
    this.outputs.set(name, value);
  }

  /** Appends an operator; gives its outputs, one per entry of `results`. */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    results: readonly { readonly dtype: DType; readonly shape: readonly Dim[] }[],
    attributes: { readonly [name: string]: Attribute } = {},
  ): Value[] {
    const outputs = results.map(({ dtype, shape }) => ({ name: this.#fresh(op), dtype, shape }));
    const domain = contributed.includes(op) ? 'com.microsoft' : '';
    this.nodes.push({ op, domain, inputs, outputs, attributes });
    return outputs;
  }

  /** The input and axis that carry a symbolic size, if any input does. */
  sizeSource(dim: string): { readonly of: Value; readonly axis: number } | undefined {
    return this.#sizes.get(dim);
  }

  #fresh(hint: string): string {
    return `${hint}_${this.#count++}`;
  }
}
