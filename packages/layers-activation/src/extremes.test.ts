import { grad, vjp } from '@lemmata/autograd';
import { key, ones, sum, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  celu,
  elu,
  eluLayer,
  gelu,
  geluLayer,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  leakyReluLayer,
  logSoftmax,
  logSoftmaxLayer,
  maxout,
  maxoutLayer,
  mish,
  prelu,
  preluLayer,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softmaxLayer,
  softplus,
  softplusLayer,
  softsign,
  tanh,
} from './index.js';

/** Values and derivatives, of an upstream gradient of ones. */
function look(
  f: (x: Tensor) => Tensor,
  values: readonly number[],
  dtype: 'float32' | 'float64' = 'float64',
): [number[], number[]] {
  const x = tensor(values, { dtype });
  const { value, pullback } = vjp(f, x);
  return [Array.from(value.dataSync()), Array.from(pullback(ones(value.shape, dtype))[0].dataSync())];
}
const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};

const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  relu,
  sigmoid,
  tanh,
  elu,
  selu,
  gelu,
  silu,
  mish,
  hardsigmoid,
  hardswish,
  relu6,
  softplus,
  celu: (x) => celu(x),
  hardtanh: (x) => hardtanh(x),
  leakyRelu: (x) => leakyRelu(x),
  'elu, alpha 2': (x) => elu(x, { alpha: 2 }),
  'gelu, tanh': (x) => gelu(x, { approximate: 'tanh' }),
  'softplus, beta 5': (x) => softplus(x, { beta: 5 }),
  prelu: (x) => prelu(x, tensor(0.25, { dtype: x.dtype })),
};
/** Of those that have one but the line y = x: what they tend to at the far left. */
const left: Readonly<Record<string, number>> = {
  tanh: -1,
  hardtanh: -1,
  elu: -1,
  celu: -1,
  selu: -1.7580993408473766,
  'elu, alpha 2': -2,
};
/** Slopes at the far left, and limits at the far right where they are not the input itself. */
const slopes: Readonly<Record<string, number>> = { leakyRelu: 0.01, prelu: 0.25 };
const right: Readonly<Record<string, number>> = { sigmoid: 1, hardsigmoid: 1, tanh: 1, hardtanh: 1, relu6: 6 };

describe('E6: value and derivative are finite and right far out', () => {
  for (const [name, f] of Object.entries(functions)) {
    for (const [dtype, far] of [
      ['float32', 1e30],
      ['float64', 1e300],
    ] as const) {
      test(`${name}, ${dtype}`, () => {
        const xs = [-far, -1000, 1000, far].map((v) => (dtype === 'float32' ? Math.fround(v) : v));
        const [y, dy] = look(f, xs, dtype);
        const slope = slopes[name] ?? 0;
        const scale = name === 'selu' ? 1.0507009873554805 : 1;
        const digits = dtype === 'float32' ? 6 : 12;
        xs.forEach((x, i) => {
          const value = x < 0 ? (left[name] ?? slope * x) : (right[name] ?? scale * x);
          const derivative = x < 0 ? slope : name in right ? 0 : scale;
          expect(y[i] / (value === 0 ? 1 : value)).toBeCloseTo(value === 0 ? 0 : 1, digits);
          expect(dy[i]).toBeCloseTo(derivative, digits);
        });
      });
    }
  }

  test('a large upstream gradient meets the derivative, and not x first: x · s(x) does not overflow', () => {
    const x = tensor([-1e30, 1e30], { dtype: 'float32' });
    for (const f of [silu, mish, gelu, hardswish]) {
      const upstream = tensor([1e10, 1e10], { dtype: 'float32' });
      const [gradient] = vjp(f, x).pullback(upstream);
      expect(Array.from(gradient.dataSync(), (g) => g + 0)).toEqual([0, Math.fround(1e10)]);
    }
  });

  test('tails keep their digits', () => {
    // Figures to 40 digits by mpmath.
    expect(look(gelu, [-8])[0][0] / -4.976768459417427e-15).toBeCloseTo(1, 12);
    expect(look(gelu, [-30])[0][0] / -1.472014178144456e-196).toBeCloseTo(1, 10);
    expect(look((x) => gelu(x, { approximate: 'tanh' }), [-6])[0][0] / -8.43964670076223e-11).toBeCloseTo(1, 9);
    expect(look(softplus, [-40])[0][0] / Math.exp(-40)).toBeCloseTo(1, 12);
    expect(look(elu, [-1e-20])[0][0]).toBe(-1e-20);
    for (const x of [-1e6, 700])
      expect(look(softsign, [x], 'float32')[1][0] * (1 + Math.abs(x)) ** 2).toBeCloseTo(1, 6);
  });

  test('softplus(100), and with beta 5', () => {
    expect(look(softplus, [100])).toEqual([[100], [1]]);
    expect(look((x) => softplus(x, { beta: 5 }), [100])).toEqual([[100], [1]]);
  });
});

