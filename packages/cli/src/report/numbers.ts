const thousands = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** A whole number with commas: `9120` → `9,120`. */
export const whole = (value: number): string =>
  value < 0 ? `-${whole(-value)}` : thousands(Math.round(value).toFixed(0));

/** Three significant digits, no trailing zeros: `0.97812` → `0.978`, `23412` → `23,400`, `3.1e-6` → `3.1e-6`. */
export function significant(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000 && size < 1e9) return whole(Number(value.toPrecision(3)));
  if (size !== 0 && (size < 1e-3 || size >= 1e9)) {
    return value.toExponential(2).replace(/\.?0+e/, 'e');
  }
  return String(Number(value.toPrecision(3)));
}

/** A share in percent: `0.9321` → `93.2 %`. Only a share of exactly 1 reads `100 %`. */
export function percent(share: number): string {
  if (share > 0.9995 && share < 1) return '99.9 %';
  return `${significant(share * 100)} %`;
}

/** Both ends of an interval, the unit once: `90.1 to 95.4 %`. */
export const percentRange = (low: number, high: number): string =>
  `${percent(low).slice(0, -' %'.length)} to ${percent(high)}`;

type Scale = readonly (readonly [size: number, unit: string, from?: number])[];

const scaled = (value: number, scale: Scale): string => {
  const [size, unit] = scale.find(([bar, , from]) => value >= (from ?? bar)) ?? [1, ''];
  return `${significant(value / size)} ${unit}`;
};

const byteScale: Scale = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
  [1, 'B', 0],
];

const timeScale: Scale = [
  [3600, 'h', 5400],
  [60, 'min', 90],
  [1, 's'],
  [1e-3, 'ms', 0],
];

/** Decimal bytes: `8192` → `8.19 kB`. */
export const byteSize = (bytes: number): string => scaled(bytes, byteScale);

/** A duration: `0.0123` → `12.3 ms`, `95` → `1.58 min`. */
export const duration = (seconds: number): string => scaled(seconds, timeScale);

/** A p-value: never 0, `<0.001` below that. */
export const pValue = (p: number): string => (p < 0.001 ? '<0.001' : significant(p));

/** The plural where it is one: `1 row`, `200 rows`. */
export const counted = (count: number, noun: string): string =>
  `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
