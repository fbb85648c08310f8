import { vjp, valueAndGrad } from '@lemmata/autograd';
import { compile } from '@lemmata/compile';
import { apply, cast, key, mean, mul, square, sum, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import {
  CovarianceRoots,
  decorrelatedBatchNorm,
  decorrelatedBatchNormInference,
  decorrelatedBatchNormLayer,
  type DecorrelatedBatchNormState,
  decorrelatedBatchNormWithStatistics,
} from './index.js';

const values = (t: Tensor): number[] => [...t.dataSync()];
const wave = (count: number, shift = 0): number[] =>
  Array.from({ length: count }, (_, i) => shift + Math.sin(1.7 * i + 0.3 * i * i));
const f64 = (list: number[], shape: number[]): Tensor => tensor(list, { shape, dtype: 'float64' });

describe('decorrelatedBatchNorm', () => {
  test('two channels by hand: covariance [[5, 4], [4, 5]] has the roots 3 and 1', () => {
    // Along (1, 1) the variance is 9, along (1, −1) it is 1.
    const [a, b] = [3, 1];
    const x = f64([a + b, a - b, a - b, a + b, -a + b, -a - b, -a - b, -a + b], [4, 2]);
    const scaled = mul(x, Math.SQRT1_2);
    const { mean: m, covariance, whitening } = decorrelatedBatchNormWithStatistics(scaled, null, null, { eps: 1e-14 });
    for (const v of values(m)) expect(v).toBeCloseTo(0, 15);
    [5, 4, 4, 5].forEach((v, i) => expect(values(covariance)[i]).toBeCloseTo(v, 12));
    // Q diag(1/3, 1) Qᵀ
    [2 / 3, -1 / 3, -1 / 3, 2 / 3].forEach((v, i) => expect(values(whitening)[i]).toBeCloseTo(v, 12));
  });

  test('statistics, and what they are of', () => {
    const x = f64(wave(2 * 4 * 3), [2, 4, 3]);
    const { y, mean: m, covariance, whitening } = decorrelatedBatchNormWithStatistics(x, null, null, { groups: 2 });
    expect([y.shape, m.shape, covariance.shape, whitening.shape]).toEqual([[2, 4, 3], [4], [2, 2, 2], [2, 2, 2]]);
    expect(values(decorrelatedBatchNormInference(x, m, whitening))).toEqual(values(y));
  });

  test('N11: more channels than values, and channels without variance: finite, with finite gradients', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      for (const eps of [1e-3, 1e-5]) {
        const wide = cast(f64(wave(3 * 8, 100), [3, 8]), dtype);
        const constant = cast(zeros([4, 3]), dtype);
        for (const x of [wide, constant]) {
          const { value, pullback } = vjp((t: Tensor) => decorrelatedBatchNorm(t, null, null, { eps }), x);
          const upstream = cast(f64(wave(x.size, 0.5), [...x.shape]), dtype);
          expect(values(value).every(Number.isFinite)).toBe(true);
          expect(values(pullback(upstream)[0]).every(Number.isFinite)).toBe(true);
        }
      }
    }
  });

  test('N14: an eigenvalue that rounding made negative counts as 0', () => {
    // Eigenvalues 2 and −10⁻³: as a covariance in float32 may have, of large values.
    const covariance = f64([0.9995, 1.0005, 1.0005, 0.9995], [1, 2, 2]);
    const [root, inverse] = apply(CovarianceRoots, { eps: 1e-4 }, [covariance]);
    const along = (t: Tensor, sign: number): number => values(t)[0] + sign * values(t)[1];
    expect(along(root, -1)).toBeCloseTo(1e-2, 12);
    expect(along(inverse, -1)).toBeCloseTo(1e2, 8);
    expect(along(inverse, 1)).toBeCloseTo(1 / Math.sqrt(2 + 1e-4), 12);
  });

  test('N6: a large mean costs no digits', () => {
    const x = [0, 1, 2, 3, 4, 5, 6, 7].map((v) => 40000 + ((v * 5) % 8));
    const y = values(decorrelatedBatchNorm(tensor(x, { shape: [4, 2] })));
    const near = values(
      decorrelatedBatchNorm(
        tensor(
          x.map((v) => v - 40000),
          { shape: [4, 2] },
        ),
      ),
    );
    y.forEach((v, i) => expect(v).toBeCloseTo(near[i], 4));
  });

  test('N1: one value per channel has no covariance: training throws', () => {
    expect(() => decorrelatedBatchNorm(zeros([1, 3, 1]))).toThrow(
      'decorrelatedBatchNorm: in training each channel needs more than one value, over batch and space, for its covariance (received 1). ' +
        'Use a larger batch, or inference mode with running statistics.',
    );
    expect(decorrelatedBatchNorm(zeros([1, 3, 2])).shape).toEqual([1, 3, 2]);
  });

  test('NaN in a group stays in that group', () => {
    const x = f64([NaN, 1, 2, 3, 4, 5, 7, 6, 8, 1, 1, 2], [3, 4]);
    const y = values(decorrelatedBatchNorm(x, null, null, { groups: 2 }));
    expect(y.map(Number.isNaN)).toEqual([0, 1, 2].flatMap(() => [true, true, false, false]));
  });

  test('what it refuses', () => {
    const x = zeros([4, 5, 2]);
    expect(() => decorrelatedBatchNorm(x, zeros([4]), null, { groups: 2 })).toThrow(
      [
        'decorrelatedBatchNorm: 2 problems',
        '  1. weight must have one value for each channel of x (received [4], expected [5]).',
        '  2. groups must be a positive integer that divides the 5 channels (received 2).',
        '  shapes: x [4, 5, 2]',
      ].join('\n'),
    );
    expect(() => decorrelatedBatchNorm(x, null, null, { eps: 0 })).toThrow(
      'eps must be a finite number above 0, received 0',
    );
    expect(() => decorrelatedBatchNorm(x, null, null, { group: 1 } as never)).toThrow("did you mean 'groups'?");
    expect(() => decorrelatedBatchNormInference(x, zeros([5]), zeros([2, 2, 2]))).toThrow(
      'whitening must be [groups, d, d] with groups · d the number of channels of x (received [2, 2, 2]).',
    );
    expect(() => decorrelatedBatchNormInference(x, zeros([4]), zeros([1, 5, 5]))).toThrow('mean must have one value');
    expect(() => decorrelatedBatchNormInference(x, zeros([5]), zeros([1, 5, 5], 'float64'))).toThrow(
      'whitening must have the dtype of x',
    );
  });
});

