import { checkGradient, valueAndGrad, vjp } from '@lemmata/autograd';
import { compile } from '@lemmata/compile';
import { cast, key, mean, mul, square, sum, tensor, variance, zeros, type Tensor } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import {
  batchNorm,
  batchNormInference,
  batchNormLayer,
  batchNormWithStatistics,
  type BatchNormState,
} from './index.js';

const f64 = (values: number[], shape: number[] = [values.length, 1]): Tensor =>
  tensor(values, { shape, dtype: 'float64' });
const values = (t: Tensor): number[] => [...t.dataSync()];
const wave = (count: number, scale = 1, shift = 0): number[] =>
  Array.from({ length: count }, (_, i) => shift + scale * Math.sin(1.7 * i + 0.3 * i * i));

function expectNear(received: Tensor, expected: readonly number[], digits: number): void {
  values(received).forEach((value, i) => expect(value).toBeCloseTo(expected[i], digits));
}

describe('batchNorm', () => {
  test('statistics are over batch and space, one for each channel', () => {
    const x = f64(wave(2 * 3 * 2 * 2, 3, 5), [2, 3, 2, 2]);
    const { y, mean: m, variance: v } = batchNormWithStatistics(x, f64([2, 2, 2], [3]), f64([1, 1, 1], [3]));
    expect([m.shape, v.shape]).toEqual([[3], [3]]);
    expectNear(m, values(mean(x, { axis: [0, 2, 3] })), 12);
    expectNear(v, values(variance(x, { axis: [0, 2, 3], correction: 0 })), 12);
    expectNear(mean(y, { axis: [0, 2, 3] }), [1, 1, 1], 12);
    expectNear(variance(y, { axis: [0, 2, 3], correction: 0 }), [4, 4, 4], 4);
  });

  test.each([[[4, 3]], [[2, 3, 5]], [[2, 3, 2, 2, 2]]])('any number of spatial axes: %j', (shape) => {
    const x = f64(wave(shape.reduce((a, b) => a * b)), shape);
    const axes = shape.map((_, axis) => axis).filter((axis) => axis !== 1);
    expectNear(mean(batchNorm(x), { axis: axes }), [0, 0, 0], 12);
    expect(batchNormLayer().init(key(0), shape.slice(1)).outputShape).toEqual(shape.slice(1));
  });

  test('without weight and bias they are 1 and 0', () => {
    const x = f64(wave(12), [4, 3]);
    expect(values(batchNorm(x))).toEqual(values(batchNorm(x, f64([1, 1, 1], [3]), f64([0, 0, 0], [3]))));
  });

  test('N1: one value per channel has no variance: training throws, inference does not', () => {
    expect(() => batchNorm(zeros([1, 3]))).toThrow(
      'batchNorm: in training each channel needs more than one value, over batch and space, for its variance (received 1). ' +
        'Use a larger batch, or inference mode with running statistics.',
    );
    expect(() => batchNorm(zeros([1, 3, 1, 1]))).toThrow('more than one value');
    expect(batchNorm(zeros([1, 3, 1, 2])).shape).toEqual([1, 3, 1, 2]);
    const layer = batchNormLayer();
    const { params, state } = layer.init(key(0), [3]);
    expect(layer.apply(params, state, zeros([1, 3]), { train: false })[0].shape).toEqual([1, 3]);
    expect(() => layer.apply(params, state, zeros([1, 3]), { train: true })).toThrow('more than one value');
  });

  test('N4: gradients go through mean and variance, for a random upstream, to second order', () => {
    const args = [f64(wave(12, 2), [2, 2, 3]), f64([1.5, -0.5], [2]), f64([0.1, 0.2], [2])] as const;
    const first = checkGradient((x: Tensor, w: Tensor, b: Tensor) => batchNorm(x, w, b), [...args]);
    expect(first.message).toBe('16 directional derivatives agree');
    const all = checkGradient(
      (x: Tensor) => Object.values(batchNormWithStatistics(x, args[1], args[2])) as Tensor[],
      [args[0]],
    );
    expect(all.message).toBe('12 directional derivatives agree');
    const gradient = (x: Tensor, w: Tensor): Tensor[] => {
      const { pullback } = vjp((p: Tensor, q: Tensor) => batchNorm(p, q), x, w);
      return pullback(f64(wave(12, 1, 0.3), [2, 2, 3])) as unknown as Tensor[];
    };
    expect(checkGradient(gradient, [args[0], args[1]], { absolute: 1e-6 }).message).toBe(
      '14 directional derivatives agree',
    );
  });

  test('N4: of the sum of the outputs the input gradient is 0', () => {
    const { grads } = valueAndGrad((x: Tensor) => sum(batchNorm(x)))(f64(wave(8), [4, 2]));
    for (const g of values(grads)) expect(Math.abs(g)).toBeLessThan(1e-14);
  });

  test('N6: a large mean costs no digits', () => {
    const y = batchNorm(tensor([[40000], [40001], [40002], [40003]]));
    expect([...y.dataSync()].map((v) => v.toFixed(4))).toEqual(['-1.3416', '-0.4472', '0.4472', '1.3416']);
  });

  test('N7: without variance the output is 0 and the gradient finite', () => {
    const { value, pullback } = vjp((x: Tensor) => batchNorm(x), f64([3, 3, 3, 3]));
    expect(values(value)).toEqual([0, 0, 0, 0]);
    const [gradient] = pullback(f64([1, 0, 0, -1]));
    expectNear(
      gradient,
      [1, 0, 0, -1].map((u) => u / Math.sqrt(1e-5)),
      9,
    );
  });

  test('N14: no batch gives a negative variance, nor a negative running one', () => {
    const layer = batchNormLayer();
    const { params, state: start } = layer.init(key(0), [1]);
    let state = start;
    for (let i = 0; i < 20; i++) {
      const x = cast(f64(wave(16, 1e-6, 1e4 + i), [16, 1]), 'float32');
      expect(batchNormWithStatistics(x).variance.item()).toBeGreaterThanOrEqual(0);
      [, state] = layer.apply(params, state, x, { train: true });
      expect(state.running_var!.item()).toBeGreaterThanOrEqual(0);
    }
  });

  test('NaN in a channel stays in that channel', () => {
    const y = values(
      batchNorm(
        tensor([
          [NaN, 1],
          [1, 2],
          [2, 3],
        ]),
      ),
    );
    expect(y.map(Number.isNaN)).toEqual([true, false, true, false, true, false]);
  });

  test('what it refuses', () => {
    const [x, c] = [zeros([2, 3, 2]), zeros([3])];
    expect(() => batchNorm(zeros([2, 3], 'int32'))).toThrow(
      /x must hold float32 or float64 \(received 'int32'\). Convert with cast/,
    );
    expect(() => batchNorm(zeros([3]))).toThrow('x is [N, C, ...spatial] (received [3]). Add the batch axis.');
    // Nothing is said of the variance of what has no channels.
    expect(() => batchNorm(zeros([1]))).toThrow(/^(?!.*more than one value).*Add the batch axis/s);
    expect(() => batchNorm(x, zeros([2]), zeros([3, 1]))).toThrow(
      [
        'batchNorm: 2 problems',
        '  1. weight must have one value for each channel of x (received [2], expected [3]).',
        '  2. bias must have one value for each channel of x (received [3, 1], expected [3]).',
        '  shapes: x [2, 3, 2], weight [2], bias [3, 1]',
      ].join('\n'),
    );
    expect(() => batchNorm(x, zeros([3], 'float64'))).toThrow(
      "weight must have the dtype of x (received 'float64', expected float32)",
    );
    expect(() => batchNormInference(x, null as never, c)).toThrow(
      'batchNormInference: mean and variance must be given; those of a batch are taken by batchNorm',
    );
    expect(() => batchNormInference(x, c, zeros([4]))).toThrow(
      'batchNormInference: variance must have one value for each channel of x (received [4], expected [3])',
    );
    expect(() => batchNorm(x, c, c, { eps: 0 })).toThrow('batchNorm: eps must be a finite number above 0, received 0');
    expect(() => batchNorm(x, c, c, { epsilon: 1 } as never)).toThrow("batchNorm: unknown option 'epsilon'");
  });
});

