import { key, matmul, permute, reshape, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  calculateGain,
  constantOf,
  dirac,
  eye,
  fans,
  type Initialiser,
  initialiserReasons,
  kaimingNormal,
  kaimingUniform,
  lecunNormal,
  lecunUniform,
  normal,
  ones,
  orthogonal,
  truncatedNormal,
  uniform,
  xavierNormal,
  xavierUniform,
  zeros,
} from './index.js';

const values = (t: Tensor): number[] => Array.from(t.dataSync());
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const deviation = (list: readonly number[]): number => Math.sqrt(mean(list.map((v) => v * v)) - mean(list) ** 2);
const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};

describe('C16: fans', () => {
  test('of matrices and kernels', () => {
    expect(fans([10, 20])).toEqual({ fanIn: 20, fanOut: 10 });
    expect(fans([8, 4, 3])).toEqual({ fanIn: 12, fanOut: 24 });
    expect(fans([5, 8, 2, 4])).toEqual({ fanIn: 64, fanOut: 40 });
  });

  test('groups: an input reaches the outputs of its own group', () => {
    expect(fans([32, 1, 3, 3], { groups: 32 })).toEqual({ fanIn: 9, fanOut: 9 });
    expect(fans([8, 2, 3, 3], { groups: 4 })).toEqual({ fanIn: 18, fanOut: 18 });
    expect(fans([8, 2, 5], { groups: 2 })).toEqual({ fanIn: 10, fanOut: 20 });
  });

  test('transposed kernels have their inputs first', () => {
    expect(fans([4, 6, 3, 3], { transposed: true })).toEqual({ fanIn: 36, fanOut: 54 });
    expect(fans([4, 3, 3, 3], { transposed: true, groups: 2 })).toEqual({ fanIn: 18, fanOut: 27 });
  });

  test('what has no fans is refused', () => {
    expect(message(() => fans([5]))).toBe(
      'fans: a weight has at least two axes, [out, in, ...kernel]; received shape [5]',
    );
    for (const groups of [4, -2, 1.5])
      expect(message(() => fans([6, 2, 3], { groups }))).toBe(
        `fans: groups must divide the 6 entries of the first axis, received ${groups}`,
      );
    expect(message(() => fans([6, 2], { group: 2 } as any))).toMatch(
      /^fans: unknown option 'group'; did you mean 'groups'/,
    );
    expect(message(() => fans([-1, 2]))).toMatch(/^fans: /);
  });
});

test('gains are those of PyTorch', () => {
  expect(calculateGain('linear')).toBe(1);
  expect(calculateGain('sigmoid')).toBe(1);
  expect(calculateGain('tanh')).toBeCloseTo(1.6666666666666667, 15);
  expect(calculateGain('relu')).toBe(Math.SQRT2);
  expect(calculateGain('leakyRelu')).toBeCloseTo(Math.sqrt(2 / 1.0001), 15);
  expect(calculateGain('leakyRelu', 0.2)).toBeCloseTo(1.3867504905630728, 15);
  expect(calculateGain('selu')).toBe(0.75);
  expect(message(() => calculateGain('rleu' as any))).toBe(
    "calculateGain: unknown nonlinearity 'rleu'; did you mean 'relu'? (there are linear, sigmoid, tanh, relu, leakyRelu, selu)",
  );
  expect(message(() => calculateGain('toString' as any))).toBe(
    "calculateGain: unknown nonlinearity 'toString' (there are linear, sigmoid, tanh, relu, leakyRelu, selu)",
  );
  expect(message(() => calculateGain('leakyRelu', NaN))).toBe(
    'calculateGain: the slope a must be a finite number, received NaN',
  );
});

/**
 * Mean and standard deviation of n draws lie within five standard errors: σ/√n, and for the deviation at most σ/√(2n) for a
 * normal distribution, less for a uniform one. The keys are fixed, so a law that holds goes on holding.
 */
