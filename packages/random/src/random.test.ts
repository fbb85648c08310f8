import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  bernoulli,
  bits,
  bounded,
  fillBernoulli,
  fillBits,
  fillNormal,
  fillRandint,
  fillUniform,
  foldIn,
  type Key,
  key,
  normalQuantile,
  open32,
  open52,
  permutation,
  type Range,
  randint,
  split,
  threefry2x32,
  uniform24,
  uniform53,
} from './index.js';

const hex = (words: Iterable<number>) => Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0'));
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const keys: fc.Arbitrary<Key> = fc.tuple(int32, int32);

test('Threefry-2x32-20 gives the known answers of Random123', () => {
  // https://github.com/DEShawResearch/random123/blob/main/tests/kat_vectors
  expect(hex(threefry2x32(0, 0, 0, 0))).toEqual(['6b200159', '99ba4efe']);
  expect(hex(threefry2x32(-1, -1, -1, -1))).toEqual(['1cb996fc', 'bb002be7']);
  expect(hex(threefry2x32(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3))).toEqual(['c4923a9c', '483df7a0']);
});

test('changing one bit of key or counter changes half of the bits', () => {
  let changed = 0;
  const [a, b] = threefry2x32(1, 2, 3, 4);
  for (let bit = 0; bit < 128; bit++) {
    const words = [1, 2, 3, 4];
    words[bit >> 5]! ^= 1 << (bit & 31);
    const [c, d] = threefry2x32(words[0]!, words[1]!, words[2]!, words[3]!);
    for (const difference of [a ^ c, b ^ d])
      changed += hex([difference])
        .join('')
        .split('')
        .reduce((n, digit) => n + [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4][parseInt(digit, 16)]!, 0);
  }
  // 8192 bits, each changed with probability 1/2: standard deviation 45.
  expect(Math.abs(changed - 4096)).toBeLessThan(5 * 45);
});

test('numbers are the same bits for ever', () => {
  const k = key(42);
  expect(k).toEqual([42, 0]);
  expect(key(-1)).toEqual([-1, -1]);
  expect(key(2 ** 40 + 5)).toEqual([5, 256]);
  const f32 = new Float32Array(3);
  const f64 = new Float64Array(3);
  fillUniform(f32, k);
  fillUniform(f64, k);
  const n32 = new Float32Array(3);
  const n64 = new Float64Array(3);
  fillNormal(n32, k);
  fillNormal(n64, k);
  expect({
    bits: hex(bits(k, 4)),
    split: split(k, 2).map(hex),
    fold: hex(foldIn(k, 7)),
    f32: [...f32],
    f64: [...f64],
    n32: [...n32],
    n64: [...n64],
    randint: [...randint(k, 6, -5, 5)],
    permutation: [...permutation(k, 8)],
    bernoulli: [...bernoulli(k, 8, 0.5)],
  }).toEqual({
    bernoulli: [0, 1, 1, 0, 0, 1, 1, 0],
    bits: ['de79f4b9', '4f6cc618', '268fd86c', 'fe251627'],
    f32: [0.8690483570098877, 0.3102535009384155, 0.15063238143920898],
    f64: [0.8690483965743594, 0.1506324111875399, 0.5203206621592672],
    fold: ['e26ae020', 'dab5233f'],
    n32: [1.1219041347503662, -0.4951319098472595, -1.0337249040603638],
    n64: [1.1219041002572074, -1.0337248289638863, 0.050958375463895325],
    permutation: [1, 3, 0, 6, 4, 2, 7, 5],
    randint: [2, -5, -1, 1, 4, 3],
    split: [
      ['71ac4152', '3882444e'],
      ['b1cfe178', '3cdeb744'],
    ],
  });
});

