import type { DType, ScalarFnName } from '@lemmata/tensor';
import { f32x4, f64x2, i32x4, v128, type F64, type FunctionBuilder, type V128 } from '../assembler/index.js';
import type { Target } from '../code.js';
import { castLanes, narrowMask, notZero, wideMask } from './cast.js';
import type { Lanes } from './lanes.js';
import { erf, erfc, exp, expm1, log, log1p, sigmoid, softplus, splat, tanh, type Maths } from './math.js';

type Vector = (m: Maths, ...args: V128[]) => V128;

/** sign keeps ±0 and NaN. */
const signFloat: Vector = (m, x) =>
  v128.bitselect(splat(m, 1), v128.bitselect(splat(m, -1), x, f32x4.lt(x, splat(m, 0))), f32x4.gt(x, splat(m, 0)));

/** Functions of float32 on four lanes; comparisons give a mask. Arguments are variables: they may be used more than once. */
const FLOAT32: Partial<Record<ScalarFnName, Vector>> = {
  neg: (_, x) => f32x4.neg(x),
  abs: (_, x) => f32x4.abs(x),
  sign: signFloat,
  floor: (_, x) => f32x4.floor(x),
  ceil: (_, x) => f32x4.ceil(x),
  trunc: (_, x) => f32x4.trunc(x),
  round: (_, x) => f32x4.nearest(x),
  sqrt: (_, x) => f32x4.sqrt(x),
  rsqrt: (m, x) => f32x4.div(splat(m, 1), f32x4.sqrt(x)),
  oneMinusSquare: (m, x) => f32x4.mul(f32x4.sub(splat(m, 1), x), f32x4.add(splat(m, 1), x)),
  exp,
  expm1,
  log,
  log1p,
  tanh,
  sigmoid,
  softplus,
  erf,
  erfc,
  add: (_, a, b) => f32x4.add(a, b),
  sub: (_, a, b) => f32x4.sub(a, b),
  mul: (_, a, b) => f32x4.mul(a, b),
  div: (_, a, b) => f32x4.div(a, b),
  max: (_, a, b) => f32x4.max(a, b),
  min: (_, a, b) => f32x4.min(a, b),
  chain: (m, u, p) => v128.andnot(f32x4.mul(u, p), f32x4.eq(u, splat(m, 0))),
  lt: (_, a, b) => f32x4.lt(a, b),
  le: (_, a, b) => f32x4.le(a, b),
  gt: (_, a, b) => f32x4.gt(a, b),
  ge: (_, a, b) => f32x4.ge(a, b),
  eq: (_, a, b) => f32x4.eq(a, b),
  ne: (_, a, b) => f32x4.ne(a, b),
  isNaN: (_, x) => f32x4.ne(x, x),
  isFinite: (m, x) => f32x4.lt(f32x4.abs(x), splat(m, Infinity)),
};

const zero64 = ({ f }: Maths): V128 => f.hoist(f64x2.splat(0));
const one64 = ({ f }: Maths): V128 => f.hoist(f64x2.splat(1));

/** Functions of float64 on two lanes; each is applied to both halves. */
const FLOAT64: Partial<Record<ScalarFnName, Vector>> = {
  neg: (_, x) => f64x2.neg(x),
  abs: (_, x) => f64x2.abs(x),
  floor: (_, x) => f64x2.floor(x),
  ceil: (_, x) => f64x2.ceil(x),
  trunc: (_, x) => f64x2.trunc(x),
  round: (_, x) => f64x2.nearest(x),
  sqrt: (_, x) => f64x2.sqrt(x),
  rsqrt: (m, x) => f64x2.div(one64(m), f64x2.sqrt(x)),
  oneMinusSquare: (m, x) => f64x2.mul(f64x2.sub(one64(m), x), f64x2.add(one64(m), x)),
  add: (_, a, b) => f64x2.add(a, b),
  sub: (_, a, b) => f64x2.sub(a, b),
  mul: (_, a, b) => f64x2.mul(a, b),
  div: (_, a, b) => f64x2.div(a, b),
  max: (_, a, b) => f64x2.max(a, b),
  min: (_, a, b) => f64x2.min(a, b),
  chain: (m, u, p) => v128.andnot(f64x2.mul(u, p), f64x2.eq(u, zero64(m))),
  lt: (_, a, b) => f64x2.lt(a, b),
  le: (_, a, b) => f64x2.le(a, b),
  gt: (_, a, b) => f64x2.gt(a, b),
  ge: (_, a, b) => f64x2.ge(a, b),
  eq: (_, a, b) => f64x2.eq(a, b),
  ne: (_, a, b) => f64x2.ne(a, b),
  isNaN: (_, x) => f64x2.ne(x, x),
  isFinite: ({ f }, x) => f64x2.lt(f64x2.abs(x), f.hoist(f64x2.splat(Infinity))),
};

const zeroInt = ({ f }: Maths): V128 => f.hoist(i32x4.splat(0));
const never: Vector = (m) => zeroInt(m);
const always: Vector = (m) => v128.not(zeroInt(m));

