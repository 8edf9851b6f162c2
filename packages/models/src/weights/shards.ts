import { closeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import { finding } from '@vflair/core/text';
import { readBytes } from './file-bytes.js';
import {
  openFile,
  readSafetensorsHeader,
  type SafetensorsHeader,
  type StoredTensor,
} from './safetensors-header.js';
import { shortName } from './stored-type.js';
import { parseUniqueJson } from './unique-json.js';

/** Largest index in bytes. */
const LARGEST_INDEX = 100_000_000;

/**
 * Tensors of a sharded checkpoint as its index lists them (`weight_map`: tensor → file of the same folder). Raises
 * VF516 where the index is damaged, names a file elsewhere or one that is missing, or a tensor its file lacks.
 */
export function readShards(folder: string, index: string): SafetensorsHeader {
  const map = readWeightMap(join(folder, index));
  const headers = new Map<string, SafetensorsHeader>();
  const tensors = new Map<string, StoredTensor>();
  for (const [key, shard] of map) {
    const header = headers.get(shard) ?? readShard(folder, shard, index);
    headers.set(shard, header);
    const stored = header.tensors.get(key);
    if (stored === undefined) {
      throw finding(
        'VF516',
        `\`${index}\` places tensor \`${shortName(key)}\` in \`${shard}\`, which does not hold it`,
        `fetch \`${shard}\` and the index again, from one revision`,
      );
    }
    tensors.set(key, stored);
  }
  return { tensors, metadata: new Map() };
}

function readShard(folder: string, shard: string, index: string): SafetensorsHeader {
  if (!/^[\w.-]+\.safetensors$/.test(shard)) {
    throw finding(
      'VF516',
      `\`${index}\` names the file \`${shortName(shard)}\``,
      'shards are .safetensors files beside the index',
    );
  }
  return readSafetensorsHeader(join(folder, shard));
}

function readWeightMap(file: string): [string, string][] {
  const descriptor = openFile(file);
  try {
    const length = fstatSync(descriptor).size;
    if (length > LARGEST_INDEX)
      throw finding('VF516', `\`${file}\` has ${length} bytes`, 'is it an index of shards?');
    const map = parseUniqueJson(file, readBytes(descriptor, { file, offset: 0, length })).get(
      'weight_map',
    );
    if (typeof map !== 'object' || map === null || Array.isArray(map)) {
      throw finding(
        'VF516',
        `\`${file}\` has no weight_map`,
        'it should map tensor names to files',
      );
    }
    return Object.entries(map).map(([key, shard]: [string, unknown]) => {
      if (typeof shard === 'string') return [key, shard];
      throw finding(
        'VF516',
        `\`${file}\` gives no file for tensor \`${shortName(key)}\``,
        'it should map tensor names to files',
      );
    });
  } finally {
    closeSync(descriptor);
  }
}
