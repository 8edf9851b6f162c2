import type { CurvePoint } from '@vflair/models/pretrain';

const WIDTH = 640;
const HEIGHT = 320;
const EDGE = { left: 48, right: 16, top: 16, bottom: 40 };

/** A curve as SVG: training and validation loss in nats per token over steps. */
export function lossCurve(title: string, curve: readonly CurvePoint[]): string {
  const losses = curve.flatMap(({ train, validation }) => [train, validation ?? train]);
  const low = Math.floor(Math.min(...losses));
  const high = Math.ceil(Math.max(...losses));
  const last = curve.at(-1)?.step ?? 1;
  const x = (step: number): number => EDGE.left + (step / last) * (WIDTH - EDGE.left - EDGE.right);
  const y = (loss: number): number =>
    EDGE.top + ((high - loss) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const path = (points: readonly (readonly [number, number])[]): string =>
    points.map(([step, loss]) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(' ');
  const levels = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const validation = curve.flatMap(({ step, validation: loss }) =>
    loss === undefined ? [] : [[step, loss] as const],
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...levels.map(
      (level) =>
        `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${y(level).toFixed(1)}" y2="${y(level).toFixed(1)}" stroke="#dddddd"/><text x="${EDGE.left - 8}" y="${(y(level) + 4).toFixed(1)}" text-anchor="end">${level}</text>`,
    ),
    `<polyline fill="none" stroke="#767676" stroke-width="2" stroke-dasharray="5 3" points="${path(curve.map(({ step, train }) => [step, train]))}"/>`,
    `<polyline fill="none" stroke="#0b57d0" stroke-width="2" points="${path(validation)}"/>`,
    `<text x="${EDGE.left}" y="${HEIGHT - 22}">0</text><text x="${WIDTH - EDGE.right}" y="${HEIGHT - 22}" text-anchor="end">${last} steps</text>`,
    `<text x="${EDGE.left}" y="${HEIGHT - 6}">nats per token: training (grey, dashed), validation (blue)</text>`,
    '</svg>',
    '',
  ].join('\n');
}
