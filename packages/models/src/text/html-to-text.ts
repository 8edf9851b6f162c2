/** Elements whose content is not read by a person. */
const HIDDEN = /<(script|style|head|title)\b[^>]*>[\s\S]*?<\/\1\s*>/gi;
const COMMENT = /<!--[\s\S]*?-->/g;
/** Elements that start a new line. */
const LINE =
  /<\/?(?:p|br|div|tr|table|li|ul|ol|h[1-6]|hr|blockquote|center|pre|form|dl|dt|dd)\b[^>]*>/gi;
const TAG = /<\/?[a-z!?][^>]*>/gi;

const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['copy', '©'],
  ['reg', '®'],
  ['trade', '™'],
  ['bull', '•'],
  ['middot', '·'],
  ['mdash', '—'],
  ['ndash', '–'],
  ['hellip', '…'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['ldquo', '“'],
  ['rdquo', '”'],
  ['laquo', '«'],
  ['raquo', '»'],
  ['euro', '€'],
  ['pound', '£'],
  ['cent', '¢'],
  ['deg', '°'],
  ['eacute', 'é'],
  ['egrave', 'è'],
  ['agrave', 'à'],
  ['ccedil', 'ç'],
  ['auml', 'ä'],
  ['ouml', 'ö'],
  ['uuml', 'ü'],
  ['szlig', 'ß'],
  ['ntilde', 'ñ'],
]);

/** What a reader of an HTML page sees, as plain text: no markup, scripts, styles or comments; entities resolved. */
export function htmlToText(html: string): string {
  const visible = html
    .replace(COMMENT, '')
    .replace(HIDDEN, ' ')
    .replace(/\s\s+|[\n\t]/g, ' ');
  return decodeEntities(visible.replace(LINE, '\n').replace(TAG, ''));
}

/** Character references by name and by number; an unknown one stays as it is. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,8}));?/gi,
    (whole, hex, decimal, name) => {
      if (name !== undefined)
        return ENTITIES.get(name) ?? ENTITIES.get(name.toLowerCase()) ?? whole;
      const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
      const isScalar = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      return isScalar ? String.fromCodePoint(code) : whole;
    },
  );
}
