import { valueAndGrad } from '@lemmata/autograd';
import { compile } from '@lemmata/compile';
import { add, arange, cast, div, mean, minimum, square, sub, tensor, type Tensor } from '@lemmata/tensor';
import { flatten } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { adam, exponentialAverage, sgd, uniformAverage, withAverage, type WeightAverage } from './index.js';

const weights = [
  [0.5, -1.25, 2],
  [0.25, -0.75, -1.5],
  [-0.5, 0.1, 0],
  [1, 0.4, 0.3],
];

const after = (average: WeightAverage, start: readonly number[] = [7, 7, 7]): ArrayLike<number> => {
  let averaged = average.init({ w: tensor(start, { dtype: 'float64' }) });
  for (const w of weights) averaged = average.update(averaged, { w: tensor(w, { dtype: 'float64' }) });
  expect(averaged.count.item()).toBe(4);
  return averaged.average.w.dataSync();
};

/** By AveragedModel of PyTorch 2.13.0 in float64. */
test.each([
  ['decay 0.9', exponentialAverage({ decay: 0.9 }), [0.43975, -0.923, 1.3665]],
  ['the default decay, 0.999', exponentialAverage(), [0.49925149975, -1.2465023495, 1.9928089965]],
  ['uniform', uniformAverage(), [0.3125, -0.375, 0.2]],
  ['decay 0: the newest weights', exponentialAverage({ decay: 0 }), weights[3]],
  ['decay 1: the first weights', exponentialAverage({ decay: 1 }), weights[0]],
])('%s', (_name, average, expected) => {
  Array.from(after(average)).forEach((value, i) => expect(value).toBeCloseTo(expected![i]!, 14));
});

test('a decay that rises with the count, and the uniform average as such a decay', () => {
  const exact = (count: Tensor): Tensor => cast(count, 'float64');
  const rising = exponentialAverage({ decay: (n) => minimum(0.999, div(add(exact(n), 1), add(exact(n), 10))) });
  let expected = weights[0]!;
  for (let n = 1; n < 4; n++) expected = expected.map((v, i) => v + (9 / (n + 10)) * (weights[n]![i]! - v));
  Array.from(after(rising)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 14));

  const uniform = exponentialAverage({ decay: (n) => div(exact(n), add(exact(n), 1)) });
  Array.from(after(uniform)).forEach((value, i) => expect(value).toBeCloseTo(after(uniformAverage())[i]!, 14));
});

test('before the first weights the average is what it was begun with; empty places and other types stay', () => {
  const params = { w: tensor([1, -0]), flags: tensor([1, 0], { dtype: 'bool' }), none: null, list: [tensor(3)] };
  const average = uniformAverage();
  const started = average.init(params);
  expect(flatten(started.average as object).paths).toEqual(flatten(params as object).paths);
  expect([...started.average.w.dataSync()]).toEqual([1, -0]);
  const flipped = { ...params, flags: tensor([0, 1], { dtype: 'bool' }) };
  expect(average.update(started, flipped).average.flags.dataSync()).toEqual(flipped.flags.dataSync());
});

describe('in a compiled step', () => {
  const loss = (params: { w: Tensor }, x: Tensor): Tensor => mean(square(sub(params.w, x)));
  const x = arange(3);

  test('an average begun from parameters that are donated later stays, and costs no step outside the program', () => {
    const optimizer = sgd({ learningRate: 0.25 });
    const average = exponentialAverage({ decay: 0.5 });
    const step = compile(
      (params: { w: Tensor }, averaged: ReturnType<typeof average.init<{ w: Tensor }>>, x: Tensor) => {
        const { grads } = valueAndGrad(loss)(params, x);
        const [next] = optimizer.update(grads, optimizer.init(params), params);
        return [next, average.update(averaged, next)] as const;
      },
      { donate: 2 },
    );
    const alone = compile(
      (params: { w: Tensor }, x: Tensor) =>
        optimizer.update(valueAndGrad(loss)(params, x).grads, optimizer.init(params), params)[0],
      { donate: 1 },
    );
    let params = { w: tensor([3, 3, 3]) };
    for (let i = 0; i < 2; i++) params = alone(params, x);
    const before = [...params.w.dataSync()];
    let averaged = average.init(params);
    // Takes over the memory of what the average was begun from.
    params = alone(params, x);
    expect([...averaged.average.w.dataSync()]).toEqual(before);
    for (let i = 0; i < 3; i++) [params, averaged] = step(params, averaged, x);
    expect(step.size).toBe(1);
    // The error shrinks by 1 − 2 · 0.25 / 3 a step.
    const factor = 1 - 0.5 / 3;
    const share = (0.25 + 0.25 * factor + 0.5 * factor ** 2) * factor ** 2;
    const expected = before.map((w, i) => i + share * (w - i));
    averaged.average.w.dataSync().forEach((w, i) => expect(w).toBeCloseTo(expected[i]!, 5));
  });

  test('withAverage trains as the optimiser alone does, and averages what it leaves', () => {
    const average = exponentialAverage({ decay: 0.75 });
    const [plain, kept] = [adam({ learningRate: 0.1 }), withAverage(adam({ learningRate: 0.1 }), average)];
    const step = compile(
      (params: { w: Tensor }, state: unknown, x: Tensor) =>
        kept.update(valueAndGrad(loss)(params, x).grads, state as never, params),
      { donate: 2 },
    );
    let params = { w: tensor([3, 3, 3]) };
    let other = params;
    let [state, otherState] = [kept.init(params), plain.init(params)];
    let averaged = average.init(params);
    for (let i = 0; i < 4; i++) {
      [params, state] = step(params, state, x);
      [other, otherState] = plain.update(valueAndGrad(loss)(other, x).grads, otherState, other);
      averaged = average.update(averaged, other);
    }
    expect(params.w.dataSync()).toEqual(other.w.dataSync());
    expect(state.averaged.average.w.dataSync()).toEqual(averaged.average.w.dataSync());
    expect(state.optimizer.step.item()).toBe(4);
  });
});

test.each([
  [() => exponentialAverage({ decay: 1.5 }), 'exponentialAverage: decay must be from 0 to 1, received 1.5'],
  [() => exponentialAverage({ decay: NaN }), 'exponentialAverage: decay must be from 0 to 1, received NaN'],
  [
    () => exponentialAverage({ decay: '0.9' as never }),
    "exponentialAverage: decay must be from 0 to 1, received '0.9'",
  ],
  [() => exponentialAverage({ beta: 0.9 } as never), "exponentialAverage: unknown option 'beta' (it takes decay)"],
  [
    () => uniformAverage().init({ w: 3 as never }),
    'uniformAverage: the weights at w must be a tensor, received number',
  ],
  [
    () => uniformAverage().update(uniformAverage().init({ w: tensor([1, 2]) }), { w: tensor([1]) }),
    'uniformAverage: the weights at w must be float32[2] like their average, received float32[1]',
  ],
  [() => uniformAverage().update(uniformAverage().init({ w: tensor([1]) }) as never, { v: tensor([1]) }), /'v'|'w'/],
])('%# is refused', (make, message) => expect(make).toThrow(message));
