import { expect, test } from 'vitest';
import { call, input, type ScalarExpr } from '../expr.js';
import { packedView } from '../layout.js';
import { scalarVjp } from './derivative.js';
import { fold } from './fold.js';
import { SCALAR_FUNCTIONS, type ScalarFnName } from './functions.js';
import { ScalarProgram } from './program.js';

/** A float64 program at one point. */
function evaluate(expr: ScalarExpr, at: readonly number[]): number {
  const program = new ScalarProgram(
    [expr],
    at.map(() => 'float64' as const),
    ['float64'],
  );
  const out = new Float64Array(1);
  program.run(
    at.map((x) => packedView({ shape: [1], dtype: 'float64' }, Float64Array.of(x))),
    [packedView({ shape: [1], dtype: 'float64' }, out)],
  );
  return out[0];
}

interface Case {
  /** The function by another way than the table's: a definition, a series, or identities with other functions. */
  readonly oracle: (...x: number[]) => number;
  /** Points away from kinks, poles and ties. */
  readonly points: readonly (readonly number[])[];
}

const real = [[-2.3], [-0.7], [0.4], [1.9]];
const positive = [[0.2], [0.9], [1.7], [5.1]];
const unit = [[-0.8], [-0.3], [0.15], [0.7]];
const pairs = [
  [1.3, 0.6],
  [-0.7, 2.1],
  [2.2, -1.4],
  [-1.9, -0.8],
];
const { E, PI } = Math;
const exp = (x: number): number => E ** x;

/** Simpson's rule. */
function integral(f: (t: number) => number, from: number, to: number): number {
  const n = 2000;
  const h = (to - from) / n;
  let sum = f(from) + f(to);
  for (let i = 1; i < n; i++) sum += f(from + i * h) * (i % 2 === 1 ? 4 : 2);
  return (sum * h) / 3;
}

const erfOracle = (x: number): number => (2 / Math.sqrt(PI)) * integral((t) => exp(-t * t), 0, x);

const CASES: Partial<Record<ScalarFnName, Case>> = {
  neg: { oracle: (x) => 0 - x, points: real },
  abs: { oracle: (x) => Math.sqrt(x * x), points: real },
  sign: { oracle: (x) => x / Math.sqrt(x * x), points: real },
  floor: { oracle: (x) => x - (((x % 1) + 1) % 1), points: real },
  ceil: { oracle: (x) => x + (((-x % 1) + 1) % 1), points: real },
  trunc: { oracle: (x) => x - (x % 1), points: real },
  round: { oracle: (x) => Number(x.toFixed(0)), points: real },
  exp: { oracle: exp, points: real },
  expm1: { oracle: (x) => exp(x) - 1, points: real },
  log: { oracle: (x) => integral((t) => 1 / t, 1, x), points: positive },
  log1p: { oracle: (x) => integral((t) => 1 / t, 1, 1 + x), points: positive },
  log2: { oracle: (x) => integral((t) => 1 / t, 1, x) / integral((t) => 1 / t, 1, 2), points: positive },
  log10: { oracle: (x) => integral((t) => 1 / t, 1, x) / integral((t) => 1 / t, 1, 10), points: positive },
  sqrt: { oracle: (x) => x ** 0.5, points: positive },
  rsqrt: { oracle: (x) => x ** -0.5, points: positive },
  oneMinusSquare: { oracle: (x) => 1 - x ** 2, points: real },
  sin: { oracle: (x) => integral(Math.cos, 0, x), points: real },
  cos: { oracle: (x) => 1 - integral(Math.sin, 0, x), points: real },
  tan: { oracle: (x) => Math.sin(x) / Math.cos(x), points: real },
  asin: { oracle: (x) => integral((t) => 1 / Math.sqrt(1 - t * t), 0, x), points: unit },
  acos: { oracle: (x) => PI / 2 - integral((t) => 1 / Math.sqrt(1 - t * t), 0, x), points: unit },
  atan: { oracle: (x) => integral((t) => 1 / (1 + t * t), 0, x), points: real },
  sinh: { oracle: (x) => (exp(x) - exp(-x)) / 2, points: real },
  cosh: { oracle: (x) => (exp(x) + exp(-x)) / 2, points: real },
  tanh: { oracle: (x) => (exp(x) - exp(-x)) / (exp(x) + exp(-x)), points: real },
  asinh: { oracle: (x) => Math.log(x + Math.sqrt(x * x + 1)), points: real },
  acosh: { oracle: (x) => Math.log(x + Math.sqrt(x * x - 1)), points: [[1.1], [2.3], [7]] },
  atanh: { oracle: (x) => Math.log((1 + x) / (1 - x)) / 2, points: unit },
  sigmoid: { oracle: (x) => exp(x) / (exp(x) + 1), points: real },
  softplus: { oracle: (x) => Math.log(1 + exp(x)), points: real },
  erf: { oracle: erfOracle, points: real },
  erfc: { oracle: (x) => 1 - erfOracle(x), points: real },
  add: { oracle: (a, b) => a - -b, points: pairs },
  sub: { oracle: (a, b) => a + -b, points: pairs },
  mul: { oracle: (a, b) => ((a + b) ** 2 - (a - b) ** 2) / 4, points: pairs },
  div: { oracle: (a, b) => a * b ** -1, points: pairs },
  pow: {
    oracle: (a, b) => exp(b * Math.log(a)),
    points: [
      [1.3, 0.6],
      [0.7, 2.1],
      [2.2, -1.4],
    ],
  },
  atan2: { oracle: (y, x) => 2 * Math.atan(y / (Math.hypot(x, y) + x)), points: pairs },
  max: { oracle: (a, b) => (a + b + Math.abs(a - b)) / 2, points: pairs },
  min: { oracle: (a, b) => (a + b - Math.abs(a - b)) / 2, points: pairs },
  mod: { oracle: (a, b) => a - b * Math.floor(a / b), points: pairs },
  fmod: { oracle: (a, b) => a - b * Math.trunc(a / b), points: pairs },
  floorDiv: { oracle: (a, b) => Math.floor(a / b), points: pairs },
  chain: { oracle: (u, p) => u / (1 / p), points: pairs },
};

