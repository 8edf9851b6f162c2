/** Text that is HTML already. Everything else is escaped where it enters a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: strings and numbers are escaped, lists joined, `undefined` and `false` leave nothing. */
export type Piece = Markup | string | number | false | undefined | readonly Piece[];

const entities: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters have no place in a document: they are shown as their pictures (U+2400 to U+2421). */
const picture = (character: string): string => {
  const code = character.charCodeAt(0);
  return String.fromCharCode(code === 0x7f ? 0x2421 : code < 0x20 ? 0x2400 + code : 0xfffd);
};

const isControl = (code: number): boolean =>
  (code < 0x20 && code !== 0x0a && code !== 0x09) || (code >= 0x7f && code < 0xa0);

/** Text in which everything can be seen: control characters as pictures, lone surrogates as U+FFFD. */
export const visible = (text: string): string =>
  [...text.toWellFormed()]
    .map((character) => (isControl(character.codePointAt(0) ?? 0) ? picture(character) : character))
    .join('');

/** Text made safe for element content and quoted attributes, and {@link visible}. */
export const escaped = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');

function rendered(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (piece === undefined || piece === false) return '';
  if (typeof piece === 'string' || typeof piece === 'number') return escaped(String(piece));
  return piece.map(rendered).join('');
}

/** A piece of a page: `` html`<p>${anything}</p>` `` escapes what is put in. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(parts.map((part, index) => part + rendered(pieces[index])).join(''));
}

/** HTML of our own making that needs no escaping: style, script, drawings. */
export const trusted = (text: string): Markup => new Markup(text);

const units = '%|rows?|tokens?|s|ms|min|h|B|kB|MB|GB|TB|seeds?|training|generated';

/** Keeps a number and its unit on one line. */
export const unbroken = (text: string): string =>
  text
    .replace(new RegExp(`(\\d) (?=(?:${units})(?![\\w]))`, 'g'), '$1\u00a0')
    .replace(/([εδσΔ]) (?=[\d<])/g, '$1\u00a0');

/** A sentence of the report: `` `code` `` and `**figures**` become elements, the rest is text. */
export function prose(sentence: string): Markup {
  const pieces = unbroken(sentence).split(/(`[^`]*`|\*\*[^*]+\*\*)/);
  return html`${pieces.map((piece) => {
    if (piece.length > 1 && piece.startsWith('`')) return html`<code>${piece.slice(1, -1)}</code>`;
    if (piece.startsWith('**')) return html`<strong>${piece.slice(2, -2)}</strong>`;
    return piece;
  })}`;
}
