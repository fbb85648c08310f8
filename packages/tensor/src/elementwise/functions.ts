import { call, constant, type ScalarExpr } from '../expr.js';
import { erf, erfc } from './erf.js';

/**
 * The scalar functions of which elementwise ops are made: value and local derivatives, in one table.
 *
 * `partials` gives ∂f/∂argument for each argument as an expression of the arguments and of f itself; null where f is
 * constant in that argument (almost everywhere). Conventions at kinks: |x|′(0) = sign′ = 0; max and min share
 * equally at a tie; select passes the upstream to the branch taken.
 */
export interface ScalarFn {
  readonly arity: 1 | 2 | 3;
  /**
   * What it takes and gives. `same`: any dtype, and that of the arguments. `number`: likewise, no truth values.
   * `float`: likewise, floats only. `bool`: a truth value of anything. `select`: (truth value, T, T) → T.
   */
  readonly result: 'same' | 'number' | 'float' | 'bool' | 'select';
  readonly value: (...args: number[]) => number;
  readonly partials: (args: readonly ScalarExpr[], self: ScalarExpr) => readonly (ScalarExpr | null)[];
}

const one = constant(1);
const zero = constant(0);
const flat1 = (): null[] => [null];
const flat2 = (): null[] => [null, null];

function smooth(value: (x: number) => number, derivative: (x: ScalarExpr, y: ScalarExpr) => ScalarExpr): ScalarFn {
  return { arity: 1, result: 'float', value, partials: ([x], y) => [derivative(x, y)] };
}

function step(value: (x: number) => number): ScalarFn {
  return { arity: 1, result: 'number', value, partials: flat1 };
}

function compare(value: (a: number, b: number) => boolean): ScalarFn {
  return { arity: 2, result: 'bool', value: (a, b) => (value(a, b) ? 1 : 0), partials: flat2 };
}

/** 1 to the argument that is chosen, ½ to each at a tie; 1 to each if one is NaN, so that a NaN from above is passed on. */
function chosen(a: ScalarExpr, b: ScalarExpr, loses: 'gt' | 'lt'): ScalarExpr {
  return call('select', call(loses, a, b), zero, call('select', call('eq', a, b), constant(0.5), one));
}

/** 1 − x². */
function oneMinusSquare(x: ScalarExpr): ScalarExpr {
  return call('oneMinusSquare', x);
}

/** scale · e^(−x²). */
function bell(x: ScalarExpr, scale: number): ScalarExpr {
  return call('mul', constant(scale), call('exp', call('neg', call('mul', x, x))));
}

/** To the nearest integer, halves to even (IEEE 754 roundTiesToEven, as PyTorch). */
function roundHalfEven(x: number): number {
  if (x < 0) return -roundHalfEven(-x);
  const down = Math.floor(x);
  const rest = x - down;
  if (rest < 0.5) return down;
  if (rest > 0.5) return down + 1;
  return down % 2 === 0 ? down : down + 1;
}

export type ScalarFnName =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'floor'
  | 'ceil'
  | 'trunc'
  | 'round'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'log2'
  | 'log10'
  | 'sqrt'
  | 'rsqrt'
  | 'oneMinusSquare'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'sinh'
  | 'cosh'
  | 'tanh'
  | 'asinh'
  | 'acosh'
  | 'atanh'
  | 'sigmoid'
  | 'softplus'
  | 'erf'
  | 'erfc'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'atan2'
  | 'max'
  | 'min'
  | 'mod'
  | 'fmod'
  | 'floorDiv'
  | 'chain'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'eq'
  | 'ne'
  | 'and'
  | 'or'
  | 'xor'
  | 'not'
  | 'isNaN'
  | 'isFinite'
  | 'select';