test('different seeds give different keys, and only integers are seeds', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
      fc.pre(a !== b);
      expect(key(a)).not.toEqual(key(b));
      expect(foldIn([1, 2], a)).not.toEqual(foldIn([1, 2], b));
    }),
  );
  for (const bad of [0.5, NaN, Infinity, 2 ** 53, '1', null, undefined]) {
    expect(() => key(bad as number)).toThrow('key: seed must be an integer; received');
    expect(() => foldIn([0, 0], bad as number)).toThrow(RangeError);
  }
  for (const bad of [[1], [1, 2, 3], [0.5, 0], [NaN, 0], [2 ** 31, 0], 5, undefined]) {
    expect(() => foldIn(bad as unknown as Key, 0)).toThrow('foldIn: a key is two int32 words');
    expect(() => bits(bad as unknown as Key, 1)).toThrow(TypeError);
  }
  expect(() => split([0, 0], -1)).toThrow('split: count must be an integer of at least 0; received -1');
});

test('splits, folds and draws of one key share nothing', () => {
  fc.assert(
    fc.property(keys, (k) => {
      const drawn = bits(k, 200);
      const pairs = [
        ...Array.from({ length: 100 }, (_, i) => [drawn[2 * i]! | 0, drawn[2 * i + 1]! | 0]),
        ...split(k, 100),
        ...Array.from({ length: 100 }, (_, i) => foldIn(k, i - 50)),
        k,
      ];
      expect(new Set(pairs.map(String)).size).toBe(301);
    }),
    { numRuns: 20 },
  );
  expect(split([3, 4], 5).slice(0, 2)).toEqual(split([3, 4], 2));
});

test('streams of derived keys are uncorrelated with each other and with their parent', () => {
  const n = 4096;
  const parent = key(1);
  const family = [
    parent,
    ...split(parent, 3),
    ...[0, 1, 2].map((i) => foldIn(parent, i)),
    foldIn(foldIn(parent, 0), 0),
  ];
  const streams = family.map((k) => {
    const out = new Float64Array(n);
    fillUniform(out, k, -1, 1);
    return out;
  });
  for (const [i, a] of streams.entries()) {
    for (const b of streams.slice(i + 1)) {
      const correlation = (3 / n) * a.reduce((sum, x, j) => sum + x * b[j]!, 0);
      // Mean 0, standard deviation 1 / sqrt(n): 5 of them, over 28 pairs, are exceeded once in 60,000 runs.
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(n));
    }
  }
});

const fills: Record<string, (out: Float64Array | Float32Array, k: Key, range?: Range) => void> = {
  uniform: (out, k, range) => fillUniform(out, k, -3, 5, range),
  normal: (out, k, range) => fillNormal(out, k, 1, 2, range),
  bernoulli: (out, k, range) => fillBernoulli(out, k, 0.3, range),
  // Three quarters of all words are accepted, so that discarded words occur.
  randint: (out, k, range) => fillRandint(out, k, 0, 3 * 2 ** 22, range),
};

test('element i depends on key and i alone, however a fill is divided', () => {
  for (const fill of Object.values(fills)) {
    for (const make of [(n: number) => new Float32Array(n), (n: number) => new Float64Array(n)]) {
      fc.assert(
        fc.property(keys, fc.nat(1200), fc.array(fc.nat(1200), { maxLength: 4 }), fc.nat(5), (k, n, cuts, shift) => {
          const whole = make(n);
          fill(whole, k);
          const parts = make(n + shift);
          const edges = [0, ...cuts.filter((cut) => cut < n).sort((a, b) => a - b), n];
          for (let i = 1; i < edges.length; i++) {
            const [first, count] = [edges[i - 1]!, edges[i]! - edges[i - 1]!];
            fill(parts, k, { offset: first + shift, count, first });
          }
          expect(parts.subarray(shift)).toEqual(whole);
          expect([...parts.subarray(0, shift)]).toEqual(new Array(shift).fill(0));
        }),
        { numRuns: 15 },
      );
    }
  }
});

