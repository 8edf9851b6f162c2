import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The version of this command. */
export function ownVersion(): string {
  return versionIn(new URL('../package.json', import.meta.url));
}

/** The version of ONNX Runtime that runs the sessions. */
export function onnxruntimeVersion(): string {
  const core = createRequire(import.meta.resolve('@vflair/core/session'));
  return versionIn(core.resolve('onnxruntime-node/package.json'));
}

function versionIn(file: URL | string): string {
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
}
