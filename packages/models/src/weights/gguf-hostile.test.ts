import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Findings } from '@vflair/core/text';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { encodeGguf, floatPart } from '../testing/encode-gguf.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { openCheckpoint } from './checkpoint.js';
import { readGgufHeader } from './gguf-header.js';
import { readModelConfig } from './model-config.js';

const numRuns = process.env.VFLAIR_FULL === '1' ? 100_000 : 400;
const timeout = numRuns * 20 + 10_000;
const folder = temporaryFolder(afterAll);
const file = join(folder, 'model.gguf');
const metadata = new Map<string, string | number | boolean | readonly string[]>([
  ['general.architecture', 'llama'],
  ['llama.block_count', 1],
  ['llama.embedding_length', 32],
  ['llama.attention.head_count', 2],
  ['llama.attention.layer_norm_rms_epsilon', 0.1],
  ['tokenizer.ggml.tokens', ['a', 'b']],
  ['tokenizer.ggml.add_bos_token', true],
]);
const parts = new Map([
  ['token_embd.weight', floatPart([2, 32], new Float32Array(64).fill(0.5))],
  ['blk.0.attn_q.weight', { type: 8, shape: [4, 32], bytes: new Uint8Array(4 * 34) }],
  ['output_norm.weight', floatPart([32], new Float32Array(32))],
]);
const sound = encodeGguf(metadata, parts);

/** Reads all there is; anything but a Findings is a failure. Gives the first code, or none. */
function readAll(bytes: Uint8Array): string {
  writeFileSync(file, bytes);
  try {
    readModelConfig(file);
    const checkpoint = openCheckpoint(file);
    try {
      for (const [key, { length }] of checkpoint.tensors) {
        expect(length).toBeLessThanOrEqual(bytes.length);
        checkpoint.read(key);
      }
    } finally {
      checkpoint.close();
    }
    return 'none';
  } catch (error) {
    if (!(error instanceof Findings)) throw error;
    expect(error.message.length).toBeLessThan(1000);
    return error.diagnostics[0]?.code ?? '';
  }
}

/** The sound file with some bytes put over its own. */
function over(place: number, bytes: readonly number[]): Uint8Array {
  const changed = Uint8Array.from(sound);
  changed.set(bytes, place);
  return changed;
}

/** Place right after a text in the sound file. */
const after = (text: string): number => Buffer.from(sound).indexOf(text) + text.length;
const huge = [255, 255, 255, 255, 255, 255, 255, 127];

test('the sound file is accepted', () => {
  expect(readAll(sound)).toBe('none');
});

test.each([
  ['another magic', over(0, [0]), 'VF512'],
  ['version 1', over(4, [1]), 'VF512'],
  ['the other byte order', over(4, [0, 0, 0, 3]), 'VF512'],
  ['more tensors than bytes', over(8, huge), 'VF512'],
  ['more metadata than bytes', over(16, huge), 'VF512'],
  ['a key longer than the file', over(24, huge), 'VF512'],
  ['a value of no type', over(after('general.architecture'), [99]), 'VF512'],
  ['a list longer than the file', over(after('tokenizer.ggml.tokens') + 8, huge), 'VF512'],
  ['a list of lists', over(after('tokenizer.ggml.tokens') + 4, [9]), 'VF512'],
  ['a truth that is 2', over(after('tokenizer.ggml.add_bos_token') + 4, [2]), 'VF512'],
  ['a text that is no UTF-8', over(after('tokenizer.ggml.tokens') + 24, [255]), 'VF512'],
  ['a tensor of five axes', over(after('token_embd.weight'), [5]), 'VF512'],
  ['an axis of 2⁶³', over(after('token_embd.weight') + 4, huge), 'VF514'],
  ['rows that are no whole blocks', over(after('blk.0.attn_q.weight') + 4, [31]), 'VF514'],
  ['a type nobody reads', over(after('token_embd.weight') + 20, [16]), 'VF513'],
  ['an offset off the alignment', over(after('token_embd.weight') + 24, [4]), 'VF515'],
  ['an offset beyond the file', over(after('token_embd.weight') + 24, huge), 'VF515'],
  ['tensors that overlap', over(after('output_norm.weight') + 16, [32, 0]), 'VF515'],
  ['bytes of nobody at its end', Buffer.concat([sound, Buffer.alloc(64)]), 'VF515'],
  ['an end inside its header', sound.subarray(0, 120), 'VF512'],
  ['an end inside its tensors', sound.subarray(0, sound.length - 32), 'VF515'],
  ['nothing in it', sound.subarray(0, 0), 'VF512'],
])('a file with %s is refused', (_, bytes, code) => {
  expect(readAll(bytes)).toBe(code);
});

