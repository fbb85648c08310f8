import { OptionError } from '@lemmata/shape';
import { tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  clipByGlobalNorm,
  clipByValue,
  constantFactor,
  cosine,
  cosineAnnealing,
  cyclic,
  exponential,
  globalNorm,
  linear,
  linearFactor,
  multiStep,
  nadam,
  oneCycle,
  oneCycleMomentum,
  polynomial,
  radam,
  rateAt,
  reduceOnPlateau,
  rmsprop,
  sgd,
  stepDecay,
  warmRestarts,
  warmup,
} from './index.js';

const as = (value: unknown): any => value;
const refusal = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    return error instanceof OptionError ? error.message : String(error);
  }
  return 'none';
};

test('every schedule and optimiser refuses options that it does not know, by its name', () => {
  const makers: Record<string, (options: any) => unknown> = {
    linearFactor: (options) => linearFactor(1, options),
    constantFactor: (options) => constantFactor(1, options),
    warmup: (options) => warmup(() => tensor(1), options),
    clipByGlobalNorm: (options) => clipByGlobalNorm(tensor(1), 1, options),
    globalNorm: (options) => globalNorm(tensor(1), options),
    stepDecay,
    multiStep,
    exponential,
    linear,
    polynomial,
    cosine,
    cosineAnnealing,
    warmRestarts,
    cyclic,
    oneCycle,
    oneCycleMomentum,
    reduceOnPlateau,
    sgd,
    adam,
    adamw,
    adagrad,
    rmsprop,
    adadelta,
    adamax,
    nadam,
    radam,
  };
  for (const [name, make] of Object.entries(makers))
    expect(refusal(() => make({ nonsense: 1 }))).toMatch(`${name}: unknown option 'nonsense' (it takes `);
});