test('a fill writes its range and nothing else', () => {
  const [offset, count] = [7, 600];
  for (const fill of Object.values(fills)) {
    for (const out of [new Float32Array(2000).fill(9), new Float64Array(2000).fill(9)]) {
      fill(out, key(1), { offset, count });
      const around = [...out.subarray(0, offset), ...out.subarray(offset + count)];
      expect(around).toEqual(new Array(around.length).fill(9));
      expect(out.subarray(offset, offset + count)).not.toContain(9);
    }
  }
});

test('bits too do not depend on the division, and are those of the blocks', () => {
  fc.assert(
    fc.property(keys, fc.nat(40), fc.nat(40), (k, first, count) => {
      const out = new Int32Array(count + 2);
      fillBits(out, k, { offset: 1, count, first });
      expect(out.subarray(1, count + 1)).toEqual(Int32Array.from(bits(k, first + count).subarray(first)));
      expect([out[0], out[count + 1]]).toEqual([0, 0]);
      const i = first;
      expect(bits(k, i + 1)[i]).toBe(threefry2x32(k[0], k[1], i >> 1, 0)[i & 1]! >>> 0);
    }),
  );
});

test('streams go on beyond 2^32 elements', () => {
  const far = new Uint32Array(3);
  fillBits(far, key(1), { first: 2 ** 33 - 2 });
  const [a, b] = threefry2x32(1, 0, -1, 0);
  expect([...far]).toEqual([a >>> 0, b >>> 0, threefry2x32(1, 0, 0, 1)[0] >>> 0]);
  expect(bounded(key(1), 2 ** 33, 2 ** 32)).toBe(threefry2x32(1, 0, 0, 2)[0] >>> 0);
  // The last element of a stream.
  fillBits(far, key(1), { first: 2 ** 52 - 1, count: 1 });
  expect(far[0]).toBe(threefry2x32(1, 0, -1, 2 ** 19 - 1)[1] >>> 0);
});

/** The largest distance between the empirical distribution and F, times sqrt(n). */
function kolmogorov(sample: readonly number[], F: (x: number) => number): number {
  const n = sample.length;
  const sorted = [...sample].sort((a, b) => a - b);
  let worst = 0;
  sorted.forEach((x, i) => (worst = Math.max(worst, F(x) - i / n, (i + 1) / n - F(x))));
  return worst * Math.sqrt(n);
}

/** Normal distribution function by its series, a way that shares nothing with the quantile. */
function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

// Keys are fixed, so these tests always give the same result. The bound of 1.95 on the statistic of
// Kolmogorov and Smirnov is exceeded by a right generator once in 1,000 keys, 5 standard errors once in 1.7 million.
const n = 20_000;
for (const make of [(size: number) => new Float32Array(size), (size: number) => new Float64Array(size)]) {
  const kind = make(0).constructor.name;

  test(`uniform numbers in a ${kind}: range, distribution, mean and variance`, () => {
    const out = make(n);
    fillUniform(out, key(5), 2, 6);
    const x = [...out];
    expect(x.every((value) => value >= 2 && value < 6)).toBe(true);
    expect(kolmogorov(x, (value) => (value - 2) / 4)).toBeLessThan(1.95);
    const mean = x.reduce((sum, value) => sum + value, 0) / n;
    // Variance 16 / 12, so the mean's standard error is sqrt(4 / 3 / n); that of the variance is 16 sqrt(1 / 180 / n).
    expect(Math.abs(mean - 4)).toBeLessThan(5 * Math.sqrt(4 / 3 / n));
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    expect(Math.abs(variance - 4 / 3)).toBeLessThan(5 * 16 * Math.sqrt(1 / 180 / n));
  });

  test(`normal numbers in a ${kind}: distribution, mean, variance, skew and tails`, () => {
    const out = make(n);
    fillNormal(out, key(6), 3, 2);
    const z = Array.from(out, (x) => (x - 3) / 2);
    expect(kolmogorov(z, normalCdf)).toBeLessThan(1.95);
    const moment = (k: number) => z.reduce((sum, x) => sum + x ** k, 0) / n;
    // Variances of one draw's powers: 1, 2, 15, 96.
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  });
}

