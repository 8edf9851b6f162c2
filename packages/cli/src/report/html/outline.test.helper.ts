/** A tag of a page as it is written. */
export interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly attributes: { readonly [name: string]: string };
  /** Text from here to the next tag. */
  readonly text: string;
}

const voids = new Set(['meta', 'br', 'link', 'img', 'input', 'hr']);

const attributesOf = (source: string): Tag['attributes'] =>
  Object.fromEntries(
    [...source.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, name, value]) => [
      name ?? '',
      value ?? '',
    ]),
  );

/** The tags of a page in order; style and script count as one piece of text. */
export function tagsOf(page: string): readonly Tag[] {
  const bare = page.replace(/(<(style|script)>)[\s\S]*?(<\/\2>)/g, '$1$3');
  return [
    ...bare.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*(\/?)>([^<]*)/g),
  ].map(([, slash, name, attributes, , text]) => ({
    name: name ?? '',
    closing: slash === '/',
    attributes: attributesOf(attributes ?? ''),
    text: text ?? '',
  }));
}

/** Tags that are not closed in the order in which they were opened; none in a well-formed page. */
export function unbalanced(page: string): readonly string[] {
  const bare = page.replace(/(<(style|script)>)[\s\S]*?(<\/\2>)/g, '$1$3');
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name, selfClosed] of bare.matchAll(
    /<(\/?)([a-zA-Z][\w-]*)(?:\s[^<>]*?)?(\/?)>/g,
  )) {
    if (name === undefined || voids.has(name) || selfClosed === '/') continue;
    if (slash === '') open.push(name);
    else if (open.at(-1) === name) open.pop();
    else wrong.push(name);
  }
  return [...wrong, ...open];
}

/** Text a reader gets from a piece of HTML. */
export const textOf = (page: string): string =>
  page
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
