import { compile } from '@lemmata/compile';
import { tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  constant,
  cosine,
  cosineAnnealing,
  exponential,
  linear,
  multiStep,
  oneCycle,
  polynomial,
  rateAt,
  stepDecay,
  warmRestarts,
  warmup,
  type Schedule,
} from './index.js';

const rates = (schedule: Schedule, count: number): number[] =>
  Array.from({ length: count }, (_, step) => rateAt(schedule, step));

/** By PyTorch 2.13.0. */
const golden: readonly [string, Schedule, readonly number[]][] = [
  [
    'warm restarts',
    warmRestarts({ peak: 0.1, steps: 3, growth: 2, final: 0.001 }),
    [
      0.1, 0.07525000000000001, 0.025750000000000012, 0.1, 0.09336825748732973, 0.07525000000000001, 0.0505,
      0.025750000000000012, 0.007631742512670284, 0.1, 0.09831332840130888, 0.09336825748732973, 0.0855017856687341,
    ],
  ],
  [
    'one cycle',
    oneCycle({ peak: 1, steps: 10 }),
    [
      0.040000000000000036, 0.52, 1.0, 0.9504846320134737, 0.8117456539497631, 0.6112620219362893, 0.38874197806371075,
      0.18825834605023697, 0.049519367986526286, 4e-6,
    ],
  ],
  [
    'one cycle in three straight phases',
    oneCycle({ peak: 1, steps: 10, threePhase: true, curve: 'linear', divide: 10, finalDivide: 100 }),
    [0.1, 0.55, 1, 0.55, 0.1, 0.0802, 0.0604, 0.0406, 0.0208, 0.001],
  ],
  ['polynomial', polynomial({ initial: 0.5, steps: 5, power: 2 }), [0.5, 0.32, 0.18, 0.08, 0.02, 0, 0]],
  ['polynomial, to another end', polynomial({ initial: 1, final: 0.5, steps: 2, power: 2 }), [1, 0.625, 0.5, 0.5]],
  [
    'cosine',
    cosine({ peak: 0.5, steps: 5, final: 0.01 }),
    [0.5, 0.45320916362186214, 0.33070916362186215, 0.1792908363781379, 0.0567908363781379, 0.01],
  ],
  // Its formula at eighths of a turn.
  [
    'cosine, up again',
    cosineAnnealing({ peak: 0.5, steps: 4, final: 0.1 }),
    [
      0.5,
      0.3 + 0.2 * Math.SQRT1_2,
      0.3,
      0.3 - 0.2 * Math.SQRT1_2,
      0.1,
      0.3 - 0.2 * Math.SQRT1_2,
      0.3,
      0.3 + 0.2 * Math.SQRT1_2,
      0.5,
    ],
  ],
  [
    'milestones',
    multiStep({ initial: 0.5, milestones: [2, 5, 2], factor: 0.5 }),
    [0.5, 0.5, 0.125, 0.125, 0.125, 0.0625, 0.0625],
  ],
  ['steps', stepDecay({ initial: 0.5, every: 2, factor: 0.5 }), [0.5, 0.5, 0.25, 0.25, 0.125]],
  ['exponential', exponential({ initial: 0.5, factor: 0.9 }), [0.5, 0.45, 0.405, 0.3645]],
  ['a straight line', linear({ initial: 0.1, final: 0.5, steps: 4 }), [0.1, 0.2, 0.3, 0.4, 0.5, 0.5]],
  ['a constant', constant(0.25), [0.25, 0.25, 0.25]],
];

test.each(golden)('%s', (_name, schedule, expected) => {
  rates(schedule, expected.length).forEach((rate, step) => expect(rate).toBeCloseTo(expected[step]!, 14));
});

describe('O6', () => {
  test.each(golden)('%s: the rate is a function of the step alone, compiled or not', (_name, schedule, expected) => {
    const compiled = compile((step: Tensor) => schedule(step));
    for (let step = expected.length - 1; step >= 0; step--) {
      expect(compiled(tensor(step, { dtype: 'int32' })).item()).toBe(rateAt(schedule, step));
    }
    expect(compiled.size).toBe(1);
  });

  test('a restart is at its step, not beside it, also far out', () => {
    const schedule = warmRestarts({ peak: 1, steps: 3, growth: 3 });
    // Cycles begin at 3 (3ⁿ − 1) / 2.
    for (let n = 1, start = 3; start < 2 ** 31; n++, start = (3 * (3 ** (n + 1) - 1)) / 2) {
      const begin = (3 * (3 ** n - 1)) / 2;
      expect(rateAt(schedule, begin)).toBe(1);
      expect(rateAt(schedule, begin - 1)).toBeLessThan(0.3);
    }
    expect(rateAt(warmRestarts({ peak: 1, steps: 7 }), 7_000_000)).toBe(1);
    const longest = warmRestarts({ peak: 1, steps: 2 ** 31 - 1, growth: 2 });
    expect(rateAt(longest, 2 ** 31 - 2)).toBeCloseTo(0, 12);
    expect(rateAt(longest, 2 ** 31 - 1)).toBe(1);
  });

  test('the first rate is the one asked for, and the last stays', () => {
    expect(rateAt(cosine({ peak: 0.1, steps: 100 }), 0)).toBe(0.1);
    expect(rateAt(cosine({ peak: 0.1, steps: 100, final: 0.02 }), 1_000_000)).toBe(0.02);
    expect(rateAt(oneCycle({ peak: 1, steps: 10 }), 500)).toBeCloseTo(4e-6, 16);
    expect(rateAt(linear({ initial: 1, steps: 3 }), 500)).toBe(0);
  });
});

