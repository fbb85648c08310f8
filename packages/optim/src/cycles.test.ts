import { tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  adam,
  adamw,
  constantFactor,
  cyclic,
  exponential,
  linearFactor,
  oneCycle,
  oneCycleMomentum,
  type Optimizer,
  type OptimizerState,
  rateAt,
  rmsprop,
  type Schedule,
  sgd,
} from './index.js';

const values = (schedule: Schedule, count: number): number[] =>
  Array.from({ length: count }, (_, step) => rateAt(schedule, step));

/** To twelve places. */
const near = (list: readonly number[]): number[] => list.map((value) => Number(value.toFixed(12)));

const cycle = { steps: 6, rise: 0.5 };
const learningRate = oneCycle({ ...cycle, peak: 0.1 });
const momentum = oneCycleMomentum(cycle);

/** Two parameters along the gradients (t / 2, −1), t from 1. */
function trajectory(optimizer: Optimizer<OptimizerState>): number[] {
  let p: Tensor = tensor([1, -2], { dtype: 'float64' });
  let state = optimizer.init(p);
  return [1, 2, 3, 4, 5].flatMap((t) => {
    [p, state] = optimizer.update(tensor([t / 2, -1], { dtype: 'float64' }), state, p);
    return [...p.dataSync()];
  });
}

describe('a momentum that falls while the rate rises, and comes back: figures by PyTorch 2.13.0', () => {
  test('its values', () => {
    expect(near(values(momentum, 5))).toEqual(near([0.95, 0.9, 0.85, 0.875, 0.925]));
    // In three phases it is back when the rate is.
    const three = oneCycleMomentum({
      steps: 10,
      rise: 0.3,
      curve: 'linear',
      threePhase: true,
      lowest: 0.8,
      highest: 0.9,
    });
    expect(near(values(three, 10))).toEqual(near([0.9, 0.85, 0.8, 0.85, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]));
  });

  test('of SGD, with Nesterov', () => {
    expect(near(trajectory(sgd({ learningRate, momentum, nesterov: true })))).toEqual(
      near([
        0.9961, -1.9922, 0.87624, -1.85128, 0.4939775, -1.529005, 0.055821642355468784, -1.2382214091640624,
        -0.15841832595423833, -1.1197599388153514,
      ]),
    );
  });

  test('of RMSprop', () => {
    expect(near(trajectory(rmsprop({ learningRate, momentum })))).toEqual(
      near([
        0.9600000079999984, -1.9600000039999996, 0.026432203006064078, -1.123381850326312, -2.303096544580499,
        0.8244161058130914, -4.3814035700082465, 2.4804861144581207, -5.191540949116784, 3.1040415198833684,
      ]),
    );
  });

  test('of Adam, as the first of its betas; of AdamW without decay likewise', () => {
    const expected = [
      0.99600000008, -1.99600000004, 0.9535985557577452, -1.9563157899105266, 0.8746549943655249, -1.8855027034790397,
      0.8034779212258125, -1.819514651553198, 0.7714987239304363, -1.7876237612991486,
    ];
    expect(near(trajectory(adam({ learningRate, betas: [momentum, 0.999] })))).toEqual(near(expected));
    expect(near(trajectory(adamw({ learningRate, betas: [momentum, 0.999], weightDecay: 0 })))).toEqual(near(expected));
  });

  test('a constant schedule is the number, bit for bit', () => {
    const still = cyclic({ base: 0.9, peak: 0.9 });
    expect(trajectory(sgd({ learningRate: 0.1, momentum: still }))).toEqual(
      trajectory(sgd({ learningRate: 0.1, momentum: 0.9 })),
    );
  });
});

describe('cyclic', () => {
  const options = { base: 1, peak: 3, up: 2, down: 4 };

  test('up and down in straight lines, over and over', () => {
    expect(near(values(cyclic(options), 9))).toEqual(near([1, 2, 3, 2.5, 2, 1.5, 1, 2, 3]));
  });

  test('triangular2: each cycle half as high as the one before', () => {
    const schedule = cyclic({ ...options, mode: 'triangular2' });
    expect(near([0, 2, 8, 14, 20].map((step) => rateAt(schedule, step)))).toEqual(near([1, 3, 2, 1.5, 1.25]));
  });

  test('expRange: lower with every step', () => {
    const schedule = cyclic({ ...options, mode: 'expRange', gamma: 0.5 });
    expect(near([0, 1, 2, 8].map((step) => rateAt(schedule, step)))).toEqual(
      near([1, 1 + 0.5, 1 + 2 / 4, 1 + 2 / 256]),
    );
  });

  test('a peak below the base: a momentum', () => {
    expect(near(values(cyclic({ base: 0.9, peak: 0.8, up: 2 }), 5))).toEqual(near([0.9, 0.85, 0.8, 0.85, 0.9]));
  });
});

test('linearFactor and constantFactor multiply a rate, or the rates of a schedule', () => {
  expect(near(values(linearFactor(0.3, { start: 1 / 3, steps: 2 }), 4))).toEqual(near([0.1, 0.2, 0.3, 0.3]));
  expect(near(values(constantFactor(0.3, { factor: 0.5, steps: 2 }), 4))).toEqual(near([0.15, 0.15, 0.3, 0.3]));
  expect(near(values(linearFactor(0.3), 7))).toEqual(near([0.1, 0.14, 0.18, 0.22, 0.26, 0.3, 0.3]));
  expect(near(values(constantFactor(0.3), 7))).toEqual(near([0.1, 0.1, 0.1, 0.1, 0.1, 0.3, 0.3]));
  const falling = exponential({ initial: 1, factor: 0.5 });
  expect(near(values(linearFactor(falling, { start: 0.5, steps: 1 }), 3))).toEqual(near([0.5, 0.5, 0.25]));
  expect(near(values(constantFactor(falling, { factor: 0.1, steps: 1 }), 3))).toEqual(near([0.1, 0.5, 0.25]));
});

test.each([
  [() => linearFactor(1, { start: 0 }), 'linearFactor: start must be above 0 and at most 1, received 0'],
  [() => linearFactor(1, { end: 2 }), 'linearFactor: end must be from 0 to 1, received 2'],
  [() => linearFactor(-1), 'constant: rate must be a finite number of at least 0, received -1'],
  [() => constantFactor(1, { factor: 1.5 }), 'constantFactor: factor must be from 0 to 1, received 1.5'],
  [() => cyclic({ base: 0, peak: 1, up: 0, down: 1 }), 'cyclic: up must be a whole number of at least 1, received 0'],
  [
    () => cyclic({ base: 0, peak: 1, mode: 'sine' as never }),
    "cyclic: mode must be triangular, triangular2, expRange, received 'sine'",
  ],
  [() => cyclic({ base: 0, peak: 1, gamma: 0.5 }), "gamma belongs to mode 'expRange', received mode 'triangular'"],
  [() => oneCycleMomentum({ steps: 4, highest: 1 }), 'highest must be from 0 to below 1, received 1'],
  [() => oneCycleMomentum({ steps: 4, peak: 1 } as never), "oneCycleMomentum: unknown option 'peak'"],
  [() => sgd({ learningRate: 1, momentum: -1 }), 'momentum must be a finite number of at least 0, received -1'],
])('%# is refused', (make, message) => expect(make).toThrow(message));
