import { ByteFallbackDecoder, SequenceDecoder } from '@huggingface/tokenizers';

/**
 * Byte tokens (`<0x0A>`) back to text, other tokens as they are: a run of bytes that is UTF-8 becomes its characters,
 * byte order mark included; one that is not becomes one `�` per byte, as in the tokenizers library.
 */
export function joinBytes(tokens: readonly string[]): string[] {
  const texts: string[] = [];
  let run: number[] = [];
  const flush = (): void => {
    if (run.length > 0) texts.push(utf8(run));
    run = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte === undefined) {
      flush();
      texts.push(token);
    } else run.push(Number.parseInt(byte, 16));
  }
  flush();
  return texts;
}

function utf8(bytes: readonly number[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(bytes),
    );
  } catch (error) {
    if (error instanceof TypeError) return '\uFFFD'.repeat(bytes.length);
    throw error;
  }
}

/** Puts {@link joinBytes} in the place of the library's own, which drops byte order marks. */
export function repairByteFallback(decoder: unknown): void {
  if (decoder instanceof ByteFallbackDecoder) decoder.decode_chain = joinBytes;
  if (decoder instanceof SequenceDecoder) decoder.decoders.forEach(repairByteFallback);
}
