import { at } from '@vflair/core/text';
import type { TopLevelSpec } from 'vega-lite';
import { isSmallerBetter, metricValue } from '../metrics.js';
import { metricWords } from '../verdict/words.js';
import { type Box, type Placed, placed } from './labels.js';
import { attackColours, defenseShapes, ink, paper, rule, soft } from './palette.js';
import type { ChartGroup, ChartPoint } from './points.js';

/** Size of the plot without its axes, in pixels, and the names whose places are colours and shapes. */
export interface ChartStyle {
  readonly width: number;
  readonly height: number;
  readonly attacks: readonly string[];
  readonly defenses: readonly string[];
}

type Layers = Extract<TopLevelSpec, { layer: unknown }>['layer'];

/** Both ends of the axis of use, the worse first. */
export type Domain = [number, number];

const isShare = (metric: string): boolean => metricValue(metric, 0.5).endsWith('%');

/**
 * The axis of use. Shares end at 100 % and start at the tenth below the trivial use and every interval, so that the
 * trivial use is always in sight; other figures span their intervals, with the better end to the right.
 */
export function useDomain(group: ChartGroup): Domain {
  const lows = group.points.map(({ xLow }) => xLow);
  const highs = group.points.map(({ xHigh }) => xHigh);
  if (isShare(group.useMetric)) {
    const least = Math.min(...lows, group.trivial?.value ?? 1);
    return [Math.max(0, Math.floor(least * 10 - 0.2) / 10), 1];
  }
  const low = Math.min(...lows);
  const high = Math.max(...highs);
  const margin = (high - low || Math.abs(high) || 1) * 0.15;
  return isSmallerBetter(group.useMetric)
    ? [high + margin, low - margin]
    : [low - margin, high + margin];
}

/** Where a figure of use lies on the plot, in pixels from its left edge, and back. */
const across = (style: ChartStyle, [first, last]: Domain) => ({
  pixel: (x: number): number => ((x - first) / (last - first)) * style.width,
  value: (pixel: number): number => first + (pixel / style.width) * (last - first),
});

const isPlain = ({ defense, strongest }: ChartPoint): boolean =>
  defense === 'no defense' && strongest;

// What names must not cover: the note at the right end of the line of guessing, and points without a name.
function obstacles(
  group: ChartGroup,
  style: ChartStyle,
  unnamed: readonly ChartPoint[],
  domain: Domain,
): readonly Box[] {
  const { pixel } = across(style, domain);
  const marks = unnamed.map(({ x, y }) => {
    const top = (1 - y) * style.height - 6;
    return { left: pixel(x) - 6, right: pixel(x) + 6, top, bottom: top + 12 };
  });
  if (group.guess === null) return marks;
  const y = (1 - group.guess) * style.height;
  return [...marks, { left: style.width - 110, right: style.width, top: y - 18, bottom: y + 2 }];
}

/** Names for the points: every point where there are few, else the undefended and the Pareto set. */
export function labelled(group: ChartGroup, style: ChartStyle, domain: Domain): readonly Placed[] {
  const many = group.points.length > 12;
  const attacks = new Set(group.points.map(({ attack }) => attack)).size;
  const shown = group.points.filter((point) => !many || point.pareto || isPlain(point));
  const unnamed = group.points.filter((point) => !shown.includes(point));
  const sorted = [...shown].sort((a, b) => Number(b.strongest) - Number(a.strongest));
  const { pixel } = across(style, domain);
  return placed(
    sorted.map((point) => ({
      text: `${point.name}${attacks > 1 ? ` · ${point.attack}` : ''}${point.atLeast ? ' (at least)' : ''}`,
      x: pixel(point.x),
      y: (1 - point.y) * style.height,
      reach: Math.abs(pixel(point.xHigh) - pixel(point.xLow)) / 2,
    })),
    style,
    obstacles(group, style, unnamed, domain),
  );
}

const shareLabels = { labelExpr: "format(datum.value * 100, '~r') + ' %'" };

const axisLook = {
  domainColor: rule,
  tickColor: rule,
  gridColor: rule,
  gridOpacity: 0.6,
  labelColor: soft,
  titleColor: soft,
  labelFontSize: 12,
  titleFontSize: 12.5,
  titleFontWeight: 'normal',
  labelPadding: 6,
  tickSize: 4,
  tickCount: 5,
} as const;

function useAxis(group: ChartGroup, domain: Domain) {
  const shares = isShare(group.useMetric);
  const start = shares && domain[0] > 0 ? ` (axis starts at ${Math.round(domain[0] * 100)} %)` : '';
  const note = isSmallerBetter(group.useMetric) ? ' (smaller is better)' : start;
  const title = `${metricWords(group.useMetric)}${note} →`;
  return {
    field: 'x',
    type: 'quantitative' as const,
    scale: { domain, zero: false, nice: false },
    axis: { ...axisLook, ...(shares ? shareLabels : {}), grid: false, title },
  };
}