test('a warm-up tells the schedule after it whole steps, exact beyond those that float32 can count', () => {
  const steps: Tensor[] = [];
  const schedule = warmup(
    (step) => {
      steps.push(step);
      return tensor(1);
    },
    { steps: 1 },
  );
  rateAt(schedule, 0);
  rateAt(schedule, 2 ** 24 + 2);
  expect(steps.map(({ dtype }) => dtype)).toEqual(['int32', 'int32']);
  expect(steps.map((step) => step.item())).toEqual([0, 2 ** 24 + 1]);
});

test('warm-up rises in equal steps to the first rate, and then the schedule begins', () => {
  const schedule = warmup(exponential({ initial: 0.4, factor: 0.5 }), { steps: 4 });
  const expected = [0.1, 0.2, 0.3, 0.4, 0.4, 0.2, 0.1];
  rates(schedule, 7).forEach((rate, step) => expect(rate).toBeCloseTo(expected[step]!, 14));
  expect(rates(cosine({ peak: 0.4, steps: 9, warmup: 4 }), 10)).toEqual(
    rates(warmup(cosine({ peak: 0.4, steps: 5 }), { steps: 4 }), 10),
  );
});

test.each([
  [() => constant(-0.1), 'constant: rate must be a finite number of at least 0, received -0.1'],
  [() => cosine({ peak: 0.1, steps: 10, warmup: 10 }), 'cosine: warmup must be less than steps, received 10 and 10'],
  [
    () => cosineAnnealing({ peak: 0.1, steps: 0 }),
    'cosineAnnealing: steps must be a whole number of at least 1, received 0',
  ],
  [() => cosineAnnealing({ peak: 0.1, steps: 9, warmup: 2 } as never), "cosineAnnealing: unknown option 'warmup'"],
  [() => cosine({ peak: 0.1, steps: 10, min: 0 } as never), "cosine: unknown option 'min'"],
  [() => stepDecay({ initial: 1, every: 0 }), 'stepDecay: every must be a whole number of at least 1, received 0'],
  [
    () => exponential({ initial: 1 } as never),
    'exponential: factor must be a finite number of at least 0, received undefined',
  ],
  [
    () => multiStep({ initial: 1, milestones: [3, 2.5] }),
    'multiStep: milestones[1] must be a whole number of at least 0, received 2.5',
  ],
  [
    () => multiStep({ initial: 1, milestones: 3 as never }),
    'multiStep: milestones must be a list of steps, received 3',
  ],
  [() => linear({ initial: 1, steps: 2, power: 2 } as never), "linear: unknown option 'power'"],
  [
    () => polynomial({ initial: 1, steps: 2, power: -1 }),
    'polynomial: power must be a finite number of at least 0, received -1',
  ],
  [
    () => warmRestarts({ peak: 1, steps: 3, growth: 1.5 }),
    'warmRestarts: growth must be a whole number of at least 1, received 1.5',
  ],
  [() => oneCycle({ peak: 1, steps: 10, rise: 1 }), 'oneCycle: rise must be from 0 to below 1, received 1'],
  [
    () => oneCycle({ peak: 1, steps: 10, rise: 0.6, threePhase: true }),
    'with three phases rise must be at most 0.5, received 0.6',
  ],
  [
    () => oneCycle({ peak: 1, steps: 10, curve: 'log' as never }),
    "oneCycle: curve must be 'cosine' or 'linear', received 'log'",
  ],
  [() => oneCycle({ peak: 1, steps: 10, divide: 0 }), 'oneCycle: divide must be a finite number above 0, received 0'],
  // Before anything is divided by it: that of a bigint is a TypeError of the language.
  [
    () => oneCycle({ peak: 1, steps: 10, divide: 4n as never }),
    'oneCycle: divide must be a finite number above 0, received 4',
  ],
  [() => warmup(constant(1), { steps: 0 }), 'warmup: steps must be a whole number of at least 1, received 0'],
  [() => rateAt(constant(1), -1), 'rateAt: step must be a whole number of at least 0, received -1'],
])('%# is refused', (make, message) => expect(make).toThrow(message));
