import {
  operand,
  statement,
  unsigned,
  value,
  type F32,
  type F64,
  type I32,
  type Operand,
  type Statement,
  type V128,
  type Value,
} from './code.js';
import { binary, load, simd, store, unary, type Address, type Binary, type Unary } from './families.js';

/*
 * SIMD instructions under their names in the WebAssembly specification; a lane is a constant.
 * Source: https://webassembly.github.io/spec/core/binary/instructions.html#vector-instructions
 */

type VectorLoad = (address: Address, offset?: number) => V128;
type Shift = (x: V128, bits: Operand<'i32'>) => V128;

function shift(opcode: number): Shift {
  return (x, bits) => value('v128', x.code, operand('i32', bits), simd(opcode));
}

function extract<T extends 'i32' | 'f32' | 'f64'>(type: T, opcode: number): (x: V128, lane: number) => Value<T> {
  return (x, lane) => value(type, x.code, simd(opcode), lane);
}

function replace<T extends 'i32' | 'f32' | 'f64'>(
  type: T,
  opcode: number,
): (x: V128, lane: number, y: Operand<T>) => V128 {
  return (x, lane, y) => value('v128', x.code, operand(type, y), simd(opcode), lane);
}

function splat<T extends 'i32' | 'f32' | 'f64'>(type: T, opcode: number): (x: Operand<T>) => V128 {
  return (x) => value('v128', operand(type, x), simd(opcode));
}

function ternary(opcode: number): (a: V128, b: V128, c: V128) => V128 {
  return (a, b, c) => value('v128', a.code, b.code, c.code, simd(opcode));
}

const V128_BINARY = { and: 78, andnot: 79, or: 80, xor: 81 } as const;
const V128_UNARY = { not: 77 } as const;

interface V128Only {
  readonly load: VectorLoad;
  readonly load8_splat: VectorLoad;
  readonly load32_splat: VectorLoad;
  readonly load64_splat: VectorLoad;
  /** Four bytes or eight, the other lanes 0. */
  readonly load32_zero: VectorLoad;
  readonly load64_zero: VectorLoad;
  readonly load32_lane: (address: Address, lanes: V128, lane: number, offset?: number) => V128;
  readonly load64_lane: (address: Address, lanes: V128, lane: number, offset?: number) => V128;
  readonly store: (address: Address, x: V128, offset?: number) => Statement;
  readonly store32_lane: (address: Address, x: V128, lane: number, offset?: number) => Statement;
  readonly store64_lane: (address: Address, x: V128, lane: number, offset?: number) => Statement;
  /** Bits of a where the mask is 1, of b where it is 0. */
  readonly bitselect: (a: V128, b: V128, mask: V128) => V128;
  readonly any_true: (x: V128) => I32;
  /** 32-bit lanes, chosen by number from a (0–3) and b (4–7). */
  readonly shuffle32: (a: V128, b: V128, lanes: readonly [number, number, number, number]) => V128;
  /** Bytes, chosen by number from a (0–15) and b (16–31). */
  readonly shuffle8: (a: V128, b: V128, lanes: readonly number[]) => V128;
}

function lane(opcode: number): (address: Address, lanes: V128, lane: number, offset?: number) => V128 {
  return (address, lanes, lane, offset = 0) =>
    value('v128', operand('i32', address), lanes.code, simd(opcode), 0, unsigned(offset), lane);
}

function storeLane(opcode: number): (address: Address, x: V128, lane: number, offset?: number) => Statement {
  return (address, x, lane, offset = 0) =>
    statement(operand('i32', address), x.code, simd(opcode), 0, unsigned(offset), lane);
}

function shuffle8(a: V128, b: V128, lanes: readonly number[]): V128 {
  return value('v128', a.code, b.code, simd(13), lanes);
}

export const v128: Binary<'v128', 'v128', typeof V128_BINARY> & Unary<'v128', 'v128', typeof V128_UNARY> & V128Only = {
  ...binary('v128', 'v128', V128_BINARY),
  ...unary('v128', 'v128', V128_UNARY),
  load: load('v128', 0),
  load8_splat: load('v128', 7),
  load32_splat: load('v128', 9),
  load64_splat: load('v128', 10),
  load32_zero: load('v128', 92),
  load64_zero: load('v128', 93),
  load32_lane: lane(86),
  load64_lane: lane(87),
  store: store('v128', 11),
  store32_lane: storeLane(90),
  store64_lane: storeLane(91),
  bitselect: ternary(82),
  any_true: (x) => value('i32', x.code, simd(83)),
  shuffle32: (a, b, lanes) =>
    shuffle8(
      a,
      b,
      lanes.flatMap((n) => [4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3]),
    ),
  shuffle8,
};

