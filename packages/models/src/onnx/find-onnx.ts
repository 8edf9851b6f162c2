import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findGguf } from '../weights/find-gguf.js';

/** Where an export lies in its folder, in the order it is looked for. */
const PLACES = ['model.onnx', join('onnx', 'model.onnx')];
/** Weights that come before an export of the same model. */
const OTHERS = ['model.safetensors', 'model.safetensors.index.json'];

/** The ONNX file a path stands for: itself, or that of a folder which has no other weights. */
export function findOnnx(path: string): string | undefined {
  if (path.endsWith('.onnx')) return path;
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  if (OTHERS.some((name) => existsSync(join(path, name))) || findGguf(path).length > 0)
    return undefined;
  return PLACES.map((name) => join(path, name)).find((file) => existsSync(file));
}

/** The folder with config.json and tokenizer.json of an ONNX file: its own, or the one around `onnx/`. */
export function onnxFolder(file: string): string {
  const own = dirname(file);
  const around = dirname(own);
  return !existsSync(join(own, 'config.json')) && existsSync(join(around, 'config.json'))
    ? around
    : own;
}
