import { vjp } from '@lemmata/autograd';
import { key, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { layerNorm, layerNormLayer } from './index.js';

const values = (t: Tensor): number[] => [...t.dataSync()];

describe('layerNorm', () => {
  test('N6: a large mean costs no digits', () => {
    const y = values(layerNorm(tensor([[40000, 40001, 40002, 40003]]), 4));
    [-1.34164, -0.44721, 0.44721, 1.34164].forEach((v, i) => expect(y[i]).toBeCloseTo(v, 4));
  });

  test('N7: without variance the output is the bias and the gradient finite', () => {
    const x = tensor([[3, 3]], { dtype: 'float64' });
    const { value, pullback } = vjp((t: Tensor) => layerNorm(t, 2, null, tensor([5, 6], { dtype: 'float64' })), x);
    expect(values(value)).toEqual([5, 6]);
    const [gradient] = pullback(tensor([[1, -1]], { dtype: 'float64' }));
    [1, -1].forEach((u, i) => expect(values(gradient)[i]).toBeCloseTo(u / Math.sqrt(1e-5), 9));
  });

  test('N8: deviations beyond 10¹⁹ overflow float32, and give 0', () => {
    expect(values(layerNorm(tensor([[-1e30, 1e30]]), 2)).map(Math.abs)).toEqual([0, 0]);
  });

  test('N9: a row of one element gives the bias', () => {
    const [weight, bias] = [tensor([3]), tensor([7])];
    expect(values(layerNorm(tensor([[1], [2]]), 1, weight, bias))).toEqual([7, 7]);
  });

  test('a number is the last axis; a vector is one row', () => {
    const x = tensor([1, 2, 4, 8, 16, 32], { shape: [2, 3], dtype: 'float64' });
    expect(values(layerNorm(x, 3))).toEqual(values(layerNorm(x, [3])));
    const row = tensor([1, 2, 4], { dtype: 'float64' });
    expect(values(layerNorm(row, 3))).toEqual(values(layerNorm(x, 3)).slice(0, 3));
  });

  test('a batch of nothing gives nothing', () => {
    expect(layerNorm(zeros([0, 4]), 4).shape).toEqual([0, 4]);
  });

  test('what it refuses', () => {
    const x = zeros([2, 3]);
    expect(() => layerNorm(x, [])).toThrow(
      'layerNorm: normalizedShape must be the sizes of the last axes of x, at least one; received []',
    );
    expect(() => layerNorm(x, -1)).toThrow('received [-1]');
    expect(() => layerNorm(x, 2)).toThrow(
      'layerNorm: the last axes of x must be normalizedShape, [2] (received [2, 3]). Give the sizes of those axes over which to normalise.',
    );
    expect(() => layerNorm(x, 3, zeros([2]), zeros([3], 'float64'))).toThrow(
      [
        'layerNorm: 2 problems',
        '  1. weight must have normalizedShape (received [2], expected [3]).',
        "  2. bias must have the dtype of x (received 'float64', expected float32). Convert with cast.",
        '  shapes: x [2, 3]',
      ].join('\n'),
    );
    expect(() => layerNorm(zeros([2, 3], 'int32'), 3)).toThrow('x must hold float32 or float64');
    expect(() => layerNorm(x, 3, null, null, { eps: Infinity })).toThrow('eps must be a finite number');
    expect(() => layerNorm(x, 3, null, null, { axis: 1 } as never)).toThrow("unknown option 'axis'");
  });
});

describe('layerNormLayer', () => {
  test('names of parameters are those of PyTorch, shapes those that are normalised', () => {
    const shapes = (options: Parameters<typeof layerNormLayer>[0]): Record<string, unknown> => {
      const { params } = layerNormLayer(options).init(key(0), [6, 2, 3]);
      return Object.fromEntries(Object.entries(toRecord(params)).map(([name, t]) => [name, t.shape]));
    };
    expect(shapes({})).toEqual({ weight: [3], bias: [3] });
    expect(shapes({ normalizedShape: [6, 2, 3] })).toEqual({ weight: [6, 2, 3], bias: [6, 2, 3] });
    expect(shapes({ normalizedShape: [2, 3], bias: false })).toEqual({ weight: [2, 3] });
    expect(shapes({ affine: false })).toEqual({});
  });

  test('eps reaches the root', () => {
    const layer = layerNormLayer({ eps: 3, affine: false });
    const [y] = layer.apply({}, {}, tensor([[-1, 1]], { dtype: 'float64' }), { train: false });
    expect(values(y)).toEqual([-0.5, 0.5]);
  });

  test('every place may matter: the receptive field is the whole', () => {
    expect(layerNormLayer().window?.([4, 8, 8])).toBe(null);
  });

  test('what it refuses', () => {
    expect(() => layerNormLayer({ eps: 0, bias: 'no' as never })).toThrow(
      [
        'layerNormLayer: 2 problems',
        '  1. eps must be a finite number above 0, received 0',
        "  2. bias must be true or false, received 'no'",
      ].join('\n'),
    );
    expect(() => layerNormLayer({ normalizedShape: [] })).toThrow('layerNormLayer: normalizedShape must be the sizes');
    expect(() => layerNormLayer({ normalizedShape: 4 }).init(key(0), [3])).toThrow(
      'normalizedShape, [4] (received [3])',
    );
    expect(() => layerNormLayer({ normalized_shape: 4 } as never)).toThrow("did you mean 'normalizedShape'?");
  });
});
