import { SCALAR_FUNCTIONS } from '@lemmata/tensor';
import { f32x4, i32x4, v128, type FunctionBuilder, type Local, type V128 } from '../assembler/index.js';
import type { Target } from '../code.js';
import { fitted } from './fit.js';

/*
 * Functions of float32 in each lane. Errors against the exactly rounded result, over all of float32, are stated in units
 * in the last place, and tested.
 */

/** ln 2 in two parts: the first has 9 significant bits, so that its product with an exponent is exact. */
const LN2_HIGH = 355 / 512;
const LN2_LOW = Math.LN2 - LN2_HIGH;
const EXPONENT_BITS = 23;
const BIAS = 127;

/** Tools of a kernel that computes functions. */
export interface Maths {
  readonly f: FunctionBuilder;
  readonly target: Target;
}

/** A constant in all lanes, set before the loops. */
export function splat({ f }: Maths, x: number): V128 {
  return f.hoist(f32x4.splat(x));
}

function ints({ f }: Maths, x: number): V128 {
  return f.hoist(i32x4.splat(x));
}

/** Σ coefficients[i] · xⁱ by Horner's rule. */
export function polynomial(m: Maths, x: V128, coefficients: readonly number[]): V128 {
  return coefficients
    .slice(0, -1)
    .reduceRight<V128>((sum, c) => m.target.madd(sum, x, splat(m, c)), splat(m, coefficients[coefficients.length - 1]));
}

/** 2ⁿ for integers n of −126 … 127. */
function powerOfTwo(m: Maths, n: V128): V128 {
  return i32x4.shl(i32x4.add(n, ints(m, BIAS)), EXPONENT_BITS);
}

/** Added to a number below 2²² it leaves no bits for a fraction, and the rounded number in the lowest bits. */
const ROUNDER = 1.5 * 2 ** 23;
const ROUNDER_BITS = new Int32Array(Float32Array.of(ROUNDER).buffer)[0];

/** x = n ln 2 + r with |r| ≤ ln 2 / 2; n as integers. */
function reduce(m: Maths, x: V128): { readonly n: Local<'v128'>; readonly r: Local<'v128'> } {
  const { f, target } = m;
  const rounded = f.let(target.madd(x, splat(m, Math.LOG2E), splat(m, ROUNDER)));
  const n = f.let(f32x4.sub(rounded, splat(m, ROUNDER)));
  const high = target.madd(n, splat(m, -LN2_HIGH), x);
  return { n: f.let(i32x4.sub(rounded, ints(m, ROUNDER_BITS))), r: f.let(target.madd(n, splat(m, -LN2_LOW), high)) };
}

/** x between two bounds, or NaN: with x as their first operand pmin and pmax keep it, in one instruction, unlike min and max. */
function clamped(m: Maths, x: V128, low: number, high: number): V128 {
  return f32x4.pmin(f32x4.pmax(x, splat(m, low)), splat(m, high));
}

/** (eʳ − 1 − r) / r² on |r| ≤ ln 2 / 2. */
const EXP_TAIL: readonly number[] = fitted(
  (r) => (Math.abs(r) < 1e-4 ? 0.5 + r / 6 + (r * r) / 24 : (Math.expm1(r) - r) / (r * r)),
  -0.35,
  0.35,
  4,
);

/** eʳ − 1 for reduced r. */
function expm1Reduced(m: Maths, r: Local<'v128'>): V128 {
  const square = f32x4.mul(r, r);
  return m.target.madd(square, polynomial(m, r, EXP_TAIL), r);
}

/** eˣ, to 2 ulp. */
export function exp(m: Maths, x: V128): V128 {
  const { f } = m;
  // Beyond these it is 0 and ∞.
  const inside = f.let(clamped(m, x, -105, 90));
  const { n, r } = reduce(m, inside);
  const y = f32x4.add(expm1Reduced(m, r), splat(m, 1));
  // 2ⁿ in two factors, since n reaches beyond the exponents of float32 at both ends.
  const half = f.let(i32x4.shr_s(n, 1));
  return f32x4.mul(f32x4.mul(y, powerOfTwo(m, half)), powerOfTwo(m, i32x4.sub(n, half)));
}

