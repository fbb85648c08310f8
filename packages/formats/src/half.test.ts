import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBf16, decodeF16, encodeBf16, encodeF16 } from './half.js';

const ALL = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** IEEE 754-2019, 3.4: the value that sign, exponent and fraction stand for. */
function value(half: number, exponentBits: number, fractionBits: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const top = 2 ** exponentBits - 1;
  const bias = 2 ** (exponentBits - 1) - 1;
  const exponent = (half >> fractionBits) & top;
  const fraction = (half % 2 ** fractionBits) / 2 ** fractionBits;
  if (exponent === top) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

test.each([
  ['float16', decodeF16, encodeF16, 5, 10],
  ['bfloat16', decodeBf16, encodeBf16, 8, 7],
] as const)(
  '%s: all 65,536 patterns decode by the formula and encode back to themselves',
  (_, decode, encode, e, f) => {
    const values = decode(ALL);
    const wrong = [...ALL].filter((half) => !Object.is(values[half], value(half, e, f)));
    expect(wrong).toEqual([]);
    const back = encode(values);
    expect([...ALL].filter((half) => back[half] !== half)).toEqual([]);
  },
);

test.each([
  ['float16', decodeF16, encodeF16, 5, 10],
  ['bfloat16', decodeBf16, encodeBf16, 8, 7],
] as const)('%s: encoding rounds to nearest, ties to even', (_, decode, encode, e, f) => {
  const infinity = (2 ** e - 1) * 2 ** f;
  // What lies beyond the largest value counts as one step further when it is rounded (IEEE 754-2019, 4.3.1).
  const magnitude = (half: number): number => (half === infinity ? 2 ** (2 ** (e - 1)) : Math.abs(value(half, e, f)));
  /** The pattern nearest to |x|, found by bisection. */
  const nearest = (x: number): number => {
    let [below, above] = [0, infinity];
    while (above - below > 1) {
      const middle = (below + above) >> 1;
      if (magnitude(middle) <= x) below = middle;
      else above = middle;
    }
    const [down, up] = [x - magnitude(below), magnitude(above) - x];
    return down < up || (down === up && below % 2 === 0) ? below : above;
  };
  const check = (x: number): void => {
    const sign = Object.is(Math.sign(x), -0) || x < 0 ? 0x8000 : 0;
    const half = encode(Float32Array.of(x))[0];
    const quiet = sign | infinity | (1 << (f - 1));
    expect(half & 0x7fff).toBe(Number.isNaN(x) ? quiet & 0x7fff : nearest(Math.abs(x)));
    expect(Number.isNaN(x) ? sign : half & 0x8000).toBe(sign);
    expect(decode(Uint16Array.of(half))[0]).toBe(value(half, e, f));
  };
  fc.assert(fc.property(fc.float(), check), { numRuns: 500 });
  // Every tie near the patterns' values, and the float32 on each side of it.
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0x7bff }),
      fc.integer({ min: -1, max: 1 }),
      fc.boolean(),
      (half, ulp, negative) => {
        const tie = Float32Array.of((value(half, e, f) + value(half + 1, e, f)) / 2);
        if (!Number.isFinite(tie[0])) return;
        const bits = new Uint32Array(tie.buffer);
        bits[0] = bits[0] + ulp;
        check(negative ? -tie[0] : tie[0]);
      },
    ),
    { numRuns: 500 },
  );
});

test('known patterns', () => {
  const f16 = [1 / 3, 65504, 65519.99609375, 65520, 2 ** -24, 2 ** -25, 1.5 * 2 ** -24, -0, NaN];
  expect([...encodeF16(Float32Array.from(f16))]).toEqual([0x3555, 0x7bff, 0x7bff, 0x7c00, 1, 0, 2, 0x8000, 0x7e00]);
  expect([...encodeBf16(Float32Array.of(1, Math.PI, -2, 3.4028234663852886e38, NaN))]).toEqual([
    0x3f80, 0x4049, 0xc000, 0x7f80, 0x7fc0,
  ]);
});

test('a NaN whose payload is cut away is one still, and keeps its sign', () => {
  const nan = new Float32Array(Uint32Array.of(0x7f800001, 0xff800001, 0x7fc00001, 0x7f810000, 0xffffe000).buffer);
  expect([...encodeF16(nan)]).toEqual([0x7e00, 0xfe00, 0x7e00, 0x7c08, 0xffff]);
  expect([...encodeBf16(nan)]).toEqual([0x7fc0, 0xffc0, 0x7fc0, 0x7f81, 0xffff]);
});