describe('decorrelatedBatchNormLayer', () => {
  test('names and first values', () => {
    const { params, state } = decorrelatedBatchNormLayer({ groups: 2 }).init(key(0), [4, 3]);
    expect(Object.keys(toRecord(params))).toEqual(['weight', 'bias']);
    expect(Object.keys(toRecord(state))).toEqual(['running_mean', 'running_whitening']);
    expect(values(state.running_whitening!)).toEqual([1, 0, 0, 1, 1, 0, 0, 1]);
    expect(toRecord(decorrelatedBatchNormLayer({ trackRunningStats: false, affine: false }).init(key(0), [4]))).toEqual(
      {
        'outputShape.0': 4,
      },
    );
  });

  test('before any training inference is the identity', () => {
    const layer = decorrelatedBatchNormLayer();
    const { params, state } = layer.init(key(0), [3]);
    const x = tensor(wave(6), { shape: [2, 3] });
    expect(values(layer.apply(params, state, x, { train: false })[0])).toEqual(values(x));
  });

  test('a batch of nothing gives nothing, and changes no statistics', () => {
    const layer = decorrelatedBatchNormLayer();
    const { params, state } = layer.init(key(0), [3]);
    const [y, next] = layer.apply(params, state, zeros([0, 3]), { train: true });
    expect(y.shape).toEqual([0, 3]);
    expect(next).toBe(state);
  });

  test('N4: no gradient reaches the loss through the running statistics', () => {
    const layer = decorrelatedBatchNormLayer();
    const { params, state } = layer.init(key(0), [2]);
    const { grads } = valueAndGrad((x: Tensor) => {
      const [, next] = layer.apply(params, state, x, { train: true });
      return sum(square(next.running_whitening!));
    })(tensor(wave(8), { shape: [4, 2] }));
    expect(values(grads)).toEqual(new Array(8).fill(0));
  });

  test('a compiled step carries the statistics, bit for bit as eager code does', () => {
    const layer = decorrelatedBatchNormLayer({ groups: 2 });
    const { params, state } = layer.init(key(0), [4]);
    const step = (s: DecorrelatedBatchNormState, x: Tensor): [DecorrelatedBatchNormState, Tensor] => {
      const { grads, aux } = valueAndGrad((t: Tensor) => {
        const [y, next] = layer.apply(params, s, t, { train: true });
        return [mean(mul(square(y), t)), next] as const;
      })(x);
      return [aux, grads];
    };
    const fast = compile(step, { donate: 1 });
    let [a, b] = [state, layer.init(key(0), [4]).state];
    for (let i = 0; i < 3; i++) {
      const x = tensor(wave(24, i), { shape: [6, 4] });
      const [[nextA, gradA], [nextB, gradB]] = [step(a, x), fast(b, x)];
      expect(values(gradB)).toEqual(values(gradA));
      [a, b] = [nextA, nextB];
      for (const name of ['running_mean', 'running_whitening'] as const)
        expect(values(b[name]!)).toEqual(values(a[name]!));
    }
  });

  test('what it refuses', () => {
    expect(() => decorrelatedBatchNormLayer({ groups: 0, eps: 0, momentum: Infinity })).toThrow(
      [
        'decorrelatedBatchNormLayer: 3 problems',
        '  1. groups must be a positive integer, received 0',
        '  2. eps must be a finite number above 0, received 0',
        '  3. momentum must be a finite number, or null, received Infinity',
      ].join('\n'),
    );
    const layer = decorrelatedBatchNormLayer({ affine: false, groups: 2 });
    const { state } = layer.init(key(0), [2]);
    expect(() => layer.apply({}, state, zeros([3, 4]), { train: true })).toThrow(
      [
        'decorrelatedBatchNorm: 2 problems',
        '  1. running_mean must have one value for each channel of x (received [2], expected [4]).',
        '  2. whitening must be [groups, d, d] with groups · d the number of channels of x (received [2, 1, 1]).',
      ].join('\n'),
    );
  });
});
