import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floatTensor, intTensor, type Tensor } from '@vflair/core/tensor';
import { Findings } from '@vflair/core/text';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { openCheckpoint } from './checkpoint.js';
import { encodeSafetensors } from './write-safetensors.js';

const numRuns = process.env.VFLAIR_FULL === '1' ? 100_000 : 1_000;
const timeout = numRuns * 20;
const folder = temporaryFolder(afterAll);
const file = join(folder, 'model.safetensors');
const sound = encodeSafetensors(
  new Map<string, Tensor>([
    ['wte.weight', floatTensor([2, 3], new Float32Array(6).fill(0.5))],
    ['wpe.weight', floatTensor([4], new Float32Array(4))],
    ['ids', intTensor([2], [1, 2])],
  ]),
  { metadata: { format: 'pt' } },
);

/** Reads all there is; anything but a Findings is a failure. Gives whether the file was accepted. */
function readAll(bytes: Uint8Array): boolean {
  writeFileSync(file, bytes);
  try {
    const checkpoint = openCheckpoint(file);
    try {
      for (const [key, { dtype, length }] of checkpoint.tensors) {
        expect(length).toBeLessThanOrEqual(bytes.length);
        if (dtype === 'I64') checkpoint.readInt(key);
        else checkpoint.read(key);
      }
    } finally {
      checkpoint.close();
    }
    return true;
  } catch (error) {
    if (!(error instanceof Findings)) throw error;
    return false;
  }
}

test('the sound file is accepted', () => {
  expect(readAll(sound)).toBe(true);
});

test.each([
  ['a name of megabytes', `{"${'a'.repeat(2e7)}":1}`],
  ['a name of escapes', `{"${'\\n'.repeat(1e7)}":1}`],
  ['deep nesting', `{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`],
  ['a type that is a deep list', `{"a":{"dtype":${'['.repeat(1e6)}${']'.repeat(1e6)}}}`],
  ['a type that hides its text', '{"a":{"dtype":{"toString":1}}}'],
])('a header with %s is refused in few words', (_, json) => {
  const bytes = Buffer.alloc(8 + json.length);
  bytes.writeBigUInt64LE(BigInt(json.length));
  bytes.write(json, 8);
  writeFileSync(file, bytes);
  expect(() => openCheckpoint(file)).toThrow(/^VF513.{0,400}$/s);
});

test(
  'changed, removed and inserted bytes give a result or findings, nothing else',
  () => {
    const edit = fc.record({
      place: fc.nat({ max: sound.length - 1 }),
      remove: fc.nat({ max: 12 }),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 8 }),
        fc
          .constantFrom(
            '[',
            '{}',
            '"',
            '9007199254740993',
            '-1',
            '1e99',
            ',',
            'null',
            'F16',
            '\\u0000',
            '__proto__',
          )
          .map((text) => Uint8Array.from(Buffer.from(text))),
      ),
    });
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (edits, isLengthKept) => {
          let bytes: Uint8Array = sound;
          for (const { place, remove, insert } of edits) {
            bytes = Buffer.concat([
              bytes.subarray(0, place),
              insert,
              bytes.subarray(place + remove),
            ]);
          }
          // Half of the cases state the right header length, so that mutations reach the JSON and its checks.
          if (isLengthKept && bytes.length >= 8) {
            const header = new DataView(sound.buffer, sound.byteOffset).getBigUint64(0, true);
            const grown = BigInt(bytes.length - sound.length);
            Buffer.from(bytes.buffer, bytes.byteOffset).writeBigUInt64LE(
              header + grown > 0n ? header + grown : 0n,
            );
          }
          readAll(bytes);
        },
      ),
      { numRuns, seed: 20240611 },
    );
  },
  timeout,
);

test(
  'headers of arbitrary entries give a result or findings, nothing else',
  () => {
    const count = fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(-1, 0.5, 2 ** 53, 2 ** 60, 1e308));
    const entry = fc.record(
      {
        dtype: fc.constantFrom(
          'F32',
          'F16',
          'BF16',
          'F64',
          'I64',
          'BOOL',
          'F8_E4M3',
          'X',
          '',
          'toString',
        ),
        shape: fc.oneof(fc.array(count, { maxLength: 3 }), fc.anything()),
        data_offsets: fc.oneof(fc.tuple(count, count), fc.anything()),
      },
      { requiredKeys: [] },
    );
    const header = fc.dictionary(fc.string(), fc.oneof(entry, fc.anything()), { maxKeys: 4 });
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 64 }), (entries, data) => {
        const json = Buffer.from(
          JSON.stringify(entries, (_, value) =>
            typeof value === 'bigint' ? String(value) : value,
          ),
        );
        const prefix = Buffer.alloc(8);
        prefix.writeBigUInt64LE(BigInt(json.length));
        readAll(Buffer.concat([prefix, json, data]));
      }),
      { numRuns, seed: 20240612 },
    );
  },
  timeout,
);