test('neighbouring draws are uncorrelated', () => {
  const out = new Float32Array(n);
  fillNormal(out, key(7));
  for (const lag of [1, 2, 3, 4, 16, 512]) {
    let sum = 0;
    for (let i = 0; i + lag < n; i++) sum += out[i]! * out[i + lag]!;
    expect(Math.abs(sum) / n).toBeLessThan(5 / Math.sqrt(n));
  }
});

test('a uniform number never reaches its upper bound, even where float32 would round to it', () => {
  expect(uniform24(-1)).toBe(1 - 2 ** -24);
  expect(uniform53(-1, -1)).toBe(1 - 2 ** -53);
  expect([uniform24(0), uniform53(0, 0)]).toEqual([0, 0]);
  const hits = new Float32Array(300_000);
  // From 2^24 on float32 holds even numbers only, so that half of the draws round up to the bound.
  fillUniform(hits, key(1), 2 ** 24, 2 ** 24 + 2);
  expect(new Set(hits)).toEqual(new Set([2 ** 24]));
  fillUniform(hits, key(1), -(2 ** -149), 0);
  expect(new Set(hits)).toEqual(new Set([-(2 ** -149)]));
  fillUniform(hits, key(1), -2, -1);
  expect(hits.every((x) => x >= -2 && x < -1)).toBe(true);
  const wide = new Float64Array(1000);
  fillUniform(wide, key(1), 1, 1 + Number.EPSILON);
  expect(new Set(wide)).toEqual(new Set([1]));
});

test('a draw that would round up to the bound becomes the largest number below it', () => {
  for (const [make, top] of [
    [(size: number) => new Float32Array(size), 2 ** 24],
    [(size: number) => new Float64Array(size), 2 ** 53],
  ] as const) {
    const out = make(1000);
    // Between these bounds lies every second integer: a quarter of the draws rounds to the first, the others go to the second.
    fillUniform(out, key(1), top, top + 4);
    expect(new Set(out)).toEqual(new Set([top, top + 2]));
    expect(out.filter((x) => x === top + 2).length).toBeGreaterThan(700);
    fillUniform(out, key(1), -top - 4, -top);
    expect(new Set(out)).toEqual(new Set([-top - 4, -top - 2]));
    fillUniform(out, key(1), 7, 7);
    expect(new Set(out)).toEqual(new Set([7]));
  }
  const least = new Float64Array(100);
  fillUniform(least, key(1), -Number.MIN_VALUE, 0);
  expect(new Set(least)).toEqual(new Set([-Number.MIN_VALUE]));
});

test('bounds of a uniform number must be finite, in order and of finite width', () => {
  const text = 'fillUniform: needs finite bounds with low ≤ high and a finite width; received low = 2, high = 1';
  expect(() => fillUniform(new Float32Array(1), [0, 0], 2, 1)).toThrow(text);
  for (const [low, high] of [
    [NaN, 1],
    [0, NaN],
    [0, Infinity],
    [-Infinity, 0],
    [-3e38, 3e38],
    [0, 1e39],
  ] as const) {
    expect(() => fillUniform(new Float32Array(1), [0, 0], low, high)).toThrow(RangeError);
  }
  expect(() => fillUniform(new Float64Array(1), [0, 0], -1e308, 1e308)).toThrow(RangeError);
  expect(() => fillUniform(new Float32Array(1), [0, 0], -(2 ** 127), 2 ** 127)).toThrow(RangeError);
  fillUniform(new Float32Array(1), [0, 0], 0, (2 - 2 ** -23) * 2 ** 127);
  fillUniform(new Float64Array(1), [0, 0], 0, Number.MAX_VALUE);
});