const F32X4_BINARY = {
  add: 228,
  sub: 229,
  mul: 230,
  div: 231,
  min: 232,
  max: 233,
  pmin: 234,
  pmax: 235,
  eq: 65,
  ne: 66,
  lt: 67,
  gt: 68,
  le: 69,
  ge: 70,
} as const;
const F32X4_UNARY = {
  abs: 224,
  neg: 225,
  sqrt: 227,
  ceil: 103,
  floor: 104,
  trunc: 105,
  nearest: 106,
  convert_i32x4_s: 250,
  demote_f64x2_zero: 94,
} as const;

interface F32x4Only {
  readonly splat: (x: Operand<'f32'>) => V128;
  readonly extract_lane: (x: V128, lane: number) => F32;
  readonly replace_lane: (x: V128, lane: number, y: Operand<'f32'>) => V128;
  /** a · b + c, rounded once or twice: whichever the processor does. */
  readonly relaxed_madd: (a: V128, b: V128, c: V128) => V128;
}

export const f32x4: Binary<'v128', 'v128', typeof F32X4_BINARY> &
  Unary<'v128', 'v128', typeof F32X4_UNARY> &
  F32x4Only = {
  ...binary('v128', 'v128', F32X4_BINARY),
  ...unary('v128', 'v128', F32X4_UNARY),
  splat: splat('f32', 19),
  extract_lane: extract('f32', 31),
  replace_lane: replace('f32', 32),
  relaxed_madd: ternary(261),
};

const F64X2_BINARY = {
  add: 240,
  sub: 241,
  mul: 242,
  div: 243,
  min: 244,
  max: 245,
  pmin: 246,
  pmax: 247,
  eq: 71,
  ne: 72,
  lt: 73,
  gt: 74,
  le: 75,
  ge: 76,
} as const;
const F64X2_UNARY = {
  abs: 236,
  neg: 237,
  sqrt: 239,
  ceil: 116,
  floor: 117,
  trunc: 122,
  nearest: 148,
  promote_low_f32x4: 95,
  convert_low_i32x4_s: 254,
} as const;

interface F64x2Only {
  readonly splat: (x: Operand<'f64'>) => V128;
  readonly extract_lane: (x: V128, lane: number) => F64;
  readonly replace_lane: (x: V128, lane: number, y: Operand<'f64'>) => V128;
  readonly relaxed_madd: (a: V128, b: V128, c: V128) => V128;
}

export const f64x2: Binary<'v128', 'v128', typeof F64X2_BINARY> &
  Unary<'v128', 'v128', typeof F64X2_UNARY> &
  F64x2Only = {
  ...binary('v128', 'v128', F64X2_BINARY),
  ...unary('v128', 'v128', F64X2_UNARY),
  splat: splat('f64', 20),
  extract_lane: extract('f64', 33),
  replace_lane: replace('f64', 34),
  relaxed_madd: ternary(263),
};

const I32X4_BINARY = {
  add: 174,
  sub: 177,
  mul: 181,
  min_s: 182,
  max_s: 184,
  min_u: 183,
  max_u: 185,
  eq: 55,
  ne: 56,
  lt_s: 57,
  gt_s: 59,
  le_s: 61,
  le_u: 62,
  ge_s: 63,
} as const;
const I32X4_UNARY = {
  abs: 160,
  neg: 161,
  trunc_sat_f32x4_s: 248,
  trunc_sat_f64x2_s_zero: 252,
  trunc_sat_f64x2_u_zero: 253,
  extend_low_i16x8_u: 169,
} as const;

interface I32x4Only {
  readonly splat: (x: Operand<'i32'>) => V128;
  readonly extract_lane: (x: V128, lane: number) => I32;
  readonly replace_lane: (x: V128, lane: number, y: Operand<'i32'>) => V128;
  readonly shl: Shift;
  readonly shr_s: Shift;
  readonly shr_u: Shift;
}

export const i32x4: Binary<'v128', 'v128', typeof I32X4_BINARY> &
  Unary<'v128', 'v128', typeof I32X4_UNARY> &
  I32x4Only = {
  ...binary('v128', 'v128', I32X4_BINARY),
  ...unary('v128', 'v128', I32X4_UNARY),
  splat: splat('i32', 17),
  extract_lane: extract('i32', 27),
  replace_lane: replace('i32', 28),
  shl: shift(171),
  shr_s: shift(172),
  shr_u: shift(173),
};

const I16X8_UNARY = { extend_low_i8x16_u: 137 } as const;
const I16X8_BINARY = { narrow_i32x4_u: 134 } as const;
const I8X16_BINARY = {
  narrow_i16x8_u: 102,
  /** Bytes of a, chosen by the numbers in b; 0 for numbers above 15. */
  swizzle: 14,
} as const;

export const i16x8: Unary<'v128', 'v128', typeof I16X8_UNARY> & Binary<'v128', 'v128', typeof I16X8_BINARY> = {
  ...unary('v128', 'v128', I16X8_UNARY),
  ...binary('v128', 'v128', I16X8_BINARY),
};
export const i8x16: Binary<'v128', 'v128', typeof I8X16_BINARY> = binary('v128', 'v128', I8X16_BINARY);