/** Of a factor so large, numbers stay normal ones that are not. */
const LIFT = 30;
/** {@link ROUNDER}, with the exponent's bits of 2ⁿ⁺³⁰ in the lowest ones. */
const EXPONENT_ROUNDER = ROUNDER + BIAS + LIFT;

/** eʳ on |r| ≤ ln 2 / 2, to 0.7 ulp. */
const ROUGH_EXP = fitted(Math.exp, -0.35, 0.35, 5);

/** 2³⁰ · eˣ of what is not positive, by eʳ of r = x − n ln 2 as they are given. */
function lifted(m: Maths, x: V128, coefficients: readonly number[], reduced: (inside: V128, n: V128) => V128): V128 {
  const { f, target } = m;
  // Below −104, eˣ is 0.
  const inside = f.let(f32x4.pmax(x, splat(m, -104)));
  const rounded = f.let(target.madd(inside, splat(m, Math.LOG2E), splat(m, EXPONENT_ROUNDER)));
  const r = f.let(reduced(inside, f.let(f32x4.sub(rounded, splat(m, EXPONENT_ROUNDER)))));
  return f32x4.mul(polynomial(m, r, coefficients), i32x4.shl(rounded, EXPONENT_BITS));
}

/** 2³⁰ · eˣ of what is not positive, to 3 + |x| / 2 ulp: for an x that is rounded itself, in half the instructions of {@link exp}. */
export function roughExp(m: Maths, x: V128): V128 {
  return lifted(m, x, ROUGH_EXP, (inside, n) => m.target.madd(n, splat(m, -Math.LN2), inside));
}

/** eˣ of what is not positive, to 2 ulp. */
export function expOfNegative(m: Maths, x: V128): V128 {
  const { madd } = m.target;
  const reduced = (inside: V128, n: V128): V128 => madd(n, splat(m, -LN2_LOW), madd(n, splat(m, -LN2_HIGH), inside));
  return f32x4.mul(lifted(m, x, [1, 1, ...EXP_TAIL], reduced), splat(m, 2 ** -LIFT));
}

/** eˣ − 1, to 2 ulp. */
export function expm1(m: Maths, x: V128): V128 {
  const { f } = m;
  const kept = f.let(x);
  const inside = f.let(clamped(m, kept, -20, 88.8));
  const { n, r } = reduce(m, inside);
  const tail = f.let(expm1Reduced(m, r));
  // 2ⁿ⁻¹ (eʳ − 1) + (2ⁿ⁻¹ − ½), doubled: 2ⁿ itself may not be a float32.
  const halfPower = f.let(powerOfTwo(m, i32x4.sub(n, ints(m, 1))));
  const sum = m.target.madd(halfPower, tail, f32x4.sub(halfPower, splat(m, 0.5)));
  // A small x is itself, also −0 and what is below the normal numbers.
  return v128.bitselect(kept, f32x4.add(sum, sum), f32x4.lt(f32x4.abs(kept), splat(m, 2 ** -25)));
}

