import { key, reshape, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { instanceNorm, instanceNormLayer, instanceNormWithStatistics } from './index.js';

const values = (t: Tensor): number[] => [...t.dataSync()];

describe('instanceNorm', () => {
  test('statistics are those of each channel of each sample', () => {
    const x = tensor([1, 3, 5, 5, 0, 8, 2, 6], { shape: [2, 2, 2], dtype: 'float64' });
    const { y, mean, variance } = instanceNormWithStatistics(x);
    expect([mean.shape, values(mean), values(variance)]).toEqual([
      [2, 2],
      [2, 5, 4, 4],
      [1, 0, 16, 4],
    ]);
    expect(values(y)).toEqual(values(instanceNorm(x)));
  });

  test('N6: a large mean costs no digits', () => {
    const y = values(instanceNorm(tensor([40000, 40001, 40002, 40003], { shape: [1, 1, 4] })));
    [-1.34164, -0.44721, 0.44721, 1.34164].forEach((v, i) => expect(y[i]).toBeCloseTo(v, 4));
  });

  test('N7, N8: without variance 0, beyond the range of float32 0', () => {
    expect(values(instanceNorm(tensor([3, 3], { shape: [1, 1, 2] })))).toEqual([0, 0]);
    expect(values(instanceNorm(tensor([-1e30, 1e30], { shape: [1, 1, 2] }))).map(Math.abs)).toEqual([0, 0]);
  });

  test('N9: one place in space has no variance: it throws', () => {
    expect(() => instanceNorm(zeros([4, 3, 1, 1]))).toThrow(
      'instanceNorm: each channel of a sample needs more than one value for its variance (received 1). ' +
        'Use batch norm, or inference mode with running statistics.',
    );
  });

  test('what it refuses', () => {
    expect(() => instanceNorm(zeros([3]))).toThrow('x is [N, C, ...spatial] (received [3])');
    expect(() => instanceNormWithStatistics(zeros([2, 3, 4]), zeros([4]))).toThrow(
      'instanceNormWithStatistics: weight must have one value for each channel of x (received [4], expected [3])',
    );
    expect(() => instanceNorm(zeros([2, 3, 4]), null, null, { momentum: 0.1 } as never)).toThrow(
      "unknown option 'momentum'",
    );
  });
});

describe('instanceNormLayer', () => {
  test('names of parameters and state are those of PyTorch', () => {
    const names = (options: Parameters<typeof instanceNormLayer>[0]): string[] => {
      const { params, state } = instanceNormLayer(options).init(key(0), [3, 8, 8]);
      return Object.keys({ ...toRecord(params), ...toRecord(state) });
    };
    expect(names({})).toEqual([]);
    expect(names({ affine: true })).toEqual(['weight', 'bias']);
    expect(names({ affine: true, bias: false })).toEqual(['weight']);
    expect(names({ trackRunningStats: true })).toEqual(['running_mean', 'running_var']);
    expect(names({ trackRunningStats: true, momentum: null })).toEqual([
      'running_mean',
      'running_var',
      'num_batches_tracked',
    ]);
  });

  test('N3: momentum null counts all batches alike', () => {
    const layer = instanceNormLayer({ trackRunningStats: true, momentum: null });
    let { state } = layer.init(key(0), [1, 2]);
    for (const list of [
      [1, 3],
      [4, 8],
    ]) {
      [, state] = layer.apply({}, state, tensor(list, { shape: [1, 1, 2] }), { train: true });
    }
    expect(state.running_mean!.item()).toBeCloseTo((2 + 6) / 2, 6);
    expect(state.running_var!.item()).toBeCloseTo((2 + 8) / 2, 6);
    expect(state.num_batches_tracked!.item()).toBe(2);
    expect(() =>
      layer.apply({}, { running_mean: zeros([1]), running_var: zeros([1]) }, zeros([1, 1, 2]), { train: true }),
    ).toThrow('instanceNorm: momentum null needs num_batches_tracked in the state; init makes it');
  });

  test('inference with running statistics takes a single place', () => {
    const layer = instanceNormLayer({ trackRunningStats: true });
    const { state } = layer.init(key(0), [3, 2]);
    expect(layer.apply({}, state, zeros([2, 3, 1]), { train: false })[0].shape).toEqual([2, 3, 1]);
  });

  test('told how many axes an image has, it takes one without a batch', () => {
    const x = tensor([1, 3, 5, 9, 0, 8, 2, 7], { shape: [2, 2, 2] });
    const layer = instanceNormLayer({ spatialAxes: 2, trackRunningStats: true });
    const { params, state } = layer.init(key(0), [2, 2, 2]);
    for (const train of [true, false]) {
      const [one, next] = layer.apply(params, state, x, { train });
      const [batch, after] = layer.apply(params, state, reshape(x, [1, 2, 2, 2]), { train });
      expect([one.shape, values(one)]).toEqual([[2, 2, 2], values(batch)]);
      expect(toRecord(next)).toEqual(toRecord(after));
    }
    expect(() => layer.apply(params, state, zeros([2, 2]), { train: false })).toThrow('the input has 2 axes behind');
  });

  test('samples without channels stay as they are', () => {
    const { y, mean, variance } = instanceNormWithStatistics(zeros([2, 0, 3]));
    expect([y.shape, mean.shape, variance.shape]).toEqual([
      [2, 0, 3],
      [2, 0],
      [2, 0],
    ]);
  });

  test('a batch of nothing changes no statistics', () => {
    const layer = instanceNormLayer({ trackRunningStats: true });
    const { state } = layer.init(key(0), [3, 2]);
    const [y, next] = layer.apply({}, state, zeros([0, 3, 2]), { train: true });
    expect(y.shape).toEqual([0, 3, 2]);
    expect(next).toBe(state);
  });

  test('the receptive field is the whole, unless inference has statistics of its own', () => {
    expect(instanceNormLayer().window?.([4, 8])).toBe(null);
    expect(instanceNormLayer({ trackRunningStats: true }).window).toBe(undefined);
  });

  test('what it refuses', () => {
    expect(() => instanceNormLayer({ momentum: NaN, trackRunningStats: 1 as never })).toThrow(
      [
        'instanceNormLayer: 2 problems',
        '  1. trackRunningStats must be true or false, received 1',
        '  2. momentum must be a finite number, or null, received NaN',
      ].join('\n'),
    );
    expect(() => instanceNormLayer().init(key(0), [3])).toThrow(
      'instanceNorm: the input is [C, ...spatial], without the batch, with more than one place in space (received [3]).',
    );
    const layer = instanceNormLayer({ trackRunningStats: true });
    const { state } = layer.init(key(0), [1, 2]);
    expect(() => layer.apply({}, state, zeros([2, 3, 2]), { train: true })).toThrow(
      'instanceNorm: running statistics must have one value for each channel of x (received [1], expected [3]).',
    );
  });
});