export const SCALAR_FUNCTIONS: Readonly<Record<ScalarFnName, ScalarFn>> = {
  neg: { arity: 1, result: 'number', value: (x) => -x, partials: () => [constant(-1)] },
  abs: { arity: 1, result: 'number', value: Math.abs, partials: ([x]) => [call('sign', x)] },
  sign: step(Math.sign),
  floor: step(Math.floor),
  ceil: step(Math.ceil),
  trunc: step(Math.trunc),
  round: step(roundHalfEven),

  exp: smooth(Math.exp, (_, y) => y),
  // eˣ and not y + 1, which loses it for very negative x.
  expm1: smooth(Math.expm1, (x) => call('exp', x)),
  log: smooth(Math.log, (x) => call('div', one, x)),
  log1p: smooth(Math.log1p, (x) => call('div', one, call('add', x, 1))),
  log2: smooth(Math.log2, (x) => call('div', constant(Math.LOG2E), x)),
  log10: smooth(Math.log10, (x) => call('div', constant(Math.LOG10E), x)),
  sqrt: smooth(Math.sqrt, (_, y) => call('div', constant(0.5), y)),
  rsqrt: smooth(
    (x) => 1 / Math.sqrt(x),
    (x, y) => call('mul', constant(-0.5), call('div', y, x)),
  ),
  /**
   * 1 − x². As a product it keeps its digits where x is near ±1; as a function of its own, and not as an expression, it has −2x
   * for derivative, which a product's rule would make of two numbers near 1 that cancel.
   */
  oneMinusSquare: smooth(
    (x) => (1 - x) * (1 + x),
    (x) => call('mul', constant(-2), x),
  ),
  sin: smooth(Math.sin, (x) => call('cos', x)),
  cos: smooth(Math.cos, (x) => call('neg', call('sin', x))),
  tan: smooth(Math.tan, (_, y) => call('add', call('mul', y, y), 1)),
  asin: smooth(Math.asin, (x) => call('rsqrt', oneMinusSquare(x))),
  acos: smooth(Math.acos, (x) => call('neg', call('rsqrt', oneMinusSquare(x)))),
  atan: smooth(Math.atan, (x) => call('div', one, call('add', call('mul', x, x), 1))),
  sinh: smooth(Math.sinh, (x) => call('cosh', x)),
  cosh: smooth(Math.cosh, (x) => call('sinh', x)),
  tanh: smooth(Math.tanh, (_, y) => oneMinusSquare(y)),
  asinh: smooth(Math.asinh, (x) => call('rsqrt', call('add', call('mul', x, x), 1))),
  // 0 − (1 − x²) and not its neg, which at 1 were −0, and the derivative −∞.
  acosh: smooth(Math.acosh, (x) => call('rsqrt', call('sub', zero, oneMinusSquare(x)))),
  atanh: smooth(Math.atanh, (x) => call('div', one, oneMinusSquare(x))),
  // e⁻ˣ overflows to ∞ for very negative x, and 1/∞ is the right 0.
  sigmoid: smooth(
    (x) => 1 / (1 + Math.exp(-x)),
    (_, y) => call('mul', y, call('sub', one, y)),
  ),
  // ln(1 + eˣ), without overflow: max(x, 0) + ln(1 + e^−|x|).
  softplus: smooth(
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    (x) => call('sigmoid', x),
  ),
  erf: smooth(erf, (x) => bell(x, 2 / Math.sqrt(Math.PI))),
  erfc: smooth(erfc, (x) => bell(x, -2 / Math.sqrt(Math.PI))),

  add: { arity: 2, result: 'number', value: (a, b) => a + b, partials: () => [one, one] },
  sub: { arity: 2, result: 'number', value: (a, b) => a - b, partials: () => [one, constant(-1)] },
  mul: { arity: 2, result: 'number', value: (a, b) => a * b, partials: ([a, b]) => [b, a] },
  div: {
    arity: 2,
    result: 'float',
    value: (a, b) => a / b,
    partials: ([, b], y) => [call('div', one, b), call('neg', call('div', y, b))],
  },
  pow: {
    arity: 2,
    result: 'float',
    value: power,
    partials: ([a, b], y) => [
      // b · aᵇ⁻¹, and 0 where b is 0: not 0 · ∞ at a = 0. Chosen by value, it would lose its derivative by b there.
      call('chain', b, call('pow', a, call('sub', b, one))),
      // aᵇ ln a, and 0 at a = 0 for b ≥ 0: not 0 · −∞.
      call('select', call('and', call('eq', a, zero), call('ge', b, zero)), zero, call('mul', y, call('log', a))),
    ],
  },
  atan2: {
    arity: 2,
    result: 'float',
    value: Math.atan2,
    // 0 at the origin, where there is no derivative.
    partials: ([y, x]) => {
      const r2 = call('add', call('mul', x, x), call('mul', y, y));
      const over = (a: ScalarExpr): ScalarExpr => call('select', call('eq', r2, zero), zero, call('div', a, r2));
      return [over(x), call('neg', over(y))];
    },
  },
  // NaN in either argument gives NaN.
  max: { arity: 2, result: 'same', value: Math.max, partials: ([a, b]) => [chosen(a, b, 'lt'), chosen(b, a, 'lt')] },
  min: { arity: 2, result: 'same', value: Math.min, partials: ([a, b]) => [chosen(a, b, 'gt'), chosen(b, a, 'gt')] },
  /** Remainder with the sign of the divisor (Python's %); of integers by 0: 0. */
  mod: {
    arity: 2,
    result: 'number',
    value: remainder,
    partials: ([a, b]) => [one, call('neg', call('floorDiv', a, b))],
  },
  /** Remainder with the sign of the dividend (C's fmod). */
  fmod: {
    arity: 2,
    result: 'number',
    value: (a, b) => a % b,
    partials: ([a, b]) => [one, call('neg', call('trunc', call('div', a, b)))],
  },
  floorDiv: { arity: 2, result: 'number', value: floorDivide, partials: flat2 },
  /**
   * u · p, but 0 where u is 0 whatever p: what multiplies an upstream gradient by a local one. An input that did not
   * influence the result (upstream exactly 0) receives 0 even where the local derivative is infinite or NaN, so that
   * the gradient of where(x > 0, √x, x) is right at negative x.
   */
  chain: { arity: 2, result: 'number', value: (u, p) => (u === 0 ? 0 : u * p), partials: ([u, p]) => [p, u] },

  lt: compare((a, b) => a < b),
  le: compare((a, b) => a <= b),
  gt: compare((a, b) => a > b),
  ge: compare((a, b) => a >= b),
  eq: compare((a, b) => a === b),
  ne: compare((a, b) => a !== b),
  and: compare((a, b) => a !== 0 && b !== 0),
  or: compare((a, b) => a !== 0 || b !== 0),
  xor: compare((a, b) => (a !== 0) !== (b !== 0)),
  not: { arity: 1, result: 'bool', value: (a) => (a === 0 ? 1 : 0), partials: flat1 },
  isNaN: { arity: 1, result: 'bool', value: (a) => (Number.isNaN(a) ? 1 : 0), partials: flat1 },
  isFinite: { arity: 1, result: 'bool', value: (a) => (Number.isFinite(a) ? 1 : 0), partials: flat1 },

  select: {
    arity: 3,
    result: 'select',
    value: (condition, a, b) => (condition !== 0 ? a : b),
    partials: ([condition]) => [null, call('select', condition, one, zero), call('select', condition, zero, one)],
  },
};

/** IEEE 754's pow: 1ˣ = 1 and x⁰ = 1 even for NaN, where JavaScript's ** gives NaN for 1 ** NaN and 1 ** ∞. */
function power(a: number, b: number): number {
  if (a === 1) return 1;
  if (a === -1 && (b === Infinity || b === -Infinity)) return 1;
  return a ** b;
}

function remainder(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}

/** ⌊a / b⌋ of the exact quotient, so that a = floorDiv · b + mod: 1 / 0.1 is 9 rest 0.0999…, as in Python. */
function floorDivide(a: number, b: number): number {
  if (b === 0) return a / b;
  const rest = a % b;
  const quotient = (a - rest) / b;
  return Math.round(rest !== 0 && rest < 0 !== b < 0 ? quotient - 1 : quotient);
}
