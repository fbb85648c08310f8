import { valueAndGrad } from '@lemmata/autograd';
import { compile } from '@lemmata/compile';
import { mean, mul, slice, square, sub, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  accumulate,
  accumulated,
  constant,
  controllable,
  type PlateauState,
  reduceOnPlateau,
  sgd,
  startAccumulation,
  withRate,
} from './index.js';

const f64 = (values: readonly number[]): Tensor => tensor(values, { dtype: 'float64' });

describe('reduceOnPlateau', () => {
  const rates = (options: Parameters<typeof reduceOnPlateau>[0], measures: readonly number[]): number[] => {
    const plateau = reduceOnPlateau(options);
    let state = plateau.init();
    return measures.map((measure) => (state = plateau.update(state, measure)).rate);
  };

  test('falls at the first measurement beyond its patience', () => {
    expect(rates({ initial: 1, patience: 1, factor: 0.5 }, [3, 2, 2, 2, 2, 2])).toEqual([1, 1, 1, 0.5, 0.5, 0.25]);
  });

  test('a best is beaten by the threshold, relative or absolute', () => {
    const measures = [10, 9.5, 8.9, 8.9];
    expect(rates({ initial: 1, patience: 0, factor: 0.5, threshold: 0.1 }, measures)).toEqual([1, 0.5, 0.5, 0.25]);
    const absolute = { initial: 1, patience: 0, factor: 0.5, threshold: 0.4, thresholdMode: 'abs' as const };
    expect(rates(absolute, measures)).toEqual([1, 1, 1, 0.5]);
    expect(rates({ initial: 1, patience: 0, factor: 0.5, mode: 'max' }, [1, 2, 2])).toEqual([1, 1, 0.5]);
  });

  test('what equals the best does not beat it', () => {
    for (const mode of ['min', 'max'] as const)
      expect(rates({ initial: 1, patience: 0, factor: 0.5, threshold: 0, mode }, [1, 1])).toEqual([1, 0.5]);
  });

  test('after a fall the cooldown does not count; NaN is no best', () => {
    const options = { initial: 1, patience: 0, factor: 0.5, cooldown: 2 };
    expect(rates(options, [1, 1, 1, 1, 1])).toEqual([1, 0.5, 0.5, 0.5, 0.25]);
    expect(rates({ initial: 1, patience: 0, factor: 0.5 }, [1, NaN, 0.5])).toEqual([1, 0.5, 0.5]);
  });

  test('not below the least, nor for a fall that is next to nothing', () => {
    expect(rates({ initial: 1, patience: 0, factor: 0.1, least: 0.5 }, [1, 1, 1])).toEqual([1, 0.5, 0.5]);
    expect(rates({ initial: 1e-8, patience: 0 }, [1, 1])).toEqual([1e-8, 1e-8]);
    expect(rates({ initial: 1, patience: 0, factor: 0.5, eps: 0.5 }, [1, 1])).toEqual([1, 1]);
    expect(rates({ initial: 1, patience: 0, factor: 0.5, eps: 0.4 }, [1, 1])).toEqual([1, 0.5]);
  });

  test('its state goes through JSON, and goes on', () => {
    const plateau = reduceOnPlateau({ initial: 1, patience: 1, factor: 0.5 });
    const state = plateau.update(plateau.update(plateau.init(), 2), 2);
    const read = JSON.parse(JSON.stringify(state)) as PlateauState;
    expect(plateau.update(read, 2)).toEqual(plateau.update(state, 2));
  });

  test('what it refuses', () => {
    expect(() => reduceOnPlateau({ initial: 1, mode: 'best' as never, factor: 1, thresholdMode: 1 as never })).toThrow(
      "reduceOnPlateau: 3 problems\n  1. mode must be 'min' or 'max', received 'best'\n  2. thresholdMode must be 'rel' or 'abs', received 1\n  3. factor must be from 0 to below 1, received 1",
    );
    expect(() => reduceOnPlateau({ initial: 1, patience: 0.5 })).toThrow('patience must be a whole number');
  });
});

describe('controllable', () => {
  const optimizer = controllable(0.5, (learningRate) => sgd({ learningRate, momentum: 0.9 }));

  test('the rate is part of the state; one compiled step serves all rates', () => {
    const step = compile((p: Tensor, state: ReturnType<typeof optimizer.init>, g: Tensor) =>
      optimizer.update(g, state, p),
    );
    const [p, g] = [f64([1]), f64([1])];
    const start = optimizer.init(p);
    expect(step(p, start, g)[0].item()).toBe(0.5);
    expect(step(p, withRate(start, 0.25), g)[0].item()).toBe(0.75);
    expect(step.size).toBe(1);
  });

  test('what the rate multiplies is kept, and the state given is not changed', () => {
    const p = f64([1]);
    const start = optimizer.init(p);
    const [next, state] = optimizer.update(f64([1]), start, p);
    const slower = withRate(state, 0.05);
    expect(optimizer.update(f64([0]), slower, next)[0].item()).toBeCloseTo(0.5 - 0.05 * 0.9, 14);
    expect([start.rate.item(), state.rate.item(), slower.rate.item()]).toEqual([0.5, 0.5, 0.05]);
    expect(() => withRate(state, -1)).toThrow('withRate: rate must be a finite number of at least 0, received -1');
    expect(() => controllable(NaN, () => sgd({ learningRate: constant(1) }))).toThrow('controllable: initial');
  });
});

describe('O8: accumulated gradients', () => {
  const [x, y] = [f64([1, 2, 3, 4, 5]), f64([2, 1, 0, 3, 7])];
  const w = { w: f64([0.5]) };
  const gradient = (from: number, to: number): { w: Tensor } =>
    valueAndGrad((p: { w: Tensor }) => {
      const range = [{ start: from, stop: to }];
      return mean(square(sub(mul(slice(x, range), p.w), slice(y, range))));
    })(w).grads;

  test('of small batches, the last one smaller, are those of one batch', () => {
    let sum = startAccumulation(w);
    for (const [from, to] of [
      [0, 2],
      [2, 4],
      [4, 5],
    ] as const)
      sum = accumulate(sum, gradient(from, to), to - from);
    expect(accumulated(sum).w.item()).toBeCloseTo(gradient(0, 5).w.item(), 13);
  });

  test('a window of 2 of 4 is divided by 2', () => {
    const two = [gradient(0, 2), gradient(2, 4)].reduce((sum, g) => accumulate(sum, g), startAccumulation(w));
    expect(accumulated(two).w.item()).toBeCloseTo(gradient(0, 4).w.item(), 13);
    expect(two.weight.item()).toBe(2);
    expect(startAccumulation(w).weight.dtype).toBe('float64');
    // A weight is a float64 number, and a batch may weigh nothing.
    expect(accumulate(two, gradient(4, 5), 0.1).weight.item()).toBe(2.1);
    expect(accumulated(accumulate(two, gradient(4, 5), 0)).w.item()).toBe(accumulated(two).w.item());
  });

  test('a compiled step carries them, and weights may be tensors', () => {
    const add = compile(accumulate<{ w: Tensor }>);
    const start = startAccumulation(w);
    const g = gradient(0, 3);
    const first = add(start, g, tensor(3, { dtype: 'int32' }));
    expect(first.sum.w.item()).toBe(3 * g.w.item());
    expect(() => accumulate(start, g, -1)).toThrow('accumulate: weight must be a finite number of at least 0');
  });
});
