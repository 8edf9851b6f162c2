import { finding } from '@vflair/core/text';
import { shortName } from '../weights/stored-type.js';

/** VF576: an ONNX file that can't be read, or contradicts itself. */
export function unreadable(file: string, why: string): Error {
  return finding('VF576', `\`${file}\` is not a usable ONNX model: ${why}`, 'export it again');
}

/** VF577: a node that isn't computed here. */
export function notComputed(node: { readonly op: string; readonly name: string }, why: string) {
  return finding(
    'VF577',
    `node \`${shortName(node.name)}\` of operator \`${shortName(node.op)}\` can't be computed: ${why}`,
    'see docs/onnx.md for the operators that are read, and how to export a model that has only these',
  );
}

/** VF578: inputs or outputs that are not those of a text model. */
export function wrongEnds(message: string, hint: string): Error {
  return finding('VF578', message, hint);
}

/** VF579: a model that has no place to be cut where its blocks are. */
export function noCut(message: string, hint: string): Error {
  return finding('VF579', message, hint);
}
