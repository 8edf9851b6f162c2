import { htmlToText } from './html-to-text.js';
import { decodeBase64, decodeQuotedPrintable, decodeWords } from './mail-encoding.js';

/** What a person reads of a mail. */
export interface Mail {
  readonly subject: string;
  readonly body: string;
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly content: string;
}

/** Parts inside parts deeper than this are left out. */
const DEEPEST = 5;

/**
 * Subject and readable body of a raw mail (RFC 5322 and MIME). All other headers are dropped; of alternatives the
 * plain text is kept, HTML becomes text, attachments that are not text are left out.
 */
export function readMail(raw: string): Mail {
  const part = splitPart(raw.replaceAll('\r\n', '\n').replaceAll('\r', '\n'));
  return {
    subject: tidy(decodeWords(part.headers.get('subject') ?? '')).replaceAll('\n', ' '),
    body: tidy(readPart(part, 0)),
  };
}

/** Header block and content: they are separated by the first empty line. */
function splitPart(text: string): Part {
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  if (end === -1) return { headers: new Map(), content: text };
  const headers = new Map<string, string>();
  for (const line of text
    .slice(0, end)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, content: text.slice(end).replace(/^\n+/, '') };
}

function readPart(part: Part, depth: number): string {
  const header = part.headers.get('content-type') ?? '';
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(header)?.[0].toLowerCase() ?? 'text/plain';
  if (type.startsWith('multipart/')) return readMultipart(part, { type, header, depth });
  if (type === 'message/rfc822') return depth < DEEPEST ? readForwarded(part.content, depth) : '';
  if (!type.startsWith('text/')) return '';
  const text = decodeContent(part, /charset\s*=\s*"?([\w.:-]+)/i.exec(header)?.[1] ?? '');
  return type === 'text/html' || /^\s*<(?:!doctype|html)\b/i.test(text) ? readHtml(text) : text;
}

/** List software puts its footer as plain text behind the page. */
function readHtml(text: string): string {
  const end = text.toLowerCase().lastIndexOf('</html>');
  if (end === -1) return htmlToText(text);
  const behind = text.slice(end + '</html>'.length);
  return `${htmlToText(text.slice(0, end))}\n${behind.includes('<') ? htmlToText(behind) : behind}`;
}

function readForwarded(content: string, depth: number): string {
  const inner = splitPart(content);
  return `${decodeWords(inner.headers.get('subject') ?? '')}\n${readPart(inner, depth + 1)}`;
}

function readMultipart(
  part: Part,
  { type, header, depth }: { type: string; header: string; depth: number },
): string {
  const boundary = /boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(header);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return part.content;
  if (depth >= DEEPEST) return '';
  const texts = piecesBetween(part.content, `--${mark}`)
    .map((piece) => readPart(splitPart(piece), depth + 1))
    .filter((text) => text.trim() !== '');
  return type === 'multipart/alternative' ? (texts[0] ?? '') : texts.join('\n');
}

/** What stands between lines that begin with the boundary; a mail cut short has no closing one. */
function piecesBetween(content: string, mark: string): string[] {
  const pieces = `\n${content}`.split(`\n${mark}`).slice(1);
  const open = pieces.findIndex((piece) => piece.startsWith('--'));
  const kept = open === -1 ? pieces : pieces.slice(0, open);
  return kept.map((piece) => piece.slice(piece.indexOf('\n') + 1));
}

function decodeContent({ headers, content }: Part, charset: string): string {
  const encoding = (headers.get('content-transfer-encoding') ?? '').toLowerCase();
  if (encoding.startsWith('quoted-printable')) return decodeQuotedPrintable(content, charset);
  return encoding.startsWith('base64') ? decodeBase64(content, charset) : content;
}

/** Without characters lost in earlier decoding, control characters, and runs of blanks and empty lines. */
function tidy(text: string): string {
  return text
    .replace(/[^\P{C}\n\t]|\uFFFD/gu, '')
    .replace(/[^\S\n ]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .replace(/ \n/g, '\n')
    .replace(/\n /g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
