import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../contract/index.js';
import { floatTensor } from '../tensor/index.js';
import { Tap, type TranscriptEntry, transcriptDigest } from './tap.js';

function message(step: number, values: readonly number[], rest: Partial<Message> = {}): Message {
  const tensor = floatTensor([1, values.length], Float32Array.from(values));
  return { phase: 'train', step, from: 'head', to: 'body', kind: 'activation', tensor, ...rest };
}

/** Entries of a tap that keeps no bytes. */
async function noted(messages: readonly Message[]): Promise<readonly TranscriptEntry[]> {
  const tap = new Tap('stage', 'nowhere', () => false);
  for (const sent of messages) tap.record(sent);
  return tap.finish();
}

const transcript = [
  message(0, [1, 2]),
  message(0, [3], { from: 'tail', kind: 'gradient' }),
  message(1, [1, 2]),
  message(0, [5], { phase: 'test' }),
];

test('the order in which messages were noted does not matter', async () => {
  const digest = transcriptDigest(await noted(transcript));
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(transcript, { minLength: transcript.length }),
      async (shuffled) => {
        const entries = await noted(shuffled);
        expect(transcriptDigest(entries)).toBe(digest);
        expect(entries).toEqual(await noted(transcript));
      },
    ),
  );
});

test('any byte, name or number of a message changes the digest', async () => {
  const [first, ...others] = transcript;
  const digest = transcriptDigest(await noted(transcript));
  const changed: Partial<Message>[] = [
    { tensor: floatTensor([1, 2], Float32Array.of(1, 2.0000002)) },
    { tensor: floatTensor([1, 2], Float32Array.of(-1, 2)) },
    { tensor: floatTensor([2, 1], Float32Array.of(1, 2)) },
    { step: 7 },
    { phase: 'test' },
    { kind: 'gradient' },
    { to: 'tail' },
    { from: 'other' },
  ];
  const digests = await Promise.all(
    changed.map(async (change) =>
      transcriptDigest(await noted([{ ...message(0, [1, 2]), ...first, ...change }, ...others])),
    ),
  );
  expect(new Set([digest, ...digests]).size).toBe(changed.length + 1);
  expect(transcriptDigest(await noted(others))).not.toBe(digest);
});

test('an entry has the size and the SHA-256 of the bytes, and no file where none was asked for', async () => {
  const [entry] = await noted([message(0, [0])]);
  // SHA-256 of four zero bytes, as `head -c 4 /dev/zero | sha256sum` gives it.
  const sha256 = 'df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119';
  expect(entry).toMatchObject({ bytes: 4, file: '', sha256, dtype: 'float32', shape: [1, 1] });
});