function spread(
  init: Initialiser,
  shape: readonly number[],
  std: number,
  bound: number,
  options?: Parameters<Initialiser>[2],
): string[] {
  const drawn = values(init(key(5), shape, options));
  const n = drawn.length;
  const largest = Math.max(...drawn.map(Math.abs));
  const least = bound < 2.4 * std ? 0.99 * bound : 2.5 * std;
  const wrong = [
    Math.abs(mean(drawn)) < (5 * std) / Math.sqrt(n) ? '' : `mean ${mean(drawn)}`,
    Math.abs(deviation(drawn) / std - 1) < 5 / Math.sqrt(2 * n) ? '' : `deviation ${deviation(drawn)}, not ${std}`,
    largest <= Math.fround(bound) && largest > least ? '' : `largest ${largest}, bound ${bound}`,
  ];
  return wrong.filter((text) => text !== '');
}

describe('O7: spread of what is drawn', () => {
  const wide = [80, 60, 3, 3];
  // Figures of PyTorch 2.13 where it has them: nn.init of these shapes.
  test('uniform and normal', () => {
    expect(spread(uniform({ low: -3, high: 3 }), wide, Math.sqrt(3), 3)).toEqual([]);
    expect(spread(normal({ std: 0.02 }), wide, 0.02, 6.5 * 0.02)).toEqual([]);
    expect(mean(values(normal({ mean: 4 })(key(1), [100, 100])))).toBeCloseTo(4, 1);
    expect(values(uniform()(key(1), [1000])).every((v) => v >= 0 && v < 1)).toBe(true);
  });

  test('Kaiming', () => {
    const bound = (gain: number, fan: number): number => gain * Math.sqrt(3 / fan);
    expect(spread(kaimingUniform(), wide, Math.SQRT2 / Math.sqrt(540), bound(Math.SQRT2, 540))).toEqual([]);
    expect(spread(kaimingUniform({ a: Math.sqrt(5) }), wide, 1 / Math.sqrt(3 * 540), 1 / Math.sqrt(540))).toEqual([]);
    expect(
      spread(kaimingUniform({ mode: 'fanOut', nonlinearity: 'tanh' }), wide, 5 / 3 / Math.sqrt(720), bound(5 / 3, 720)),
    ).toEqual([]);
    expect(spread(kaimingNormal({ nonlinearity: 'relu' }), wide, Math.SQRT2 / Math.sqrt(540), 1)).toEqual([]);
    expect(spread(kaimingNormal({ a: 0.2 }), [400, 100], 1.3867504905630728 / 10, 1)).toEqual([]);
    expect(
      spread(kaimingNormal({ mode: 'fanOut' }), [96, 30, 5], Math.SQRT2 / Math.sqrt(160), 1, { groups: 3 }),
    ).toEqual([]);
  });

  test('Xavier', () => {
    expect(spread(xavierUniform(), wide, Math.sqrt(2 / 1260), Math.sqrt(6 / 1260))).toEqual([]);
    expect(
      spread(xavierUniform({ gain: 5 / 3 }), wide, (5 / 3) * Math.sqrt(2 / 1260), (5 / 3) * Math.sqrt(6 / 1260)),
    ).toEqual([]);
    expect(spread(xavierNormal(), [300, 200], Math.sqrt(2 / 500), 1)).toEqual([]);
    expect(spread(xavierNormal(), [30, 40, 5, 5], Math.sqrt(2 / 1750), 1, { transposed: true })).toEqual([]);
  });

  test('LeCun', () => {
    expect(spread(lecunUniform, wide, 1 / Math.sqrt(540), Math.sqrt(3 / 540))).toEqual([]);
    expect(spread(lecunNormal, wide, 1 / Math.sqrt(540), 1)).toEqual([]);
  });

  test('truncated normal: bounds are values, and the deviation is that of what is left', () => {
    // Var(z | |z| ≤ 2) = 1 − 4 φ(2) / (2 Φ(2) − 1) = 0.7737
    expect(spread(truncatedNormal(), wide, Math.sqrt(0.773741), 2)).toEqual([]);
    const cut = values(truncatedNormal({ mean: 1, std: 0.5, low: 1, high: 1.25 })(key(2), [4000]));
    expect(cut.every((v) => v >= 1 && v <= 1.25)).toBe(true);
    // E(z | 0 ≤ z ≤ ½) = (φ(0) − φ(½)) / (Φ(½) − Φ(0)) = 0.2448
    expect(mean(cut)).toBeCloseTo(1 + 0.5 * 0.2448, 2);
    const both = values(truncatedNormal({ mean: 1, std: 0.5, low: 0.75, high: 1.25 })(key(2), [4000]));
    expect(Math.min(...both)).toBeCloseTo(0.75, 2);
    expect(Math.max(...both)).toBeCloseTo(1.25, 2);
  });
});