test('a name twice is refused, of a tensor or of the metadata', () => {
  const twice = (text: string, other: string): string => {
    const again = encodeGguf(
      new Map([...metadata, ['general.one', 1], ['general.two', 2]]),
      new Map([
        ['tensor.one', floatPart([1], [1])],
        ['tensor.two', floatPart([1], [1])],
      ]),
    );
    const changed = Buffer.from(again);
    changed.write(text, changed.indexOf(other));
    return readAll(changed);
  };
  expect(twice('tensor.one', 'tensor.two')).toBe('VF512');
  expect(twice('general.one', 'general.two')).toBe('VF512');
});

test('a list of millions of numbers is refused before it is read', () => {
  const bytes = Buffer.concat([sound, Buffer.alloc(2 ** 24)]);
  const place = after('tokenizer.ggml.tokens') + 4;
  bytes.writeUInt32LE(0, place);
  bytes.writeBigUInt64LE(BigInt(2 ** 23), place + 4);
  expect(readAll(bytes)).toBe('VF512');
});

test('an alignment that is no multiple of eight is refused', () => {
  for (const alignment of [0, 4, 12, -8, 0.5]) {
    writeFileSync(
      file,
      encodeGguf(new Map([...metadata, ['general.alignment', alignment]]), parts),
    );
    expect(() => readGgufHeader(file), `${alignment}`).toThrow('VF512');
  }
});

test('an unknown architecture, property or tensor is refused', () => {
  const codeOf = (extra: readonly [string, string | number], tensor = 'output_norm.weight') =>
    readAll(
      encodeGguf(
        new Map([...metadata, extra]),
        new Map(
          [...parts].map(([name, part]) => [name === 'output_norm.weight' ? tensor : name, part]),
        ),
      ),
    );
  expect(codeOf(['general.architecture', 'gopher'])).toBe('VF536');
  expect(codeOf(['llama.logit_scale', 2])).toBe('VF532');
  expect(codeOf(['llama.rope.scaling.type', 'su'])).toBe('VF532');
  expect(codeOf(['llama.rope.dimension_count', 8])).toBe('VF532');
  expect(codeOf(['general.name', 'x'], 'rope_freqs.weight')).toBe('VF532');
});

test(
  'whatever bytes are changed, cut or added, a file is read or refused with a finding',
  () => {
    const edit = fc.record({
      place: fc.oneof(fc.nat(40), fc.nat(sound.length - 1)),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        fc.constantFrom(Uint8Array.from(huge), new Uint8Array(8), new Uint8Array(8).fill(255)),
      ),
    });
    const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(edits, fc.nat(sound.length), fc.boolean(), (list, end, isCut) => {
        const changed = Buffer.concat([sound, Buffer.alloc(8)]);
        for (const { place, bytes } of list) changed.set(bytes, place);
        readAll(changed.subarray(0, isCut ? end : sound.length));
      }),
      { numRuns, seed: 7 },
    );
  },
  timeout,
);

test(
  'bytes from nowhere after the first four are refused',
  () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, hasVersion) => {
        const start = hasVersion ? sound.subarray(0, 8) : sound.subarray(0, 4);
        expect(readAll(Buffer.concat([start, bytes]))).not.toBe('none');
      }),
      { numRuns, seed: 8 },
    );
  },
  timeout,
);