describe('what each refuses, word by word', () => {
  const rule = 'must be a finite number of at least 0, received';
  const count = 'must be a whole number of at least';
  test.each<[string, () => unknown]>([
    [`stepDecay: initial ${rule} -1`, () => stepDecay({ initial: -1, every: 1 })],
    [`stepDecay: factor ${rule} -1`, () => stepDecay({ initial: 1, every: 1, factor: -1 })],
    [`stepDecay: every ${count} 1, received 2147483648`, () => stepDecay({ initial: 1, every: 2 ** 31 })],
    [`multiStep: initial ${rule} -1`, () => multiStep({ initial: -1, milestones: [] })],
    [`multiStep: factor ${rule} Infinity`, () => multiStep({ initial: 1, milestones: [], factor: Infinity })],
    [`multiStep: milestones[0] ${count} 0, received -1`, () => multiStep({ initial: 1, milestones: [-1, 0] })],
    [`exponential: initial ${rule} NaN`, () => exponential({ initial: NaN, factor: 1 })],
    [`linear: initial ${rule} -1`, () => linear({ initial: -1, steps: 1 })],
    [`linear: final ${rule} -1`, () => linear({ initial: 1, final: -1, steps: 1 })],
    [`linear: steps ${count} 1, received 0`, () => linear({ initial: 1, steps: 0 })],
    [`polynomial: steps ${count} 1, received 0`, () => polynomial({ initial: 1, steps: 0 })],
    [`warmup: steps ${count} 1, received 0.5`, () => warmup(() => tensor(1), { steps: 0.5 })],
    [`cosine: peak ${rule} -1`, () => cosine({ peak: -1, steps: 1 })],
    [`cosine: final ${rule} -1`, () => cosine({ peak: 1, final: -1, steps: 1 })],
    [`cosine: steps ${count} 1, received 0`, () => cosine({ peak: 1, steps: 0 })],
    [`cosine: warmup ${count} 0, received -1`, () => cosine({ peak: 1, steps: 2, warmup: -1 })],
    ['cosine: warmup must be less than steps, received 3 and 2', () => cosine({ peak: 1, steps: 2, warmup: 3 })],
    [`cosineAnnealing: peak ${rule} -1`, () => cosineAnnealing({ peak: -1, steps: 1 })],
    [`cosineAnnealing: final ${rule} -1`, () => cosineAnnealing({ peak: 1, final: -1, steps: 1 })],
    [`warmRestarts: peak ${rule} -1`, () => warmRestarts({ peak: -1, steps: 1 })],
    [`warmRestarts: final ${rule} -1`, () => warmRestarts({ peak: 1, final: -1, steps: 1 })],
    [`warmRestarts: steps ${count} 1, received 0`, () => warmRestarts({ peak: 1, steps: 0 })],
    [`cyclic: base ${rule} -1`, () => cyclic({ base: -1, peak: 1 })],
    [`cyclic: peak ${rule} -1`, () => cyclic({ base: 1, peak: -1 })],
    [`cyclic: down ${count} 1, received 0`, () => cyclic({ base: 1, peak: 1, down: 0 })],
    [
      'cyclic: mode must be triangular, triangular2, expRange, received 3',
      () => cyclic({ base: 0, peak: 1, mode: as(3) }),
    ],
    [
      "cyclic: mode must be triangular, triangular2, expRange, received ['triangular']",
      () => cyclic({ base: 0, peak: 1, mode: as(['triangular']) }),
    ],
    [
      'cyclic: gamma must be from 0 to 1, received 1.5',
      () => cyclic({ base: 0, peak: 1, mode: 'expRange', gamma: 1.5 }),
    ],
    [
      'cyclic: gamma must be from 0 to 1, received -0.5',
      () => cyclic({ base: 0, peak: 1, mode: 'expRange', gamma: -0.5 }),
    ],
    [
      "cyclic: 2 problems\n  1. mode must be triangular, triangular2, expRange, received 'up'\n" +
        "  2. gamma belongs to mode 'expRange', received mode 'up'",
      () => cyclic({ base: 0, peak: 1, mode: as('up'), gamma: 0.5 }),
    ],
    [`oneCycle: peak ${rule} -1`, () => oneCycle({ peak: -1, steps: 9 })],
    [`oneCycle: steps ${count} 2, received 1`, () => oneCycle({ peak: 1, steps: 1 })],
    [
      'oneCycle: 2 problems\n  1. divide must be a finite number above 0, received Infinity\n' +
        '  2. finalDivide must be a finite number above 0, received 0',
      () => oneCycle({ peak: 1, steps: 9, divide: Infinity, finalDivide: 0 }),
    ],
    ['oneCycle: rise must be from 0 to below 1, received -0.1', () => oneCycle({ peak: 1, steps: 9, rise: -0.1 })],
    ['oneCycle: rise must be from 0 to below 1, received NaN', () => oneCycle({ peak: 1, steps: 9, rise: NaN })],
    [
      'oneCycle: rise must be from 0 to below 1, received 2',
      () => oneCycle({ peak: 1, steps: 9, rise: 2, threePhase: true }),
    ],
    [
      'oneCycle: threePhase must be true or false, received 1',
      () => oneCycle({ peak: 1, steps: 9, threePhase: as(1) }),
    ],
    [
      'oneCycleMomentum: 2 problems\n  1. highest must be from 0 to below 1, received NaN\n' +
        '  2. lowest must be from 0 to below 1, received -0.5',
      () => oneCycleMomentum({ steps: 9, highest: NaN, lowest: -0.5 }),
    ],
    ['linearFactor: start must be above 0 and at most 1, received 1.5', () => linearFactor(1, { start: 1.5 })],
    ['linearFactor: start must be above 0 and at most 1, received NaN', () => linearFactor(1, { start: NaN })],
    ['linearFactor: end must be from 0 to 1, received -0.5', () => linearFactor(1, { end: -0.5 })],
    ['linearFactor: end must be from 0 to 1, received NaN', () => linearFactor(1, { end: NaN })],
    [`linearFactor: steps ${count} 1, received 0`, () => linearFactor(1, { steps: 0 })],
    ['constantFactor: factor must be from 0 to 1, received -0.5', () => constantFactor(1, { factor: -0.5 })],
    [`constantFactor: steps ${count} 0, received -1`, () => constantFactor(1, { steps: -1 })],
    [`reduceOnPlateau: initial ${rule} -1`, () => reduceOnPlateau({ initial: -1 })],
    [`reduceOnPlateau: threshold ${rule} -1`, () => reduceOnPlateau({ initial: 1, threshold: -1 })],
    [`reduceOnPlateau: least ${rule} -1`, () => reduceOnPlateau({ initial: 1, least: -1 })],
    [`reduceOnPlateau: eps ${rule} -1`, () => reduceOnPlateau({ initial: 1, eps: -1 })],
    [`reduceOnPlateau: patience ${count} 0, received -1`, () => reduceOnPlateau({ initial: 1, patience: -1 })],
    [`reduceOnPlateau: cooldown ${count} 0, received -1`, () => reduceOnPlateau({ initial: 1, cooldown: -1 })],
    [
      'reduceOnPlateau: factor must be from 0 to below 1, received -1',
      () => reduceOnPlateau({ initial: 1, factor: -1 }),
    ],
    ['clipByValue: max must be a finite number above 0, received Infinity', () => clipByValue(tensor(1), Infinity)],
    [`rateAt: step ${count} 0, received 0.5`, () => rateAt(() => tensor(1), 0.5)],
    [`adam: eps ${rule} Infinity`, () => adam({ eps: Infinity })],
    [`adam: learningRate ${rule} '1'`, () => adam({ learningRate: as('1') })],
    ['adam: betas must be two numbers from 0 to below 1, received 0.9', () => adam({ betas: as(0.9) })],
    ['adam: betas must be two numbers from 0 to below 1, received [0.9]', () => adam({ betas: as([0.9]) })],
    ['adam: betas must be two numbers from 0 to below 1, received [0.9, -0.1]', () => adam({ betas: [0.9, -0.1] })],
    ['adam: betas must be two numbers from 0 to below 1, received [0.9, NaN]', () => adam({ betas: [0.9, NaN] })],
    [
      'adam: betas must be two numbers from 0 to below 1, received [0.9, a function]',
      () => adam({ betas: as([0.9, () => tensor(0)]) }),
    ],
    [
      'radam: betas must be two numbers from 0 to below 1, received [a function, 0.9]',
      () => radam({ betas: as([() => tensor(0), 0.9]) }),
    ],
    ['rmsprop: alpha must be from 0 to 1, received -0.1', () => rmsprop({ alpha: -0.1 })],
    ['rmsprop: alpha must be from 0 to 1, received NaN', () => rmsprop({ alpha: NaN })],
    [
      'sgd: nesterov needs momentum and no dampening',
      () => sgd({ learningRate: 1, nesterov: true, momentum: 0.9, dampening: 0.1 }),
    ],
    [
      'sgd: groups[0]: nesterov needs momentum and no dampening',
      () => sgd({ learningRate: 1, groups: [{ match: () => true, nesterov: true }] }),
    ],
    [
      `adam: groups[1]: eps ${rule} -1`,
      () => adam({ groups: [{ match: () => true }, { match: () => true, eps: -1 }] }),
    ],
    ['adam: groups[0] needs a function match: (path) => boolean', () => adam({ groups: [as({ eps: 1 })] })],
  ])('%s', (text, make) => expect(refusal(make)).toBe(text));
});