test('the same key gives the same numbers, another key others', () => {
  for (const init of [
    uniform(),
    normal(),
    truncatedNormal(),
    kaimingUniform(),
    kaimingNormal(),
    xavierUniform(),
    xavierNormal(),
    lecunUniform,
    lecunNormal,
    orthogonal(),
  ]) {
    expect(values(init(key(1), [3, 4]))).toEqual(values(init(key(1), [3, 4])));
    expect(values(init(key(1), [3, 4]))).not.toEqual(values(init(key(2), [3, 4])));
    expect(init(key(1), [3, 4]).dtype).toBe('float32');
  }
});

describe('orthogonal', () => {
  const gram = (q: Tensor, rows: boolean): Tensor =>
    rows ? matmul(q, permute(q, [1, 0])) : matmul(permute(q, [1, 0]), q);
  for (const [name, shape] of [
    ['wide', [4, 9]],
    ['tall', [9, 4]],
    ['square', [6, 6]],
    ['kernel', [4, 2, 3, 3]],
  ] as const) {
    test(`O7: ${name}: q qᵀ = gain² I`, () => {
      const q = reshape(orthogonal({ gain: 2 })(key(3), shape), [shape[0], shape.slice(1).reduce((a, b) => a * b, 1)]);
      const product = gram(q, q.shape[0]! <= q.shape[1]!).toArray() as number[][];
      product.forEach((row, i) => row.forEach((v, j) => expect(v).toBeCloseTo(i === j ? 4 : 0, 5)));
    });
  }

  test('both signs of the determinant occur: rotations and reflections', () => {
    const signs = Array.from({ length: 20 }, (_, i) => {
      const [a, b, c, d] = values(orthogonal()(key(i), [2, 2])) as [number, number, number, number];
      return Math.sign(a * d - b * c);
    });
    expect(new Set(signs)).toEqual(new Set([1, -1]));
  });
});

test('fixed values', () => {
  expect(values(zeros(key(0), [2, 2]))).toEqual([0, 0, 0, 0]);
  expect(values(ones(key(0), [3]))).toEqual([1, 1, 1]);
  expect(values(constantOf(0.25)(key(0), [2]))).toEqual([0.25, 0.25]);
  expect(eye(key(0), [2, 3]).toArray()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ]);
});

test('dirac: the middle of the kernel, within each group, as far as there are inputs', () => {
  expect(dirac(key(0), [3, 2, 3]).toArray()).toEqual([
    [
      [0, 1, 0],
      [0, 0, 0],
    ],
    [
      [0, 0, 0],
      [0, 1, 0],
    ],
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
  ]);
  expect(dirac(key(0), [4, 2, 1], { groups: 2 }).toArray()).toEqual([
    [[1], [0]],
    [[0], [1]],
    [[1], [0]],
    [[0], [1]],
  ]);
  expect(dirac(key(0), [1, 1, 2, 3]).toArray()).toEqual([
    [
      [
        [0, 0, 0],
        [0, 1, 0],
      ],
    ],
  ]);
  expect(dirac(key(0), [3, 1, 1]).toArray()).toEqual([[[1]], [[0]], [[0]]]);
  for (const [shape, groups] of [
    [[3, 3], 1],
    [[4, 2, 1], -2],
    [[4, 2, 1], 3],
    [[4, 2, 1], 0.5],
  ] as const)
    expect(message(() => dirac(key(0), shape, { groups }))).toBe(
      `dirac: the shape is [out, in / groups, ...kernel] and groups divide out; received shape [${shape.join(', ')}], groups ${groups}`,
    );
  expect(message(() => dirac(key(0), [3, -1, 3]))).toMatch(/^dirac: /);
});