/** ln x = k ln 2 + ln(1 + z) with 1 + z in [√½, √2); `correction` is added to z's logarithm. */
function logParts(m: Maths, x: V128, correction?: V128): V128 {
  const { f, target } = m;
  const given = f.let(x);
  // What is below the normal numbers is scaled up to them.
  const tiny = f.let(f32x4.lt(given, splat(m, 2 ** -126)));
  const bits = f.let(v128.bitselect(f32x4.mul(given, splat(m, 2 ** 24)), given, tiny));
  // Exponents are counted from √½, so that z is small.
  const shifted = f.let(i32x4.sub(bits, ints(m, SQRT_HALF_BITS)));
  const exponent = f.let(i32x4.sub(i32x4.shr_s(shifted, EXPONENT_BITS), v128.and(tiny, ints(m, 24))));
  const k = f.let(f32x4.convert_i32x4_s(exponent));
  const mantissa = i32x4.add(v128.and(shifted, ints(m, 2 ** EXPONENT_BITS - 1)), ints(m, SQRT_HALF_BITS));
  const z = f.let(f32x4.sub(mantissa, splat(m, 1)));
  // With s = z / (2 + z): ln(1 + z) = 2s + ⅔s³ + ⅖s⁵ + …, written as z − (z²/2 − s (z²/2 + tail)), which keeps z's digits.
  const s = f.let(f32x4.div(z, f32x4.add(z, splat(m, 2))));
  const s2 = f.let(f32x4.mul(s, s));
  const tail = f32x4.mul(s2, polynomial(m, s2, [2 / 3, 2 / 5, 2 / 7, 2 / 9]));
  const half = f.let(f32x4.mul(f32x4.mul(z, z), splat(m, 0.5)));
  const low = target.madd(k, splat(m, LN2_LOW), f32x4.mul(s, f32x4.add(half, tail)));
  const small = f32x4.sub(half, correction === undefined ? low : f32x4.add(low, correction));
  const value = f.let(target.madd(k, splat(m, LN2_HIGH), f32x4.sub(z, small)));
  // ±0 → −∞, ∞ → ∞, negative and NaN → NaN.
  const finite = v128.bitselect(value, given, f32x4.lt(given, splat(m, Infinity)));
  const positive = v128.bitselect(finite, splat(m, NaN), f32x4.ge(given, splat(m, 0)));
  return v128.bitselect(splat(m, -Infinity), positive, f32x4.eq(given, splat(m, 0)));
}

const SQRT_HALF_BITS = new Int32Array(Float32Array.of(Math.SQRT1_2).buffer)[0];

/** ln x, to 2 ulp. */
export function log(m: Maths, x: V128): V128 {
  return logParts(m, x);
}

/** ln(1 + x), to 3 ulp. */
export function log1p(m: Maths, x: V128): V128 {
  const { f } = m;
  const given = f.let(x);
  const u = f.let(f32x4.add(given, splat(m, 1)));
  // What rounding 1 + x lost, relative to it. Where u is 0 or ∞ it says nothing.
  const lost = f32x4.div(f32x4.sub(given, f32x4.sub(u, splat(m, 1))), u);
  const usable = v128.and(f32x4.gt(u, splat(m, 0)), f32x4.lt(u, splat(m, 2 ** 24)));
  const value = logParts(m, u, f.let(v128.and(lost, usable)));
  return v128.bitselect(given, value, f32x4.lt(f32x4.abs(given), splat(m, 2 ** -25)));
}

function negative(m: Maths, x: V128): V128 {
  return v128.or(x, splat(m, -0));
}

/** The magnitude of y (not negative) with the sign of x. */
function withSign(m: Maths, y: V128, x: V128): V128 {
  return v128.or(y, v128.and(x, splat(m, -0)));
}

/** tanh x = t / (t + 2) with t = e^(2|x|) − 1, to 3 ulp. */
export function tanh(m: Maths, x: V128): V128 {
  const { f } = m;
  const given = f.let(x);
  const twice = f32x4.pmin(f32x4.mul(f32x4.abs(given), splat(m, 2)), splat(m, 40));
  const t = f.let(expm1(m, twice));
  return withSign(m, f32x4.div(t, f32x4.add(t, splat(m, 2))), given);
}

