/** A point on the plot that wants a name, in pixels from the upper left corner. */
export interface Named {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** How far its interval reaches to either side. */
  readonly reach: number;
}

/** Where a name went: its anchor and whether it is set to the left or the right of it. */
export interface Placed extends Named {
  readonly labelX: number;
  readonly labelY: number;
  readonly align: 'left' | 'right';
  /** Far enough from its point to need a line to it. */
  readonly led: boolean;
}

/** A part of the plot, in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const height = 13;
const perCharacter = 6.3;
const gap = 9;

const boxOf = (text: string, x: number, y: number, align: 'left' | 'right'): Box => {
  const width = text.length * perCharacter;
  const left = align === 'left' ? x : x - width;
  return { left, right: left + width, top: y - height / 2, bottom: y + height / 2 };
};

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

const outside = (box: Box, plot: { readonly width: number; readonly height: number }): number =>
  Math.max(0, -box.left) +
  Math.max(0, box.right - plot.width) +
  Math.max(0, -box.top) +
  Math.max(0, box.bottom - plot.height);

/** Offsets to try, the nearest first: beside the point, then above and below, then further off. */
const shifts = [0, -12, 12, -22, 22, -34, 34, -46, 46, -60, 60];

/**
 * Names beside their points without lying on each other, on other points or outside the plot: each name takes the
 * first of its places that is free, else the one with the least overlap. The order of the points decides.
 */
export function placed(
  names: readonly Named[],
  plot: { readonly width: number; readonly height: number },
  obstacles: readonly Box[] = [],
): readonly Placed[] {
  const marks = names.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  const taken: Box[] = [...obstacles];
  return names.map((name) => {
    const places = shifts.flatMap((shift) =>
      (['left', 'right'] as const).map((align): Placed & { readonly cost: number } => {
        const clear = shift === 0 ? Math.max(gap, name.reach + 4) : gap;
        const labelX = name.x + (align === 'left' ? clear : -clear);
        const labelY = name.y + shift;
        const box = boxOf(name.text, labelX, labelY, align);
        const crowd = [...taken, ...marks].reduce((sum, other) => sum + overlap(box, other), 0);
        const cost = crowd * 4 + outside(box, plot) * 100 + Math.abs(shift);
        return { ...name, labelX, labelY, align, led: Math.abs(shift) > 12, cost };
      }),
    );
    const { cost: _cost, ...best } = places.reduce((a, b) => (b.cost < a.cost ? b : a));
    taken.push(boxOf(best.text, best.labelX, best.labelY, best.align));
    return best;
  });
}