describe('batchNormLayer', () => {
  const train = { train: true };
  const run = (options: Parameters<typeof batchNormLayer>[0], batches: readonly Tensor[]): BatchNormState => {
    const layer = batchNormLayer({ affine: false, ...options });
    const { params, state } = layer.init(key(0), batches[0].shape.slice(1));
    return batches.reduce((s, x) => layer.apply(params, s, x, train)[1], state);
  };

  test('names of parameters and state are those of PyTorch', () => {
    const names = (options: Parameters<typeof batchNormLayer>[0]): string[] => {
      const { params, state } = batchNormLayer(options).init(key(0), [3, 8, 8]);
      return Object.keys({ ...toRecord(params), ...toRecord(state) });
    };
    expect(names({})).toEqual(['weight', 'bias', 'running_mean', 'running_var']);
    expect(names({ momentum: null })).toEqual(['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']);
    expect(names({ affine: false, trackRunningStats: false })).toEqual([]);
  });

  test('N2: the biased variance normalises, the unbiased one is kept', () => {
    const x = f64([1, 3]);
    const state = run({}, [x]);
    expect(state.running_var!.item()).toBeCloseTo(1.1, 6);
    expect(state.running_mean!.item()).toBeCloseTo(0.2, 6);
    expect(values(batchNorm(x))[1]).toBeCloseTo(1 / Math.sqrt(1 + 1e-5), 14);
  });

  test('N3: momentum is the weight of the new batch; null counts all batches alike', () => {
    const batches = [f64([1, 3]), f64([4, 8]), f64([0, 6])];
    expect(run({ momentum: 1 }, batches).running_mean!.item()).toBe(3);
    expect(run({ momentum: 0 }, batches).running_mean!.item()).toBe(0);
    expect(run({ momentum: 0.25 }, [f64([4, 4])]).running_mean!.item()).toBe(1);
    const cumulative = run({ momentum: null }, batches);
    expect(cumulative.running_mean!.item()).toBeCloseTo((2 + 6 + 3) / 3, 6);
    expect(cumulative.running_var!.item()).toBeCloseTo((2 + 8 + 18) / 3, 5);
    expect(cumulative.num_batches_tracked!.item()).toBe(3);
    expect(cumulative.num_batches_tracked!.dtype).toBe('int32');
  });

  test('N5: inference takes the statistics as constants and changes nothing', () => {
    const layer = batchNormLayer();
    const { params } = layer.init(key(0), [1]);
    const state = { running_mean: tensor([2]), running_var: tensor([4]) };
    const x = f64([1, 5, 9]);
    const f = (input: Tensor): Tensor => layer.apply({}, state, input, { train: false })[0];
    const { value, pullback } = vjp(f, x);
    const scale = 1 / Math.sqrt(4 + 1e-5);
    expectNear(
      value,
      [-1, 3, 7].map((v) => v * scale),
      14,
    );
    expectNear(
      pullback(f64([1, 2, 3]))[0],
      [1, 2, 3].map((u) => u * scale),
      14,
    );
    expect(layer.apply(params, state, cast(x, 'float32'), { train: false })[1]).toBe(state);
  });

  test('N5: no gradient reaches the loss through the running statistics', () => {
    const layer = batchNormLayer();
    const { params, state } = layer.init(key(0), [1]);
    const { grads } = valueAndGrad((x: Tensor) => sum(square(layer.apply(params, state, x, train)[1].running_mean!)))(
      tensor([[1], [2]]),
    );
    expect(values(grads)).toEqual([0, 0]);
  });

  test('without running statistics inference takes those of its batch', () => {
    const layer = batchNormLayer({ trackRunningStats: false });
    const { params, state } = layer.init(key(0), [2]);
    const x = tensor([
      [1, 2],
      [3, 5],
      [2, 2],
    ]);
    const [y, next] = layer.apply(params, state, x, { train: false });
    expect(values(y)).toEqual(values(batchNorm(x)));
    expect(next).toEqual({});
  });

  test('one sample without a batch is taken by inference alone', () => {
    const [x, m, v] = [f64([1, 5], [2]), f64([0, 1], [2]), f64([1, 4], [2])];
    expectNear(batchNormInference(x, m, v), [1, 2], 4);
    expect(batchNormInference(x, m, v).shape).toEqual([2]);
    expect(() => batchNorm(x)).toThrow('batchNorm: ');
  });

  test('spatialAxes fixes the rank, at each call as well; the bias may be left out', () => {
    const layer = batchNormLayer({ spatialAxes: 2, bias: false });
    const { params, state } = layer.init(key(0), [3, 4, 4]);
    expect(Object.keys(params)).toEqual(['weight']);
    expect(() => layer.apply(params, state, zeros([2, 3, 4]), { train: false })).toThrow(
      'batchNorm: the input has 2 axes behind the channels (received [2, 3, 4]). See spatialAxes.',
    );
    for (const spatialAxes of [-1, 1.5, [], ['2']]) {
      expect(() => batchNormLayer({ spatialAxes: spatialAxes as never })).toThrow('spatialAxes must be a whole number');
    }
  });

  test('a batch of nothing gives nothing, and changes no statistics', () => {
    const layer = batchNormLayer({ momentum: null });
    const { params, state } = layer.init(key(0), [2, 3]);
    const f = (p: typeof params): [Tensor, BatchNormState] => {
      const [y, next] = layer.apply(p, state, zeros([0, 2, 3]), train);
      return [sum(y), next];
    };
    const { grads, aux } = valueAndGrad(f)(params);
    expect([values(grads.weight!), values(grads.bias!)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(values(aux.running_var!)).toEqual([1, 1]);
    expect(aux.num_batches_tracked!.item()).toBe(0);
  });

  test('a compiled step carries the statistics, bit for bit as eager code does', () => {
    const layer = batchNormLayer();
    interface State {
      readonly params: ReturnType<typeof layer.init>['params'];
      readonly state: BatchNormState;
    }
    const step = ({ params, state }: State, x: Tensor): [State, Tensor] => {
      const loss = (p: State['params']): readonly [Tensor, BatchNormState] => {
        const [y, next] = layer.apply(p, state, x, train);
        return [mean(square(mul(y, x))), next];
      };
      const { value, aux, grads } = valueAndGrad(loss)(params);
      return [{ params: { weight: mul(params.weight!, 0.5), bias: grads.bias! }, state: aux }, value];
    };
    const compiled = compile(step, { donate: 1 });
    const begin = (): State => {
      const { params, state } = layer.init(key(0), [2, 3]);
      return { params, state };
    };
    let [eager, fast] = [begin(), begin()];
    for (let i = 0; i < 4; i++) {
      const x = tensor(wave(24, 1 + i, i), { shape: [4, 2, 3] });
      [eager] = step(eager, x);
      [fast] = compiled(fast, x);
      for (const [name, leaf] of Object.entries(toRecord(eager))) {
        expect([name, values(toRecord(fast)[name])]).toEqual([name, values(leaf)]);
      }
    }
    expect(compiled.size).toBe(1);
  });

  test('compiled, two lines forward and backward make something as large as x', () => {
    const both = compile((x: Tensor, weight: Tensor, bias: Tensor, upstream: Tensor) => {
      const { value, pullback } = vjp((t: Tensor, w: Tensor, b: Tensor) => batchNorm(t, w, b), x, weight, bias);
      return [value, ...pullback(upstream)];
    });
    both(zeros([4, 2, 3]), zeros([2]), zeros([2]), zeros([4, 2, 3]));
    const large = [...both.toString().matchAll(/float32\[4, 2, 3\] = (\w+)/g)].map(([, op]) => op);
    expect(large).toEqual(['normalise', 'normaliseGradient']);
  });

  test('what it refuses', () => {
    expect(() => batchNormLayer({ eps: 0, momentum: 1.5, affine: 1 as never })).toThrow(
      [
        'batchNormLayer: 3 problems',
        '  1. eps must be a finite number above 0, received 0',
        '  2. momentum must be from 0 to 1, or null, received 1.5',
        '  3. affine must be true or false, received 1',
      ].join('\n'),
    );
    expect(() => batchNormLayer({ track: false } as never)).toThrow("batchNormLayer: unknown option 'track'");
    expect(() => batchNormLayer().init(key(0), [])).toThrow(
      'batchNorm: the input is [C, ...spatial], without the batch (received []).',
    );
    const { params, state } = batchNormLayer().init(key(0), [1]);
    expect(() => batchNormLayer({ affine: false }).apply({}, state, zeros([2, 3]), train)).toThrow(
      'running_mean must have one value for each channel of x (received [1], expected [3])',
    );
    expect(() => batchNormLayer().apply(params, state, zeros([2, 3]), { train: false })).toThrow(
      'batchNormInference: 4 problems',
    );
  });
});