/** 1 / (1 + e⁻ˣ), to 3 ulp; from e^−|x|, which does not overflow. */
export function sigmoid(m: Maths, x: V128): V128 {
  const { f } = m;
  const given = f.let(x);
  const e = f.let(expOfNegative(m, negative(m, given)));
  const one = splat(m, 1);
  return f32x4.div(v128.bitselect(one, e, f32x4.ge(given, splat(m, 0))), f32x4.add(e, one));
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), to 3 ulp. */
export function softplus(m: Maths, x: V128): V128 {
  const { f } = m;
  const given = f.let(x);
  return f32x4.add(f32x4.max(given, splat(m, 0)), log1p(m, expOfNegative(m, negative(m, given))));
}

/** erf(x) / x as a polynomial in x², for |x| ≤ 1. */
const ERF_NEAR: readonly number[] = fitted(
  (s) => (s < 1e-12 ? 2 / Math.sqrt(Math.PI) : SCALAR_FUNCTIONS.erf.value(Math.sqrt(s)) / Math.sqrt(s)),
  0,
  1,
  6,
);
/** ln erfc(x) for 1 ≤ x ≤ 4, where erf reaches 1 in float32. */
const ERFC_FAR: readonly number[] = fitted((x) => Math.log(SCALAR_FUNCTIONS.erfc.value(x)), 1, 4.2, 8);

/** erf x, to 3 ulp. */
export function erf(m: Maths, x: V128): V128 {
  const { f } = m;
  const given = f.let(x);
  const size = f.let(f32x4.abs(given));
  const near = f.let(f32x4.mul(given, polynomial(m, f.let(f32x4.mul(given, given)), ERF_NEAR)));
  const bounded = f.let(f32x4.pmin(size, splat(m, 4.2)));
  const far = f32x4.sub(splat(m, 1), expOfNegative(m, f.let(polynomial(m, bounded, ERFC_FAR))));
  return v128.bitselect(near, withSign(m, far, given), f32x4.lt(size, splat(m, 1)));
}

/** Where erfc is 0 in float32, or ends. */
const ERFC_END = 10.1;
/** e^x² erfc(x) / t as a polynomial in t = 1 / (1 + x / 2), for x from 0. */
const ERFC_SCALED: readonly number[] = fitted(
  (t) => {
    const x = 2 / t - 2;
    return (SCALAR_FUNCTIONS.erfc.value(x) * Math.exp(x * x)) / t;
  },
  1 / (1 + ERFC_END / 2),
  1,
  9,
);
/** A float32 without its lower 12 bits: products of what is left, and of what is cut off, are exact. */
const UPPER_HALF = -(2 ** 12);

/**
 * erfc x, to 6 ulp. e^−x² would lose the digits that rounding x² loses, up to 60 ulp; what it lost is known, by splitting x.
 *
 * Source of the splitting: T. J. Dekker, A floating-point technique for extending the available precision, Numerische
 * Mathematik 18, 1971
 */
export function erfc(m: Maths, x: V128): V128 {
  const { f, target } = m;
  const given = f.let(x);
  const size = f.let(f32x4.pmin(f32x4.abs(given), splat(m, ERFC_END)));
  const upper = f.let(v128.and(size, ints(m, UPPER_HALF)));
  const lower = f.let(f32x4.sub(size, upper));
  const square = f.let(f32x4.mul(size, size));
  const across = f.let(f32x4.mul(upper, lower));
  const lost = f32x4.add(
    f32x4.add(f32x4.sub(f32x4.mul(upper, upper), square), f32x4.add(across, across)),
    f32x4.mul(lower, lower),
  );
  const t = f.let(f32x4.div(splat(m, 1), target.madd(size, splat(m, 0.5), splat(m, 1))));
  const scaled = f.let(f32x4.mul(t, polynomial(m, t, ERFC_SCALED)));
  const exact = f.let(f32x4.sub(scaled, f32x4.mul(scaled, lost)));
  const right = f.let(f32x4.mul(expOfNegative(m, f32x4.neg(square)), exact));
  return v128.bitselect(f32x4.sub(splat(m, 2), right), right, f32x4.lt(given, splat(m, 0)));
}
