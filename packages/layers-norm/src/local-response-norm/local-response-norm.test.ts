import { vjp } from '@lemmata/autograd';
import { key, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { localResponseNorm, localResponseNormLayer } from './index.js';

const values = (t: Tensor): number[] => [...t.dataSync()];

/** Which channels the output at channel c reads, of seven. */
function window(size: number, c: number): number[] {
  const x = tensor([1, 2, 3, 4, 5, 6, 7], { shape: [1, 7], dtype: 'float64' });
  const { pullback } = vjp((t: Tensor) => localResponseNorm(t, { size, alpha: 1 }), x);
  const upstream = tensor(
    Float64Array.from({ length: 7 }, (_, i) => Number(i === c)),
    { shape: [1, 7] },
  );
  return values(pullback(upstream)[0]).flatMap((g, i) => (g === 0 ? [] : [i]));
}

describe('localResponseNorm', () => {
  test('N13: windows of even size reach one further back; borders cut them off', () => {
    expect(window(1, 3)).toEqual([3]);
    expect(window(2, 3)).toEqual([2, 3]);
    expect(window(3, 3)).toEqual([2, 3, 4]);
    expect(window(4, 3)).toEqual([1, 2, 3, 4]);
    expect(window(5, 3)).toEqual([1, 2, 3, 4, 5]);
    expect(window(5, 0)).toEqual([0, 1, 2]);
    expect(window(4, 6)).toEqual([4, 5, 6]);
  });

  test('N13: alpha is divided by the size, also at the border', () => {
    const x = tensor([2, 2], { shape: [1, 2], dtype: 'float64' });
    const y = values(localResponseNorm(x, { size: 4, alpha: 1, beta: 1, k: 1 }));
    // Of the four channels of the window there are two.
    expect(y).toEqual([2 / (1 + 8 / 4), 2 / (1 + 8 / 4)]);
  });

  test('N13: the α of AlexNet, 10⁻⁴ for each of n = 5 channels, is alpha = 5e-4', () => {
    const list = [100, 200, 300, 400, 500];
    const x = tensor(list, { shape: [1, 5], dtype: 'float64' });
    const y = values(localResponseNorm(x, { size: 5, alpha: 5e-4, beta: 0.75, k: 2 }));
    const total = list.reduce((sum, v) => sum + v * v, 0);
    expect(y[2]).toBeCloseTo(300 / (2 + 1e-4 * total) ** 0.75, 12);
  });

  test('defaults', () => {
    const x = tensor([3], { shape: [1, 1], dtype: 'float64' });
    expect(localResponseNorm(x, { size: 1 }).item()).toBeCloseTo(3 / (1 + 1e-4 * 9) ** 0.75, 14);
  });

  test('empty batches, and no channels', () => {
    expect(localResponseNorm(zeros([0, 3, 2]), { size: 3 }).shape).toEqual([0, 3, 2]);
    expect(localResponseNorm(zeros([2, 0, 2]), { size: 3 }).shape).toEqual([2, 0, 2]);
  });

  test('what it refuses', () => {
    expect(() => localResponseNorm(zeros([2, 3]), { size: 0, beta: NaN })).toThrow(
      [
        'localResponseNorm: 2 problems',
        '  1. size must be a positive integer, received 0',
        '  2. beta must be a finite number, received NaN',
      ].join('\n'),
    );
    expect(() => localResponseNorm(zeros([2, 3], 'int32'), { size: 1 })).toThrow(
      "localResponseNorm: x is [N, C, ...spatial] of float32 or float64 (received 'int32 [2, 3]').",
    );
    expect(() => localResponseNormLayer({ size: 3, gamma: 1 } as never)).toThrow("unknown option 'gamma'");
    expect(() => localResponseNormLayer({ size: 3 }).init(key(0), [])).toThrow('[C, ...spatial], without the batch');
  });
});