test('normal numbers are finite at the ends of the bits, and so must be mean and deviation', () => {
  for (const p of [open32(0), open32(-1), open52(0, 0), open52(-1, -1)]) {
    expect(Math.abs(normalQuantile(p))).toBeLessThan(8.3);
  }
  expect(normalQuantile(open32(0))).toBe(-normalQuantile(open32(-1)));
  expect(normalQuantile(open52(0, 0))).toBe(-normalQuantile(open52(-1, -1)));
  const out = new Float32Array(2);
  fillNormal(out, [1, 2], 5, 0);
  expect([...out]).toEqual([5, 5]);
  fillNormal(out, [1, 2], (2 - 2 ** -23) * 2 ** 127, 0);
  expect(out[0]).toBe((2 - 2 ** -23) * 2 ** 127);
  for (const [mean, std] of [
    [NaN, 1],
    [0, NaN],
    [0, -1],
    [Infinity, 1],
    [0, Infinity],
    [0, 1e38],
  ] as const) {
    expect(() => fillNormal(out, [0, 0], mean, std)).toThrow(RangeError);
  }
});

test('the quantile function inverts the distribution function', () => {
  // To 16 digits, from tables.
  expect(normalQuantile(0.5)).toBe(0);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 14);
  expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 13);
  expect(normalQuantile(1e-20)).toBeCloseTo(-9.262340089798409, 13);
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
  for (const bad of [-0.1, 1.1, NaN]) expect(normalQuantile(bad)).toBeNaN();
  for (let i = 1; i < 2000; i++) {
    const p = i / 2000;
    // Both ways carry rounding errors of some 1e-16; the series adds up to a few terms above 1.
    expect(Math.abs(normalCdf(normalQuantile(p)) - p)).toBeLessThan(2e-15);
  }
});

test('E11: Bernoulli draws have their probability, exactly so at 0 and 1', () => {
  expect(bernoulli(key(1), 5000, 0).every((x) => x === 0)).toBe(true);
  expect(bernoulli(key(1), 5000, 1).every((x) => x === 1)).toBe(true);
  const ones = bernoulli(key(8), n, 0.3).reduce((sum, x) => sum + x, 0);
  expect(Math.abs(ones - 0.3 * n)).toBeLessThan(5 * Math.sqrt(0.3 * 0.7 * n));
  // Of equally likely words exactly those below p · 2^32 count.
  const p = bits(key(8), 1)[0]! * 2 ** -32;
  expect([bernoulli(key(8), 1, p)[0], bernoulli(key(8), 1, p + 2 ** -32)[0]]).toEqual([0, 1]);
  for (const bad of [-0.1, 1.1, NaN]) {
    expect(() => bernoulli(key(1), 1, bad)).toThrow(`bernoulli: p must be from 0 to 1; received ${bad}`);
  }
});