describe('conventions', () => {
  test('E2: derivatives at kinks are those of PyTorch', () => {
    expect(look(relu, [0])[1]).toEqual([0]);
    expect(look(leakyRelu, [0])[1]).toEqual([0.01]);
    expect(look((x) => prelu(x, tensor(0.25, { dtype: 'float64' })), [0])[1]).toEqual([0.25]);
    expect(look((x) => elu(x, { alpha: 3 }), [0])[1]).toEqual([3]);
    expect(look(selu, [0])[1][0]).toBeCloseTo(1.7580993408473766, 14);
    expect(look(hardswish, [-3, 3])[1]).toEqual([0, 1]);
    expect(look(hardsigmoid, [-3, 3])[1]).toEqual([0, 0]);
    expect(look((x) => hardtanh(x), [-1, 1])[1]).toEqual([0, 0]);
    expect(look(relu6, [0, 6])[1]).toEqual([0, 0]);
    expect(look((x) => celu(x, { alpha: 3 }), [0])[1]).toEqual([1]);
    expect(look((x) => maxout(x, { pieces: 3, axis: 0 }), [2, 2, 2])[1]).toEqual([1, 0, 0]);
  });

  test('E2: second derivatives at 0 are those of the left side, where PyTorch has 0', () => {
    const first = (f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => grad((x: Tensor) => sum(f(x)));
    expect(
      look(
        first((x) => elu(x, { alpha: 3 })),
        [0],
      )[1],
    ).toEqual([3]);
    expect(
      look(
        first((x) => celu(x, { alpha: 2 })),
        [0],
      )[1],
    ).toEqual([0.5]);
    expect(look(first(selu), [0])[1][0]).toBeCloseTo(1.7580993408473766, 14);
  });

  test('E6: sigmoid and tanh level off where their rounded values do', () => {
    expect(look(sigmoid, [17.2, 17.4], 'float32')[1].map((d) => d > 0)).toEqual([true, false]);
    expect(look(tanh, [8.9, 9.1], 'float32')[1].map((d) => d > 0)).toEqual([true, false]);
    expect(look(sigmoid, [36.7, 36.8])[1].map((d) => d > 0)).toEqual([true, false]);
  });

  test('NaN stays NaN', () => {
    for (const f of Object.values(functions)) expect(look(f, [NaN, 0])[0][0]).toBeNaN();
    expect(look((x) => maxout(x, { pieces: 2, axis: 0 }), [NaN, 1])[0]).toEqual([NaN]);
  });

  test('E5: softmax far out, and of rows that have none', () => {
    expect(look((x) => softmax(x, 0), [-5.204, 7.8325])[0][0]).toBeCloseTo(2.1793101432096e-6, 15);
    expect(look((x) => logSoftmax(x, 0), [1000, 0])[0]).toEqual([0, -1000]);
    expect(look((x) => softmax(x, 0), [-Infinity, -Infinity])[0]).toEqual([NaN, NaN]);
    expect(look((x) => softmax(x, 0), [-Infinity, 0])[0]).toEqual([0, 1]);
  });

  test('leaky ReLU with the slope 0.1 is max(0.1x, x)', () => {
    expect(look((x) => leakyRelu(x, { negativeSlope: 0.1 }), [-10, -1, 0, 5])[0]).toEqual([-1, -0.1, 0, 5]);
  });

  test('integers compute as float32, but relu keeps them', () => {
    const x = tensor([-2, 3], { dtype: 'int32' });
    expect(relu(x).dtype).toBe('int32');
    expect(relu(x).toArray()).toEqual([0, 3]);
    expect(elu(x).dtype).toBe('float32');
    expect(leakyRelu(x).dtype).toBe('float32');
  });

  test('prelu of no channels, and of a single number', () => {
    expect(prelu(ones([1, 0, 3]), tensor(0.5)).shape).toEqual([1, 0, 3]);
    expect(prelu(tensor(-2), tensor([0.5])).toArray()).toBe(-1);
  });
});

test('options are checked, by the function and by the layer', () => {
  const x = tensor([1]);
  expect(message(() => leakyRelu(x, { slope: 0.1 } as any))).toBe(
    "leakyRelu: unknown option 'slope' (it takes negativeSlope)",
  );
  expect(message(() => leakyReluLayer({ negativeSlope: NaN }))).toBe(
    'leakyReluLayer: negativeSlope must be a finite number, received NaN',
  );
  expect(message(() => elu(x, { alpha: '1' as any }))).toBe("elu: alpha must be a finite number, received '1'");
  expect(message(() => eluLayer({ aplha: 1 } as any))).toMatch(/unknown option 'aplha'; did you mean 'alpha'/);
  expect(message(() => softplus(x, { beta: 0 }))).toBe('softplus: beta must not be 0');
  expect(message(() => softplusLayer({ treshold: 1 } as any))).toMatch(/did you mean 'threshold'/);
  expect(message(() => gelu(x, { approximate: 'erf' as any }))).toBe(
    "gelu: approximate is 'none' or 'tanh', received 'erf'",
  );
  expect(message(() => geluLayer({ approx: 'tanh' } as any))).toMatch(/^geluLayer: unknown option 'approx'/);
  expect(message(() => preluLayer({ numParameters: 0, init: NaN }))).toBe(
    'preluLayer: 2 problems\n  1. numParameters must be a positive integer, received 0\n  2. init must be a finite number, received NaN',
  );
  expect(message(() => maxoutLayer({} as any))).toBe(
    'maxoutLayer: pieces must be a positive integer, received undefined',
  );
  expect(message(() => maxout(x, { pieces: 1, axis: 0.5 }))).toBe('maxout: axis must be an integer, received 0.5');
  expect(message(() => softmaxLayer({ dim: 1 } as any))).toMatch(/^softmaxLayer: unknown option 'dim'/);
  expect(message(() => logSoftmaxLayer({ axis: 1.5 }))).toBe('logSoftmaxLayer: axis must be an integer, received 1.5');
  expect(preluLayer({ numParameters: 3 }).init(key(0), [3, 2]).params.weight.shape).toEqual([3]);
});

test('softmax over channels keeps to a place; over another axis it sees all of it', () => {
  expect(softmaxLayer().window!([3, 4, 5])).toEqual([{ kernel: 1 }, { kernel: 1 }]);
  expect(softmaxLayer({ axis: -3 }).window!([3, 4, 5])).toEqual([{ kernel: 1 }, { kernel: 1 }]);
  expect(logSoftmaxLayer({ axis: 2 }).window!([3, 4, 5])).toBeNull();
});