test('the ends of what is asked for are taken', () => {
  const taken: readonly (() => unknown)[] = [
    () => stepDecay({ initial: 0, every: 2 ** 31 - 1, factor: 0 }),
    () => multiStep({ initial: 1, milestones: [0, 2 ** 31 - 1] }),
    () => cosine({ peak: 1, steps: 2, warmup: 1 }),
    () => cyclic({ base: 0, peak: 0, up: 1, mode: 'expRange', gamma: 0 }),
    () => oneCycle({ peak: 0, steps: 2, rise: 0 }),
    () => oneCycle({ peak: 0, steps: 2, rise: 0.5, threePhase: true }),
    () => oneCycle({ peak: 0, steps: 2, rise: 0.9, threePhase: false }),
    () => oneCycleMomentum({ steps: 2, highest: 0, lowest: 0 }),
    () => linearFactor(0, { start: 1, end: 0, steps: 1 }),
    () => constantFactor(0, { factor: 0, steps: 0 }),
    () => constantFactor(0, { factor: 1 }),
    () => reduceOnPlateau({ initial: 0, factor: 0, patience: 0, threshold: 0, least: 0, eps: 0 }),
    () => rmsprop({ alpha: 0, eps: 0, momentum: 0 }),
    () => rmsprop({ alpha: 1 }),
    () => adam({ betas: [0, 0], learningRate: 0 }),
  ];
  for (const make of taken) expect(refusal(make)).toBe('none');
});

describe('parameters and gradients', () => {
  const params = { w: tensor([1, 2]) };

  test('what is no tensor, or of another kind, is refused by its path', () => {
    const optimizer = sgd({ learningRate: 1 });
    expect(refusal(() => optimizer.init({ n: as('text') }))).toBe(
      'TypeError: sgd: parameter n must be a floating-point tensor, received string; keep it out of the parameters (partition)',
    );
    expect(refusal(() => optimizer.init({ n: tensor(1, { dtype: 'int32' }) }))).toBe(
      'TypeError: sgd: parameter n must be a floating-point tensor, received int32[]; keep it out of the parameters (partition)',
    );
    const state = optimizer.init(params);
    expect(refusal(() => optimizer.update({ w: as(tensor([1, 2], { dtype: 'float64' })) }, state, params))).toBe(
      'TypeError: sgd: the gradient of w must be float32[2] like the parameter, received float64[2]',
    );
  });

  test('a state of other parameters is refused, with the place where it differs', () => {
    const optimizer = adam({ learningRate: 1 });
    const state = optimizer.init({ w: tensor([1, 2, 3]) });
    expect(refusal(() => optimizer.update(params, state, params))).toBe(
      'TypeError: adam: exp_avg of w must be float32[2], received float32[3]; the state is of other parameters: begin with init',
    );
  });

  test('a state of other options is refused, with what it lacks', () => {
    const state = sgd({ learningRate: 1 }).init(params);
    expect(refusal(() => adam().update(params, state, params))).toBe(
      'TypeError: adam: the state has no exp_avg, exp_avg_sq for w; begin with init, with the same options',
    );
  });
});