const leakAxis = {
  field: 'y',
  type: 'quantitative' as const,
  scale: { domain: [0, 1] },
  axis: {
    ...axisLook,
    ...shareLabels,
    domain: false,
    ticks: false,
    title: '↑ tokens read by the adversary',
    titleAngle: 0,
    titleAlign: 'left' as const,
    titleX: -38,
    titleY: -16,
    titleBaseline: 'bottom' as const,
  },
};

interface Axes {
  readonly x: ReturnType<typeof useAxis>;
  readonly y: typeof leakAxis;
}

const colour = ({ attacks }: ChartStyle, { attack }: ChartPoint): string =>
  at(attackColours, Math.max(0, attacks.indexOf(attack)) % attackColours.length);

const shape = ({ defenses }: ChartStyle, { defense }: ChartPoint): string =>
  at(defenseShapes, Math.max(0, defenses.indexOf(defense)) % defenseShapes.length);

/** A field that holds a colour or a shape as it is. */
const asIs = (field: string) => ({ field, type: 'nominal' as const, scale: null });

function pointLayers(group: ChartGroup, style: ChartStyle, { x, y }: Axes): Layers {
  const values = group.points.map((point) => ({
    ...point,
    colour: colour(style, point),
    shape: shape(style, point),
    fill: point.atLeast ? paper : colour(style, point),
    strength: point.strongest ? 1 : 0.55,
  }));
  const stroke = asIs('colour');
  const data = { values };
  const whisker = { type: 'rule', strokeWidth: 1.25 } as const;
  const opacity = { field: 'strength', type: 'quantitative' as const, scale: null };
  return [
    {
      data,
      mark: whisker,
      encoding: { x: { ...x, field: 'xLow' }, x2: { field: 'xHigh' }, y, stroke, opacity },
    },
    {
      data,
      mark: whisker,
      encoding: { x, y: { ...y, field: 'yLow' }, y2: { field: 'yHigh' }, stroke, opacity },
    },
    {
      data,
      mark: { type: 'point', size: 74, strokeWidth: 2 },
      encoding: { x, y, stroke, opacity, fill: asIs('fill'), shape: asIs('shape') },
    },
  ];
}

function compared(group: ChartGroup, { x, y }: Axes, domain: Domain): Layers {
  const dashed = { type: 'rule' as const, color: soft, strokeDash: [4, 3], strokeWidth: 1 };
  const note = { type: 'text', color: soft, fontSize: 12, fontStyle: 'italic' } as const;
  const { guess, trivial, leakMetric, useMetric } = group;
  const words = (metric: string, name: string, value: number): string =>
    `${name} ${metricValue(metric, value)}`;
  const low =
    guess === null ? [] : [{ x: domain[1], y: guess, text: words(leakMetric, 'guessing', guess) }];
  const left =
    trivial === null || !isShare(useMetric)
      ? []
      : [{ x: trivial.value, y: 1, text: words(useMetric, trivial.name, trivial.value) }];
  const encoding = { x, y, text: asIs('text') };
  return [
    { data: { values: low }, mark: dashed, encoding: { y } },
    { data: { values: low }, mark: { ...note, align: 'right', dx: -4, dy: -9 }, encoding },
    { data: { values: left }, mark: dashed, encoding: { x } },
    { data: { values: left }, mark: { ...note, align: 'left', dx: 5, dy: 8 }, encoding },
  ];
}

function nameLayers(group: ChartGroup, style: ChartStyle, { x, y }: Axes, domain: Domain): Layers {
  const { value } = across(style, domain);
  const values = labelled(group, style, domain).map((label) => ({
    ...label,
    x: value(label.x),
    y: 1 - label.y / style.height,
    lx: value(label.labelX),
    ly: 1 - label.labelY / style.height,
  }));
  const side = (align: 'left' | 'right'): Layers[number] => ({
    data: { values: values.filter((each) => each.align === align) },
    mark: { type: 'text', align, baseline: 'middle', fontSize: 12, color: ink },
    encoding: { x: { ...x, field: 'lx' }, y: { ...y, field: 'ly' }, text: asIs('text') },
  });
  const leader: Layers[number] = {
    data: { values: values.filter(({ led }) => led) },
    mark: { type: 'rule', color: soft, strokeWidth: 0.75 },
    encoding: { x, y, x2: { field: 'lx' }, y2: { field: 'ly' } },
  };
  return [leader, side('left'), side('right')];
}

/** The chart of one group: intervals, points, the Pareto set joined, guessing and trivial use as lines, names beside points. */
export function chartSpec(group: ChartGroup, style: ChartStyle): TopLevelSpec {
  const domain = useDomain(group);
  const axes = { x: useAxis(group, domain), y: leakAxis };
  const front = group.points.filter(({ pareto }) => pareto).map(({ x, y }) => ({ x, y }));
  return {
    width: style.width,
    height: style.height,
    background: 'transparent',
    padding: { left: 2, right: 8, top: 30, bottom: 2 },
    config: { aria: false, view: { stroke: null } },
    layer: [
      ...compared(group, axes, domain),
      {
        data: { values: front },
        mark: { type: 'line', color: soft, strokeWidth: 1.5, opacity: 0.8 },
        encoding: axes,
      },
      ...pointLayers(group, style, axes),
      ...nameLayers(group, style, axes, domain),
    ],
  };
}
