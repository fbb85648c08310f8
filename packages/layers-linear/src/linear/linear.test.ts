import { countParameters, functionLayer, infer, kaimingNormal, ones as onesOf, sequential, summary } from '@lemmata/nn';
import { key, maximum, matmul, permute, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { linear, linearLayer } from '../index.js';

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};

test('x Wᵀ + b', () => {
  const y = linear(
    tensor([[1, 2]]),
    tensor([
      [1, 0],
      [0, 1],
      [3, 4],
    ]),
    tensor([10, 20, 30]),
  );
  expect(y.toArray()).toEqual([[11, 22, 41]]);
  expect(linear(tensor([1, 2]), tensor([[3, 4]]), null).toArray()).toEqual([11]);
});

describe('linearLayer', () => {
  test('weight and bias are uniform within ±1/√in', () => {
    const { params } = linearLayer({ outFeatures: 300 }).init(key(1), [100]);
    for (const t of [params.weight, params.bias!]) {
      const values = Array.from(t.dataSync());
      const largest = Math.max(...values.map(Math.abs));
      expect(largest).toBeLessThanOrEqual(Math.fround(0.1));
      expect(largest).toBeGreaterThan(0.098);
    }
    expect([params.weight.shape, params.bias!.shape]).toEqual([[300, 100], [300]]);
  });

  test('without bias there is none, and initialisers can be chosen', () => {
    expect(Object.keys(linearLayer({ outFeatures: 2, bias: false }).init(key(1), [3]).params)).toEqual(['weight']);
    const { params } = linearLayer({ outFeatures: 2, init: kaimingNormal(), biasInit: onesOf }).init(key(1), [3]);
    expect(params.bias!.toArray()).toEqual([1, 1]);
  });

  test('a multilayer perceptron is W₂ max(0, W₁ x)', () => {
    const mlp = sequential({
      hidden: linearLayer({ outFeatures: 5, bias: false }),
      relu: functionLayer('relu', (x) => maximum(x, 0)),
      out: linearLayer({ outFeatures: 3, bias: false }),
    });
    const { params, state, outputShape } = mlp.init(key(2), [4]);
    expect(outputShape).toEqual([3]);
    expect(countParameters(params)).toBe(5 * 4 + 3 * 5);
    const x = tensor([
      [1, -2, 3, 4],
      [0, 1, 0, -1],
    ]);
    const t = (w: Tensor): Tensor => permute(w, [1, 0]);
    const expected = matmul(maximum(matmul(x, t(params.hidden.weight)), 0), t(params.out.weight));
    expect(infer(mlp, params, state, x).toArray()).toEqual(expected.toArray());
  });

  test('each output may depend on every place: no receptive field', () => {
    expect(summary(linearLayer({ outFeatures: 2 }), [3, 8]).rows[0].field).toBeNull();
  });

  test('options are checked', () => {
    expect(message(() => linearLayer({ outFeatures: 0, bias: 1 as any }))).toBe(
      'linearLayer: 2 problems\n  1. outFeatures must be a positive integer, received 0\n  2. bias must be true or false, received 1',
    );
    expect(message(() => linearLayer({} as any))).toBe(
      'linearLayer: outFeatures must be a positive integer, received undefined',
    );
    expect(message(() => linearLayer({ outFeatures: 2, inFeatures: 1.5 }))).toBe(
      'linearLayer: inFeatures must be a positive integer, received 1.5',
    );
    expect(message(() => linearLayer({ outfeatures: 2 } as any))).toMatch(
      /unknown option 'outfeatures'; did you mean 'outFeatures'/,
    );
  });

  test('an input that it cannot take is named', () => {
    const net = sequential({ fc: linearLayer({ outFeatures: 2, inFeatures: 12 }) });
    expect(message(() => net.init(key(0), [3, 2, 2]))).toBe(
      'fc > linear: the last axis of the input holds inFeatures 12 (received [3, 2, 2]). Flatten images first.',
    );
  });
});
