import { parallel, sequential } from '@lemmata/nn';
import { key, ones, tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { bilinear, bilinearLayer, initBilinear, linearLayer } from '../index.js';

test('x1ᵀ W x2 + b', () => {
  const weight = tensor([
    [
      [1, 0],
      [0, 1],
    ],
    [
      [0, 1],
      [0, 0],
    ],
  ]);
  // The scalar product, and x1₀ · x2₁.
  expect(bilinear(tensor([1, 2]), tensor([3, 4]), weight, tensor([0, 100])).toArray()).toEqual([11, 104]);
});

describe('bilinearLayer', () => {
  test('weight and bias are uniform within ±1/√in1', () => {
    const { weight, bias } = initBilinear(key(1), { outFeatures: 30, in1Features: 100, in2Features: 3 });
    expect([weight.shape, bias!.shape]).toEqual([[30, 100, 3], [30]]);
    const largest = Math.max(...Array.from(weight.dataSync(), Math.abs));
    expect(largest).toBeLessThanOrEqual(Math.fround(0.1));
    expect(largest).toBeGreaterThan(0.0998);
  });

  test('reads two branches that stand side by side', () => {
    const net = sequential({
      branches: parallel({ a: linearLayer({ outFeatures: 2 }), b: linearLayer({ outFeatures: 3 }) }, { axis: -1 }),
      meet: bilinearLayer({ outFeatures: 4, in1Features: 2 }),
    });
    const { params, state, outputShape } = net.init(key(0), [5]);
    expect(outputShape).toEqual([4]);
    const x = ones([2, 5]);
    const [y] = net.apply(params, state, x, { train: false });
    const [a, b] = [params.branches.a, params.branches.b].map(
      (p) => linearLayer({ outFeatures: p.weight.shape[0] }).apply(p, {}, x, { train: false })[0],
    );
    expect(y.toArray()).toEqual(bilinear(a, b, params.meet.weight, params.meet.bias).toArray());
  });

  test('options are checked', () => {
    expect(() => bilinearLayer({ outFeatures: 0, in1Features: 1.5, bias: 1 as never })).toThrow(
      'bilinearLayer: 3 problems\n  1. outFeatures must be a positive integer, received 0\n  2. in1Features must be a positive integer, received 1.5\n  3. bias must be true or false, received 1',
    );
    expect(() => bilinearLayer({ outFeatures: 1, in1Feature: 1 } as never)).toThrow(/did you mean 'in1Features'/);
  });
});