/** Pearson's statistic against equal frequencies. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

test('bounded integers are equally likely, also where the range does not divide 2^32', () => {
  const counts = new Array<number>(10).fill(0);
  for (const x of randint(key(9), n, -3, 7)) counts[x + 3]!++;
  // 9 degrees of freedom: 27.9 is exceeded once in 1,000 keys.
  expect(chiSquare(counts)).toBeLessThan(27.9);
  const thirds = [0, 0, 0];
  for (let i = 0; i < n; i++) thirds[Math.floor(bounded(key(10), i, 3 * 2 ** 30) / 2 ** 30)]!++;
  // 2 degrees of freedom: 13.8. Without discarding words the first third would have half of the draws.
  expect(chiSquare(thirds)).toBeLessThan(13.8);
  expect(bounded(key(1), 0, 1)).toBe(0);
});

test('a discarded word is followed by the next of the same element', () => {
  const below = 2 ** 31 + 1;
  const k = key(11);
  for (let i = 0; i < 100; i++) {
    const words = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((attempt) => threefry2x32(k[0], k[1], i, attempt << 21));
    expect(bounded(k, i, below)).toBe(words.map((word) => word >>> 0).find((word) => word < below));
  }
});

test('a word that equals the bound is discarded', () => {
  const k = key(12);
  const word = (i: number, half: 0 | 1, attempt = 0): number => threefry2x32(k[0], k[1], i, attempt << 21)[half]! >>> 0;
  const indices = Array.from({ length: 100 }, (_, i) => i);
  // Above 2^31 nothing but the words below the bound is taken.
  const first = indices.find((i) => word(i, 0) > 2 ** 31 && word(i, 1) < word(i, 0))!;
  expect(bounded(k, first, word(first, 0))).toBe(word(first, 1));
  const second = indices.find((i) => {
    const bound = word(i, 1);
    return bound > 2 ** 31 && word(i, 0) > bound && word(i, 0, 1) < bound;
  })!;
  expect(bounded(k, second, word(second, 1))).toBe(word(second, 0, 1));
});

test('integer ranges, indices and arrays that cannot be are refused', () => {
  expect(() => randint(key(1), 1, 3, 3)).toThrow(
    'randint: needs -2147483648 ≤ low < high ≤ 2147483648; received low = 3, high = 3',
  );
  for (const [low, high] of [
    [0.5, 2],
    [0, NaN],
    [0, 2 ** 31 + 1],
    [-(2 ** 31) - 1, 0],
  ] as const) {
    expect(() => randint(key(1), 1, low, high)).toThrow(RangeError);
  }
  expect(() => fillRandint(new Float32Array(1), key(1), 0, 2 ** 25)).toThrow(RangeError);
  expect([...randint(key(1), 3, -(2 ** 31), 2 ** 31)]).toHaveLength(3);
  for (const below of [0, -1, 0.5, NaN, 2 ** 33]) expect(() => bounded(key(1), 0, below)).toThrow(RangeError);
  for (const index of [-1, 0.5, NaN, 2 ** 52]) expect(() => bounded(key(1), index, 2)).toThrow(RangeError);
  expect(() => fillUniform(new Int32Array(1) as unknown as Float32Array, key(1))).toThrow(
    'fillUniform: writes to Float32Array, Float64Array; received Int32Array',
  );
  expect(() => fillNormal([0] as unknown as Float32Array, key(1))).toThrow('received Array');
  expect(() => fillRandint(new Uint8Array(1) as unknown as Int32Array, key(1), 0, 2)).toThrow(TypeError);
  expect(() => fillBits(new Float32Array(1) as unknown as Int32Array, key(1))).toThrow(TypeError);
});

test('ranges outside the array or the stream, and unknown options, are refused', () => {
  const out = new Float32Array(4);
  const refused: [Range, string][] = [
    [{ offset: 5 }, 'fillUniform: -1 elements from 5 on do not lie within an array of 4'],
    [{ offset: 2, count: 3 }, 'fillUniform: 3 elements from 2 on do not lie within an array of 4'],
    [{ count: 0.5 }, 'fillUniform: 0.5 elements from 0 on'],
    [{ count: NaN }, 'fillUniform: NaN elements from 0 on'],
    [{ offset: -1 }, 'fillUniform: offset must be an integer of at least 0; received -1'],
    [{ first: 0.5 }, 'fillUniform: first must be an integer of at least 0; received 0.5'],
    [{ first: 2 ** 52 }, 'fillUniform: a stream has 2^52 elements'],
    [{ start: 1 } as Range, "fillUniform: unknown option 'start'; a range takes offset, count and first"],
  ];
  for (const [range, text] of refused) expect(() => fillUniform(out, key(1), 0, 1, range)).toThrow(text);
  expect([...out]).toEqual([0, 0, 0, 0]);
});

test('permutations hold every number once, and all orders are equally likely', () => {
  fc.assert(
    fc.property(keys, fc.nat(300), (k, count) => {
      expect([...permutation(k, count)].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    }),
  );
  const orders = new Map<string, number>();
  for (let seed = 0; seed < 12_000; seed++) {
    const order = permutation(key(seed), 4).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(24);
  // 23 degrees of freedom: 49.7 is exceeded once in 1,000 sets of keys.
  expect(chiSquare([...orders.values()])).toBeLessThan(49.7);
  for (const bad of [-1, 0.5, NaN, 2 ** 31 + 1]) expect(() => permutation(key(1), bad)).toThrow(RangeError);
});