/** Truth values and choices: tested by cases of their own below. */
const TRUTH: readonly ScalarFnName[] = [
  'lt',
  'le',
  'gt',
  'ge',
  'eq',
  'ne',
  'and',
  'or',
  'xor',
  'not',
  'isNaN',
  'isFinite',
  'select',
];

test('every scalar function has a case', () => {
  expect(Object.keys(SCALAR_FUNCTIONS).sort()).toEqual([...Object.keys(CASES), ...TRUTH].sort());
});

/** ∂f/∂argument by Richardson's extrapolation of central differences. */
function difference(f: (...x: number[]) => number, at: readonly number[], argument: number): number {
  const central = (h: number): number => {
    const moved = (by: number): number => f(...at.map((x, i) => (i === argument ? x + by : x)));
    return (moved(h) - moved(-h)) / (2 * h);
  };
  const h = 1e-3;
  return (4 * central(h / 2) - central(h)) / 3;
}

for (const [name, { oracle, points }] of Object.entries(CASES) as [ScalarFnName, Case][]) {
  const { arity } = SCALAR_FUNCTIONS[name];
  const args = Array.from({ length: arity }, (_, i) => input(i));
  const dtypes = args.map(() => 'float64' as const);
  const expr = call(name, ...args);

  test(`${name}: value`, () => {
    for (const at of points) expect(evaluate(expr, at), String(at)).toBeCloseTo(oracle(...at), 11);
  });

  test(`${name}: first and second derivatives against differences of the independent value`, () => {
    const upstream = 1.7;
    scalarVjp(expr, dtypes, name).forEach((gradient, i) => {
      for (const at of points) {
        const expected = difference(oracle, at, i);
        const first = gradient === null ? 0 : evaluate(fold(gradient), [...at, upstream]);
        expect(first, `∂${i} at ${at}`).toBeCloseTo(upstream * expected, 7);
        if (gradient === null) continue;
        // The derivative's own derivative, along every argument and the upstream.
        scalarVjp(fold(gradient), [...dtypes, 'float64'], name).forEach((second, j) => {
          const value = second === null ? 0 : evaluate(fold(second), [...at, upstream, 0.6]);
          const numeric = difference((...x) => evaluate(fold(gradient), x), [...at, upstream], j);
          expect(value, `∂${i}∂${j} at ${at}`).toBeCloseTo(0.6 * numeric, 6);
        });
      }
    });
  });
}

/** ∂²f/∂x², with 1 from above both times. */
function secondDerivative(fn: ScalarFnName, x: number): number {
  const [first] = scalarVjp(call(fn, input(0)), ['float64'], fn);
  const [second] = scalarVjp(first!, ['float64', 'float64'], fn);
  return evaluate(second!, [x, 1, 1]);
}

test('second derivatives made of 1 − x² keep their digits near 0, where they are about x', () => {
  for (const x of [1e-300, -1e-20, 1e-9, -1e-5]) {
    // By the first terms of their series.
    const close = (fn: ScalarFnName, expected: number): void =>
      expect(Math.abs(secondDerivative(fn, x) / expected - 1), `${fn} at ${x}`).toBeLessThan(4e-16);
    close('tanh', -2 * x + (8 / 3) * x ** 3);
    close('asin', x + 1.5 * x ** 3);
    close('acos', -x - 1.5 * x ** 3);
    close('atanh', 2 * x + 4 * x ** 3);
  }
});

test('second derivatives at poles are infinite, with the sign that they have beside them', () => {
  const at = (fn: ScalarFnName, ...points: number[]): number[] => points.map((x) => secondDerivative(fn, x));
  expect(at('asin', 1, -1)).toEqual([Infinity, -Infinity]);
  expect(at('acos', 1, -1)).toEqual([-Infinity, Infinity]);
  expect(at('atanh', 1, -1)).toEqual([Infinity, -Infinity]);
  expect(at('acosh', 1)).toEqual([-Infinity]);
  // And the first: of acosh from the one side that there is.
  const [first] = scalarVjp(call('acosh', input(0)), ['float64'], 'acosh');
  expect(evaluate(first!, [1, 1])).toBe(Infinity);
  expect(at('tanh', Infinity, -Infinity)).toEqual([-0, 0]);
});

