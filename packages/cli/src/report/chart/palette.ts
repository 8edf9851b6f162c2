/**
 * Colours as the chart library writes them, and the custom property of the page each stands for. The numbers mean
 * nothing: they only have to be unlikely elsewhere, so that light, dark and paper can choose their own.
 */
export const ink = '#0a0b0c';
export const soft = '#0a0b0d';
export const rule = '#0a0b0e';
export const paper = '#0a0b0f';

/** Six colours for attacks (after Okabe and Ito); a seventh attack shares the first, and has its own name beside it. */
export const attackColours = ['#0a0c01', '#0a0c02', '#0a0c03', '#0a0c04', '#0a0c05', '#0a0c06'];

const properties: readonly (readonly [string, string])[] = [
  [ink, '--ink'],
  [soft, '--soft'],
  [rule, '--rule'],
  [paper, '--paper'],
  ...attackColours.map((colour, index) => [colour, `--c${index + 1}`] as const),
];

/** Shapes for defenses, as the chart library names them; the first is "no defense". */
export const defenseShapes = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'cross',
  'triangle-down',
  'triangle-right',
  'triangle-left',
];

/** The drawing with the page's colours and font instead of its own. */
export function themed(svg: string): string {
  const coloured = properties.reduce(
    (text, [colour, property]) => text.replaceAll(`"${colour}"`, `"var(${property})"`),
    svg,
  );
  return coloured.replace(/ font-family="[^"]*"/g, '');
}
