/** Where in vflair a defect lies, by the first and last code of an area. */
export interface BugArea {
  readonly first: number;
  readonly last: number;
  readonly what: string;
}

/** VF9xx: all areas, sorted. */
export const bugAreas: readonly BugArea[] = [
  { first: 901, last: 909, what: 'values and files that vflair makes for itself' },
  { first: 910, last: 919, what: 'building the graph of a model' },
  { first: 920, last: 929, what: 'gradients, and sessions that compute a graph' },
  { first: 930, last: 939, what: 'parties and their messages' },
  { first: 940, last: 949, what: 'what an adversary is shown' },
  { first: 950, last: 959, what: 'workers' },
  { first: 970, last: 979, what: 'the mathematics of privacy and of scores' },
  { first: 990, last: 999, what: 'kits that test plugins' },
];

const title = 'a defect of vflair';

const explanation =
  'Something that vflair relies on did not hold. It is not a mistake in your text, and whatever the command was writing is not to be trusted. Please report it where vflair is developed (`npm bugs vflair` opens the page), with the whole message, what `vflair --version` prints, and the text or command that led to it. A plugin that breaks its promises can cause it, too: try without those of others first.';

/** What is said about one code VF9xx: the same for all, and the area where there is one. */
export function bugPage(code: string): { readonly title: string; readonly explanation: string } {
  const number = Number(code.slice(2));
  const area = bugAreas.find(({ first, last }) => first <= number && number <= last);
  return { title: area ? `${title} in ${area.what}` : title, explanation };
}

/** All of VF9xx as one section of docs/errors.md. */
export function bugsToMarkdown(): string {
  const lines = bugAreas.map(({ first, last, what }) => `- VF${first} to VF${last}: ${what}`);
  return [`## VF9xx: ${title}`, explanation, lines.join('\n')].join('\n\n');
}