test('options are checked where an initialiser is made', () => {
  expect(message(() => uniform({ min: 0 } as any))).toMatch(/^uniform: unknown option 'min'/);
  for (const [low, high] of [
    [2, 1],
    [0, Infinity],
    [-Infinity, 0],
  ] as const)
    expect(message(() => uniform({ low, high }))).toBe(
      `uniform: low and high are finite and low ≤ high; received ${low} and ${high}`,
    );
  expect(values(uniform({ low: 2, high: 2 })(key(0), [2]))).toEqual([2, 2]);
  for (const [mean, std] of [
    [0, -1],
    [0, Infinity],
    [NaN, 1],
  ] as const)
    expect(message(() => normal({ mean, std }))).toBe(
      `normal: mean is finite, std finite and not negative; received ${mean} and ${std}`,
    );
  expect(message(() => normal({ sdt: 1 } as any))).toMatch(/^normal: unknown option 'sdt'/);
  expect(message(() => truncatedNormal({ low: 1, high: 1 }))).toBe(
    'truncatedNormal: low is below high and std above 0; received low 1, high 1, std 1',
  );
  expect(message(() => truncatedNormal({ std: 0 }))).toMatch(/std above 0/);
  expect(message(() => truncatedNormal({ mean: NaN }))).toMatch(/^truncatedNormal: mean is finite/);
  expect(message(() => truncatedNormal({ lo: 1 } as any))).toMatch(/^truncatedNormal: unknown option 'lo'/);
  expect(message(() => kaimingUniform({ mode: 'fan' as any }))).toBe(
    "kaimingUniform: mode is 'fanIn' or 'fanOut', received 'fan'",
  );
  expect(message(() => kaimingNormal({ nonlinearity: 'abc' as any }))).toMatch(/unknown nonlinearity 'abc'/);
  for (const gain of [NaN, Infinity, -1])
    expect(message(() => xavierUniform({ gain }))).toBe(
      `xavierUniform: gain is finite and not negative, received ${gain}`,
    );
  expect(values(xavierUniform({ gain: 0 })(key(0), [1, 2])).map(Math.abs)).toEqual([0, 0]);
  for (const [name, make] of Object.entries({ xavierUniform, xavierNormal, kaimingUniform, kaimingNormal }))
    expect(message(() => make({ fan: 1 } as any))).toMatch(`${name}: unknown option 'fan'`);
  expect(message(() => xavierNormal()(key(0), [3]))).toMatch(/^fans: a weight has at least two axes/);
  expect(message(() => orthogonal({ gain: Infinity }))).toMatch(/^orthogonal: gain must be a finite number/);
  expect(message(() => orthogonal({ gian: 1 } as any))).toMatch(/^orthogonal: unknown option 'gian'/);
  expect(message(() => orthogonal()(key(0), [3]))).toMatch(/^orthogonal: the shape has at least two axes/);
  expect(message(() => eye(key(0), [1, 2, 3]))).toBe('eye: the shape has two axes, received [1, 2, 3]');
  expect(message(() => constantOf('1' as any))).toBe('constantOf: expected a number, received string');
  expect(initialiserReasons({ weight: zeros, bias: undefined, other: 3 })).toEqual([
    'other must be an initialiser, a function of key and shape, received 3',
  ]);
});
