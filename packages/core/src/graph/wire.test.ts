import { BinaryReader } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireWriter } from './wire.js';

test('every integer is read back by another reader', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.integer({ min: 1, max: 1000 }),
      (value, field) => {
        const reader = new BinaryReader(new WireWriter().varint(field, value).finish());
        expect(reader.tag()).toEqual([field, 0]);
        expect(BigInt(reader.int64())).toBe(value);
        expect(reader.pos).toBe(reader.len);
      },
    ),
    { seed: 1 },
  );
});

test('texts, bytes and numbers of a nested message are read back', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.uint8Array({ maxLength: 300 }),
      fc.float({ noNaN: true }),
      (text, bytes, number) => {
        const written = new WireWriter()
          .message(5, (nested) => nested.bytes(1, text).bytes(2, bytes))
          .float(7, number)
          .finish();
        const reader = new BinaryReader(written);
        expect(reader.tag()).toEqual([5, 2]);
        const nested = new BinaryReader(reader.bytes());
        expect([nested.tag(), nested.string()]).toEqual([[1, 2], text.toWellFormed()]);
        expect([nested.tag(), nested.bytes()]).toEqual([[2, 2], bytes]);
        expect([reader.tag(), reader.float()]).toEqual([[7, 5], number]);
        expect(reader.pos).toBe(reader.len);
      },
    ),
    { seed: 2 },
  );
});

test('a message larger than the first buffer keeps every byte', () => {
  const large = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  const reader = new BinaryReader(new WireWriter().varint(1, 1).bytes(2, large).finish());
  reader.tag();
  reader.int64();
  reader.tag();
  expect(reader.bytes()).toEqual(large);
});