test('a NaN from above passes maximum and minimum where one of both is NaN', () => {
  for (const fn of ['max', 'min'] as const) {
    const gradients = scalarVjp(call(fn, input(0), input(1)), ['float64', 'float64'], fn);
    for (const at of [
      [NaN, 1],
      [1, NaN],
      [NaN, NaN],
    ])
      expect(gradients.map((gradient) => evaluate(gradient!, [...at, NaN]))).toEqual([NaN, NaN]);
  }
});

test('comparisons, logic and choice, NaN included', () => {
  const at = (fn: ScalarFnName, ...args: number[]): number => SCALAR_FUNCTIONS[fn].value(...args);
  const table: [ScalarFnName, number[], number][] = [
    ['lt', [1, 2], 1],
    ['lt', [2, 2], 0],
    ['lt', [NaN, 2], 0],
    ['le', [2, 2], 1],
    ['le', [3, 2], 0],
    ['le', [2, NaN], 0],
    ['gt', [3, 2], 1],
    ['gt', [2, 2], 0],
    ['gt', [NaN, 2], 0],
    ['ge', [2, 2], 1],
    ['ge', [1, 2], 0],
    ['ge', [NaN, NaN], 0],
    ['eq', [-0, 0], 1],
    ['eq', [NaN, NaN], 0],
    ['ne', [NaN, NaN], 1],
    ['ne', [1, 1], 0],
    ['and', [2, NaN], 1],
    ['and', [2, 0], 0],
    ['or', [0, 0], 0],
    ['or', [0, -3], 1],
    ['xor', [2, 3], 0],
    ['xor', [2, 0], 1],
    ['not', [0], 1],
    ['not', [NaN], 0],
    ['isNaN', [NaN], 1],
    ['isNaN', [Infinity], 0],
    ['isFinite', [-Infinity], 0],
    ['isFinite', [3], 1],
    ['select', [1, 5, 6], 5],
    ['select', [0, 5, 6], 6],
  ];
  for (const [fn, args, expected] of table) expect(at(fn, ...args), `${fn}(${args})`).toBe(expected);
});

test('special values: pow by IEEE 754, remainders by sign, rounding halves to even', () => {
  const at = (fn: ScalarFnName, ...args: number[]): number => SCALAR_FUNCTIONS[fn].value(...args);
  expect(at('pow', 1, NaN)).toBe(1);
  expect(at('pow', NaN, 0)).toBe(1);
  expect(at('pow', -1, Infinity)).toBe(1);
  expect(at('pow', -8, 1 / 3)).toBeNaN();
  // As Python's: 7 % -3 = -2, -7 % 3 = 2, -7 // 3 = -3, 1 // 0.1 = 9, -5 // inf = -1.
  expect([at('mod', 7, -3), at('mod', -7, 3), at('mod', 7, 3), at('mod', -7, -3)]).toEqual([-2, 2, 1, -1]);
  expect([at('fmod', 7, -3), at('fmod', -7, 3)]).toEqual([1, -1]);
  expect([at('floorDiv', -7, 3), at('floorDiv', 7, -3), at('floorDiv', 1, 0.1), at('floorDiv', -5, Infinity)]).toEqual([
    -3, -3, 9, -1,
  ]);
  expect(at('mod', 1, 0.1)).toBeCloseTo(0.1, 15);
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 4503599627370497.5].map((x) => at('round', x))).toEqual([
    0, 2, 2, -0, -2, 0, 4503599627370498,
  ]);
  expect(at('round', Infinity)).toBe(Infinity);
});

test('erf and erfc to 1e-15 over their range, against series and continued fraction', () => {
  const { erf, erfc } = { erf: SCALAR_FUNCTIONS.erf.value, erfc: SCALAR_FUNCTIONS.erfc.value };
  // Abramowitz & Stegun 7.1.6, whose terms are all positive, and 7.1.14 from the end.
  const series = (x: number): number => {
    let term = x;
    let sum = x;
    for (let n = 1; term > 1e-18 * sum; n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return (2 / Math.sqrt(PI)) * Math.exp(-x * x) * sum;
  };
  const fraction = (x: number): number => {
    let f = x;
    for (let n = 200; n > 0; n--) f = x + n / 2 / f;
    return Math.exp(-x * x) / Math.sqrt(PI) / f;
  };
  for (let x = 0.01; x < 3; x += 0.037) {
    expect(Math.abs(erf(x) / series(x) - 1), `erf ${x}`).toBeLessThan(1e-15);
    expect(erf(-x)).toBe(-erf(x));
  }
  for (let x = 2; x < 26; x += 0.31) expect(Math.abs(erfc(x) / fraction(x) - 1), `erfc ${x}`).toBeLessThan(2e-13);
  expect([erf(0), erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity), erfc(-30), erfc(40)]).toEqual([
    0, 1, -1, 0, 2, 2, 0,
  ]);
  expect([erf(NaN), erfc(NaN)]).toEqual([NaN, NaN]);
});
