/**
 * IEEE 754 binary16 bits → value. Subnormals are multiples of 2⁻²⁴; exponent 31 is an infinity or NaN.
 */
export function halfToFloat(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return (
    sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
  );
}

/**
 * Value → the nearest binary16, ties to even; 65520 and beyond become infinities. The value is first rounded to
 * binary32, as a float tensor holds it.
 */
export function floatToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(Math.fround(value));
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // Below 2⁻¹⁴ the spacing is 2⁻²⁴; above it is 2^(exponent − 10). Scaling by a power of two is exact.
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = Math.min(Math.floor(Math.log2(size)), 15);
  const base = size < 2 ** exponent ? exponent - 1 : exponent;
  // A fraction that rounds up to 1024 carries into the exponent, which is the right value.
  return sign | (((base + 15) << 10) + roundToEven((size / 2 ** base - 1) * 1024));
}

function roundToEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

/** All 65,536 binary16 values by bits. */
export function halfTable(): Float32Array {
  return Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits));
}