/** Functions of int32, which wrap. */
const INT32: Partial<Record<ScalarFnName, Vector>> = {
  neg: (_, x) => i32x4.neg(x),
  abs: (_, x) => i32x4.abs(x),
  sign: ({ f }, x) => i32x4.max_s(i32x4.min_s(x, f.hoist(i32x4.splat(1))), f.hoist(i32x4.splat(-1))),
  floor: (_, x) => x,
  ceil: (_, x) => x,
  trunc: (_, x) => x,
  round: (_, x) => x,
  add: (_, a, b) => i32x4.add(a, b),
  sub: (_, a, b) => i32x4.sub(a, b),
  mul: (_, a, b) => i32x4.mul(a, b),
  max: (_, a, b) => i32x4.max_s(a, b),
  min: (_, a, b) => i32x4.min_s(a, b),
  lt: (_, a, b) => i32x4.lt_s(a, b),
  le: (_, a, b) => i32x4.le_s(a, b),
  gt: (_, a, b) => i32x4.gt_s(a, b),
  ge: (_, a, b) => i32x4.ge_s(a, b),
  eq: (_, a, b) => i32x4.eq(a, b),
  ne: (_, a, b) => v128.not(i32x4.eq(a, b)),
  isNaN: never,
  isFinite: always,
};

/** Functions of truth values, on masks: true is 1 where they are compared. */
const BOOL: Partial<Record<ScalarFnName, Vector>> = {
  max: (_, a, b) => v128.or(a, b),
  min: (_, a, b) => v128.and(a, b),
  lt: (_, a, b) => v128.andnot(b, a),
  le: (_, a, b) => v128.or(v128.not(a), b),
  gt: (_, a, b) => v128.andnot(a, b),
  ge: (_, a, b) => v128.or(a, v128.not(b)),
  eq: (_, a, b) => v128.not(v128.xor(a, b)),
  ne: (_, a, b) => v128.xor(a, b),
  isNaN: never,
  isFinite: always,
};

const TABLES: Readonly<Record<DType, Partial<Record<ScalarFnName, Vector>>>> = {
  float32: FLOAT32,
  float64: FLOAT64,
  int32: INT32,
  bool: BOOL,
};
const LOGICAL: Partial<Record<ScalarFnName, (a: V128, b: V128) => V128>> = {
  and: (a, b) => v128.and(a, b),
  or: (a, b) => v128.or(a, b),
  xor: (a, b) => v128.xor(a, b),
  not: (a) => v128.not(a),
};

/** Whether a function is computed by a call into JavaScript, element by element. */
export function isCalled(fn: ScalarFnName, operand: DType): boolean {
  return fn !== 'select' && LOGICAL[fn] === undefined && TABLES[operand][fn] === undefined;
}

/** Functions that take many instructions. */
const SERIES: ReadonlySet<ScalarFnName> = new Set([
  'exp',
  'expm1',
  'log',
  'log1p',
  'tanh',
  'sigmoid',
  'softplus',
  'erf',
  'erfc',
]);

/** Whether computing a function takes much longer than a turn of a loop. */
export function isCostly(fn: ScalarFnName, operand: DType): boolean {
  return SERIES.has(fn) || isCalled(fn, operand);
}

/** A scalar function on four elements of dtype `operand`; arguments are variables. */
export function functionLanes(
  f: FunctionBuilder,
  target: Target,
  fn: ScalarFnName,
  operand: DType,
  result: DType,
  args: readonly Lanes[],
): Lanes {
  const m = { f, target };
  if (fn === 'select') {
    const [condition, a, b] = args;
    const masks = operand === 'float64' ? wideMask(condition[0]) : condition;
    return a.map((part, half) => v128.bitselect(part, b[half], masks[half]));
  }
  const logical = LOGICAL[fn];
  if (logical !== undefined) {
    const [a, b = a] = args.map((lanes) => f.let(notZero(operand, lanes)[0]));
    return [logical(a, b)];
  }
  const vector = TABLES[operand][fn];
  if (vector === undefined) return called(f, target, fn, operand, result, args);
  if (operand !== 'float64') return [vector(m, ...args.map((lanes) => lanes[0]))];
  const halves = [0, 1].map((half) => vector(m, ...args.map((lanes) => lanes[half])));
  return result === 'bool' ? [narrowMask(halves[0], halves[1])] : halves;
}

/** By the function's definition, on each element as a float64; storing it rounds to the dtype. */
function called(
  f: FunctionBuilder,
  target: Target,
  fn: ScalarFnName,
  operand: DType,
  result: DType,
  args: readonly Lanes[],
): Lanes {
  const callee = target.scalarFunction(fn);
  const wide = args.map((lanes) => castLanes(f, operand, 'float64', lanes).map((part) => f.let(part)));
  const halves = [0, 1].map((half) => {
    const values = [0, 1].map(
      (lane): F64 => f.valueOf('f64', callee, ...wide.map((lanes) => f64x2.extract_lane(lanes[half], lane))),
    );
    return f.let(f64x2.replace_lane(f64x2.splat(values[0]), 1, values[1]));
  });
  return castLanes(f, 'float64', result, halves);
}
