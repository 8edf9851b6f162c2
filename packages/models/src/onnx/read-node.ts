import type { AttributeProto, NodeProto } from 'onnx-buf';
import { constantTensor } from './constant-tensor.js';
import type { ForeignAttribute, ForeignNode } from './foreign-model.js';
import { readInitialiser, type Source } from './read-initialiser.js';

/** A node of a file in our terms. Raises VF513–VF515 and VF576 where a tensor in it is wrong. */
export function readNode(node: NodeProto, index: number, source: Source): ForeignNode {
  return {
    op: node.opType,
    domain: node.domain === 'ai.onnx' ? '' : node.domain,
    name: node.name === '' ? `${node.opType} number ${index}` : node.name,
    inputs: node.input,
    outputs: node.output,
    attributes: new Map(
      node.attribute.map((attribute) => [attribute.name, readAttribute(attribute, source)]),
    ),
  };
}

// Numbers of kinds are those of AttributeProto.AttributeType; old files leave them out.
function readAttribute(attribute: AttributeProto, source: Source): ForeignAttribute {
  switch (attribute.type as number) {
    case 1:
      return { kind: 'number', value: attribute.f };
    case 2:
      return { kind: 'number', value: Number(attribute.i) };
    case 3:
      return { kind: 'text', value: new TextDecoder().decode(attribute.s) };
    case 4:
      return attribute.t
        ? { kind: 'tensor', value: constantTensor(readInitialiser(attribute.t, source)) }
        : { kind: 'other' };
    case 6:
      return { kind: 'numbers', value: attribute.floats };
    case 7:
      return { kind: 'numbers', value: attribute.ints.map(Number) };
    default:
      return { kind: 'other' };
  }
}
