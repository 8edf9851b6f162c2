import { isFloating } from '../weights/stored-type.js';
import type { ForeignModel, ForeignNode } from './foreign-model.js';

/** A parameter of an imported model: the name adapters and training know it by, and how a linear map stores it. */
export interface ForeignWeight {
  readonly key: string;
  readonly shape: readonly number[];
  readonly layout?: 'out-in' | 'in-out';
}

/** Operators that hand a weight on. */
const HANDS_ON: ReadonlySet<string> = new Set([
  'Transpose',
  'Identity',
  'Cast',
  'Unsqueeze',
  'Squeeze',
  'Reshape',
  'Expand',
]);
/** Operators in which a weight meets an activation. */
const MEETS: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'MatMul',
  'Gemm',
  'FusedMatMul',
  'LayerNormalization',
  'RMSNormalization',
  'SimplifiedLayerNormalization',
  'BiasGelu',
  'FastGelu',
]);
/** Names that exporters make up. */
const MADE_UP = /^(onnx::|val_|_val_|const_|\d+$)/;

/**
 * The constants of a model that are parameters, by their names in the file: floats of more than one element that meet an
 * activation in a sum, a product, a linear map or a norm, and tables whose rows are looked up by token or added to an
 * activation. Others (masks, angles of rotary positions) stay constants.
 */
export function weightsOf(
  model: ForeignModel,
  active: ReadonlySet<string>,
): ReadonlyMap<string, ForeignWeight> {
  const readers = readersOf(model);
  const weights = new Map<string, ForeignWeight>();
  const keys = new Set<string>();
  for (const [name, initialiser] of model.initialisers) {
    if ('tensor' in initialiser || !isFloating(initialiser.dtype)) continue;
    const { shape } = initialiser;
    if (shape.reduce((count, size) => count * size, 1) <= 1) continue;
    if (!isMet({ readers, active }, name, false)) continue;
    const use = linearUse(readers, name, shape.length);
    const own = MADE_UP.test(name) && use ? `${pathOf(use.node)}.weight` : name;
    const key = keys.has(own) || (own !== name && model.initialisers.has(own)) ? name : own;
    keys.add(key);
    weights.set(name, { key, shape, ...(use ? { layout: use.layout } : {}) });
  }
  return weights;
}

type Readers = ReadonlyMap<string, readonly ForeignNode[]>;

function readersOf({ nodes }: ForeignModel): Readers {
  const readers = new Map<string, ForeignNode[]>();
  for (const node of nodes) {
    for (const name of new Set(node.inputs)) {
      const known = readers.get(name);
      if (known) known.push(node);
      else readers.set(name, [node]);
    }
  }
  return readers;
}

/** Whether a weight meets an activation. Looked-up rows count where they are added: angles are multiplied. */
function isMet(
  scope: { readonly readers: Readers; readonly active: ReadonlySet<string> },
  name: string,
  isLookedUp: boolean,
): boolean {
  return (scope.readers.get(name) ?? []).some(({ op, inputs, outputs }) => {
    const [result = ''] = outputs;
    const isActive = inputs.some((other) => other !== name && scope.active.has(other));
    if (op === 'Gather' && inputs[0] === name) return isActive || isMet(scope, result, true);
    if (HANDS_ON.has(op)) return inputs[0] === name && isMet(scope, result, isLookedUp);
    if (op === 'Add' && !isActive) return isMet(scope, result, isLookedUp);
    return isActive && (isLookedUp ? op === 'Add' : MEETS.has(op));
  });
}

interface LinearUse {
  readonly node: ForeignNode;
  readonly layout: 'out-in' | 'in-out';
}

/** The linear map that a matrix is the weight of, itself or transposed. */
function linearUse(readers: Readers, name: string, rank: number): LinearUse | undefined {
  if (rank !== 2) return undefined;
  for (const node of readers.get(name) ?? []) {
    if (isProduct(node, name)) return { node, layout: layoutIn(node, false) };
    if (node.op !== 'Transpose') continue;
    const [turned = ''] = node.outputs;
    const product = readers.get(turned)?.find((reader) => isProduct(reader, turned));
    if (product) return { node: product, layout: layoutIn(product, true) };
  }
  return undefined;
}

const isProduct = ({ op, inputs }: ForeignNode, name: string): boolean =>
  (op === 'MatMul' || op === 'Gemm') && inputs[1] === name;

function layoutIn({ attributes }: ForeignNode, isTurned: boolean): 'out-in' | 'in-out' {
  const transB = attributes.get('transB');
  const isTransposed = transB?.kind === 'number' && transB.value !== 0;
  return isTransposed !== isTurned ? 'out-in' : 'in-out';
}

/** `/h.0/attn/c_attn/MatMul` is the map `h.0.attn.c_attn`. */
function pathOf({ name }: ForeignNode): string {
  const parts = name.split('/').filter((part) => part !== '');
  return (parts.length > 1 ? parts.slice(0, -1) : parts).join('.');
}
