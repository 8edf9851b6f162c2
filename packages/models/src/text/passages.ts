/**
 * A text cut into passages of whole sentences, each of at least `shortest` characters except the last, which joins the
 * one before it when it is shorter. White space inside a passage is single blanks.
 */
export function passagesOf(text: string, shortest: number): string[] {
  const sentences =
    text
      .replace(/\s+/g, ' ')
      .trim()
      .match(/.+?(?:[.!?]["”’')\]]*(?= )|$)/g) ?? [];
  const passages: string[] = [];
  let open = '';
  for (const sentence of sentences) {
    open = open === '' ? sentence.trim() : `${open} ${sentence.trim()}`;
    if (open.length < shortest) continue;
    passages.push(open);
    open = '';
  }
  const last = passages.pop();
  if (last === undefined) return open === '' ? [] : [open];
  passages.push(open === '' ? last : `${last} ${open}`);
  return passages;
}
