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

/**
 * {@link halfToFloat} of every element. Exponent and fraction moved to where binary32 has them read as the value times
 * 2⁻¹¹² (the exponents' biases are 15 and 127), subnormals too; scaling by a power of two is exact.
 */
export function widenHalves(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  const floats = new Float32Array(bits.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] ?? 0;
    bits[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
    if ((half & 0x7c00) === 0x7c00) bits[i] = (bits[i] ?? 0) | 0x7f800000;
    else floats[i] = (floats[i] ?? 0) * 2 ** 112;
  }
  return floats;
}
