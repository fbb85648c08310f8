// Bits are moved between integer views only, so that the payload of a NaN survives wherever it fits.

const f32Bits = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

/** bfloat16 values, the upper halves of float32, as float32: exact. */
export function decodeBf16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  const bits = f32Bits(values);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16;
  return values;
}

/** float32 values rounded to bfloat16, to nearest, ties to even. */
export function encodeBf16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = f32Bits(values);
  return Uint16Array.from(bits, (x) => {
    const isNaN = (x & 0x7fffffff) > 0x7f800000;
    if (isNaN) return (x >>> 16) | ((x & 0x7f0000) === 0 ? 0x40 : 0);
    return (x + 0x7fff + ((x >>> 16) & 1)) >>> 16;
  });
}

/** IEEE 754 binary16 values as float32: exact. */
export function decodeF16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  const bits = f32Bits(values);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i];
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) values[i] = (sign === 0 ? 1 : -1) * fraction * 2 ** -24;
    else bits[i] = sign | (exponent === 31 ? 0x7f800000 : (exponent + 112) << 23) | (fraction << 13);
  }
  return values;
}

/** float32 values rounded to binary16, to nearest, ties to even; from 65,520 on to infinity. */
export function encodeF16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = f32Bits(values);
  return Uint16Array.from(bits, (x, i) => {
    const sign = (x >>> 16) & 0x8000;
    const magnitude = x & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      const payload = (magnitude & 0x7fffff) >>> 13;
      return sign | 0x7c00 | (payload === 0 ? 0x200 : payload);
    }
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    if (magnitude < 0x38800000) return sign | roundHalfEven(Math.abs(values[i]) * 2 ** 24);
    return sign | ((magnitude + 0xfff + ((magnitude >>> 13) & 1) - 0x38000000) >>> 13);
  });
}

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
