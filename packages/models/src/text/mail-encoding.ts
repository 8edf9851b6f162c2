/** Bytes in the named character set as text; an unknown name is read as Latin-1. */
export function decodeBytes(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset === '' ? 'latin1' : charset).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder('latin1').decode(bytes);
    throw error;
  }
}

/** Quoted-printable (RFC 2045, section 6.7): soft line breaks removed, `=XX` runs decoded. */
export function decodeQuotedPrintable(text: string, charset: string): string {
  return text
    .replace(/=[ \t]*\r?\n/g, '')
    .replace(/(?:=[0-9a-f]{2})+/gi, (run) =>
      decodeBytes(Buffer.from(run.replaceAll('=', ''), 'hex'), charset),
    );
}

/** Base64 (RFC 2045, section 6.8); characters outside its alphabet are skipped. */
export function decodeBase64(text: string, charset: string): string {
  return decodeBytes(Buffer.from(text, 'base64'), charset);
}

/** Encoded words of a header line (RFC 2047): `=?charset?B or Q?…?=`. */
export function decodeWords(line: string): string {
  return line
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi, (_, charset, encoding, data) =>
      encoding.toLowerCase() === 'b'
        ? decodeBase64(data, charset)
        : decodeQuotedPrintable(data.replaceAll('_', ' '), charset),
    );
}
