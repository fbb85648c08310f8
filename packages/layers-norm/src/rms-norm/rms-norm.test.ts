import { vjp } from '@lemmata/autograd';
import { key, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { rmsNorm, rmsNormLayer } from './index.js';

const values = (t: Tensor): number[] => [...t.dataSync()];

describe('rmsNorm', () => {
  test('the mean is not taken off', () => {
    const y = values(rmsNorm(tensor([[3, 3, 3, 3]], { dtype: 'float64' }), 4));
    y.forEach((v) => expect(v).toBeCloseTo(1, 14));
  });

  test('eps null is the machine epsilon of the dtype', () => {
    const x = (dtype: 'float32' | 'float64'): Tensor => tensor([[1e-4, -1e-4]], { dtype });
    const machine = { float32: 1.1920928955078125e-7, float64: 2.220446049250313e-16 };
    for (const dtype of ['float32', 'float64'] as const) {
      const implied = values(rmsNorm(x(dtype), 2));
      expect(implied).toEqual(values(rmsNorm(x(dtype), 2, null, { eps: machine[dtype] })));
      expect(implied).toEqual(values(rmsNorm(x(dtype), 2, null, { eps: null })));
      expect(implied[0]).toBeCloseTo(1e-4 / Math.sqrt(1e-8 + machine[dtype]), 5);
    }
  });

  test('N7: a row of zeros gives zeros and a finite gradient', () => {
    const { value, pullback } = vjp((x: Tensor) => rmsNorm(x, 2, null, { eps: 1e-4 }), zeros([1, 2], 'float64'));
    expect(values(value)).toEqual([0, 0]);
    const [gradient] = pullback(tensor([[1, -2]], { dtype: 'float64' }));
    [100, -200].forEach((v, i) => expect(values(gradient)[i]).toBeCloseTo(v, 9));
  });

  test('N8: elements beyond 10¹⁹ overflow float32, and give 0', () => {
    expect(values(rmsNorm(tensor([[1e30, 1e30]]), 2))).toEqual([0, 0]);
  });

  test('N9: a row of one element is its sign', () => {
    expect(values(rmsNorm(tensor([[-4], [0], [9]], { dtype: 'float64' }), 1)).map(Math.round)).toEqual([-1, 0, 1]);
  });

  test('a batch of nothing gives nothing', () => {
    expect(rmsNorm(zeros([0, 4]), 4).shape).toEqual([0, 4]);
  });

  test('what it refuses', () => {
    const x = zeros([2, 3]);
    expect(() => rmsNorm(x, [])).toThrow('rmsNorm: normalizedShape must be the sizes of the last axes of x');
    expect(() => rmsNorm(x, [2, 2])).toThrow('normalizedShape, [2, 2] (received [2, 3])');
    expect(() => rmsNorm(x, 3, zeros([1, 3]))).toThrow(
      'weight must have normalizedShape (received [1, 3], expected [3])',
    );
    expect(() => rmsNorm(x, 3, null, { eps: NaN })).toThrow(
      'rmsNorm: eps must be a finite number or null, received NaN',
    );
    expect(() => rmsNorm(x, 3, null, { bias: true } as never)).toThrow("unknown option 'bias'");
  });
});

describe('rmsNormLayer', () => {
  test('the only parameter is weight', () => {
    expect(Object.keys(toRecord(rmsNormLayer().init(key(0), [2, 3]).params))).toEqual(['weight']);
    expect(toRecord(rmsNormLayer({ affine: false }).init(key(0), [2, 3]).params)).toEqual({});
  });

  test('what it refuses', () => {
    expect(() => rmsNormLayer({ eps: 0 })).toThrow('rmsNormLayer: eps must be a finite number above 0, received 0');
    expect(() => rmsNormLayer().init(key(0), [])).toThrow('rmsNorm: the input has at least one axis besides the batch');
  });
});
