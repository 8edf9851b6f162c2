/** A string literal as read: its text, and the places (offset in the literal) of escapes that mean nothing. */
export interface Decoded {
  readonly text: string;
  readonly unknown: readonly { readonly start: number; readonly end: number }[];
}

const escapes: { readonly [letter: string]: string } = { n: '\n', t: '\t', '"': '"', '\\': '\\' };
const highest = 0x10ffff;

function codePoint(hex: string | undefined): string | undefined {
  if (hex === undefined) return undefined;
  const point = Number.parseInt(hex, 16);
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  return point <= highest && !isSurrogate ? String.fromCodePoint(point) : undefined;
}

/** Reads a literal, with its closing quote or (`isClosed` false) without: `\n \t \" \\ \u{…}`. */
export function decodeString(literal: string, isClosed = true): Decoded {
  const body = literal.slice(1, isClosed ? -1 : undefined);
  const unknown: { start: number; end: number }[] = [];
  const text = body.replace(
    /\\(?:u\{([0-9A-Fa-f]{1,6})\}|([\s\S]?))/g,
    (whole, hex?: string, letter?: string, ...rest) => {
      const known = codePoint(hex) ?? escapes[letter ?? ''];
      if (known !== undefined) return known;
      const start = 1 + Number(rest[0]);
      unknown.push({ start, end: start + whole.length });
      return whole;
    },
  );
  return { text: isClosed ? text : text.trimEnd(), unknown };
}

/** The literal that {@link decodeString} reads back as `text`. */
export function encodeString(text: string): string {
  const body = [...text].map((char) => {
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    if (char === '"' || char === '\\') return `\\${char}`;
    const point = char.codePointAt(0) ?? 0;
    return isInvisible(point) ? `\\u{${point.toString(16)}}` : char;
  });
  return `"${body.join('')}"`;
}

// Control characters and the two line separators that are no line ends to us.
const isInvisible = (point: number): boolean =>
  point < 0x20 || point === 0x7f || point === 0x2028 || point === 0x2029;
