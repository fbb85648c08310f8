import {
  operand,
  statement,
  unsigned,
  value,
  type F32,
  type F64,
  type I32,
  type I64,
  type Operand,
  type Statement,
  type Value,
} from './code.js';
import { binary, load, store, unary, type Address, type Binary, type Unary } from './families.js';

/*
 * Scalar instructions under their names in the WebAssembly specification.
 * Source: https://webassembly.github.io/spec/core/binary/instructions.html
 */

type Load<T extends 'i32' | 'i64' | 'f32' | 'f64'> = (address: Address, offset?: number) => Value<T>;
type Store<T extends 'i32' | 'i64' | 'f32' | 'f64'> = (address: Address, x: Operand<T>, offset?: number) => Statement;

const I32_BINARY = {
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  div_s: 0x6d,
  div_u: 0x6e,
  rem_s: 0x6f,
  rem_u: 0x70,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shl: 0x74,
  shr_s: 0x75,
  shr_u: 0x76,
  rotl: 0x77,
  eq: 0x46,
  ne: 0x47,
  lt_s: 0x48,
  lt_u: 0x49,
  gt_s: 0x4a,
  gt_u: 0x4b,
  le_s: 0x4c,
  le_u: 0x4d,
  ge_s: 0x4e,
  ge_u: 0x4f,
} as const;
const I32_UNARY = { eqz: 0x45, clz: 0x67, ctz: 0x68 } as const;

interface I32Only {
  readonly load: Load<'i32'>;
  readonly load8_u: Load<'i32'>;
  readonly store: Store<'i32'>;
  readonly store8: Store<'i32'>;
  readonly trunc_sat_f64_s: (x: F64) => I32;
  readonly reinterpret_f32: (x: F32) => I32;
  readonly wrap_i64: (x: I64) => I32;
  readonly const: (x: number) => I32;
  /** The smaller of two, both without a sign. */
  readonly min_u: (a: I32, b: I32) => I32;
}

export const i32: Binary<'i32', 'i32', typeof I32_BINARY> & Unary<'i32', 'i32', typeof I32_UNARY> & I32Only = {
  ...binary('i32', 'i32', I32_BINARY),
  ...unary('i32', 'i32', I32_UNARY),
  load: load('i32', 0x28),
  load8_u: load('i32', 0x2d),
  store: store('i32', 0x36),
  store8: store('i32', 0x3a),
  trunc_sat_f64_s: (x) => value('i32', x.code, 0xfc, 2),
  reinterpret_f32: (x) => value('i32', x.code, 0xbc),
  wrap_i64: (x) => value('i32', x.code, 0xa7),
  const: (x) => value('i32', operand('i32', x)),
  min_u: (a, b) => value('i32', a.code, b.code, a.code, b.code, I32_BINARY.lt_u, 0x1b),
};

const I64_BINARY = {
  add: 0x7c,
  sub: 0x7d,
  mul: 0x7e,
  div_u: 0x80,
  and: 0x83,
  or: 0x84,
  xor: 0x85,
  shl: 0x86,
  shr_s: 0x87,
  shr_u: 0x88,
} as const;

interface I64Only {
  readonly load: Load<'i64'>;
  readonly store: Store<'i64'>;
  readonly extend_i32_u: (x: I32) => I64;
  readonly extend_i32_s: (x: I32) => I64;
}

export const i64: Binary<'i64', 'i64', typeof I64_BINARY> & I64Only = {
  ...binary('i64', 'i64', I64_BINARY),
  load: load('i64', 0x29),
  store: store('i64', 0x37),
  extend_i32_u: (x) => value('i64', x.code, 0xad),
  extend_i32_s: (x) => value('i64', x.code, 0xac),
};

const F32_BINARY = { add: 0x92, sub: 0x93, mul: 0x94, div: 0x95, min: 0x96, max: 0x97 } as const;
const F32_UNARY = { abs: 0x8b, neg: 0x8c, ceil: 0x8d, floor: 0x8e, trunc: 0x8f, nearest: 0x90, sqrt: 0x91 } as const;
const F32_COMPARE = { eq: 0x5b, ne: 0x5c, lt: 0x5d, gt: 0x5e, le: 0x5f, ge: 0x60 } as const;

interface F32Only {
  readonly load: Load<'f32'>;
  readonly store: Store<'f32'>;
  readonly demote_f64: (x: F64) => F32;
  readonly convert_i32_s: (x: I32) => F32;
  readonly reinterpret_i32: (x: I32) => F32;
}

export const f32: Binary<'f32', 'f32', typeof F32_BINARY> &
  Unary<'f32', 'f32', typeof F32_UNARY> &
  Binary<'f32', 'i32', typeof F32_COMPARE> &
  F32Only = {
  ...binary('f32', 'f32', F32_BINARY),
  ...unary('f32', 'f32', F32_UNARY),
  ...binary('f32', 'i32', F32_COMPARE),
  load: load('f32', 0x2a),
  store: store('f32', 0x38),
  demote_f64: (x) => value('f32', x.code, 0xb6),
  convert_i32_s: (x) => value('f32', x.code, 0xb2),
  reinterpret_i32: (x) => value('f32', x.code, 0xbe),
};

const F64_BINARY = { add: 0xa0, sub: 0xa1, mul: 0xa2, div: 0xa3, min: 0xa4, max: 0xa5 } as const;
const F64_UNARY = { abs: 0x99, neg: 0x9a, ceil: 0x9b, floor: 0x9c, trunc: 0x9d, nearest: 0x9e, sqrt: 0x9f } as const;
const F64_COMPARE = { eq: 0x61, ne: 0x62, lt: 0x63, gt: 0x64, le: 0x65, ge: 0x66 } as const;

interface F64Only {
  readonly load: Load<'f64'>;
  readonly store: Store<'f64'>;
  readonly promote_f32: (x: F32) => F64;
  readonly convert_i32_s: (x: I32) => F64;
}

export const f64: Binary<'f64', 'f64', typeof F64_BINARY> &
  Unary<'f64', 'f64', typeof F64_UNARY> &
  Binary<'f64', 'i32', typeof F64_COMPARE> &
  F64Only = {
  ...binary('f64', 'f64', F64_BINARY),
  ...unary('f64', 'f64', F64_UNARY),
  ...binary('f64', 'i32', F64_COMPARE),
  load: load('f64', 0x2b),
  store: store('f64', 0x39),
  promote_f32: (x) => value('f64', x.code, 0xbb),
  convert_i32_s: (x) => value('f64', x.code, 0xb7),
};

/** Whole ranges of memory, in bytes. */
export const memory: {
  readonly copy: (to: Address, from: Address, bytes: Operand<'i32'>) => Statement;
  readonly fill: (to: Address, byte: Operand<'i32'>, bytes: Operand<'i32'>) => Statement;
} = {
  copy: (to, from, bytes) =>
    statement(operand('i32', to), operand('i32', from), operand('i32', bytes), [0xfc, 10, 0, 0]),
  fill: (to, byte, bytes) => statement(operand('i32', to), operand('i32', byte), operand('i32', bytes), [0xfc, 11, 0]),
};

const atomic = (opcode: number, offset: number): readonly (number | number[])[] => [0xfe, opcode, 2, unsigned(offset)];

/** Atomic access to aligned i32 words of a shared memory. */
export const atomics: {
  readonly load: (address: Address, offset?: number) => I32;
  readonly store: (address: Address, x: Operand<'i32'>, offset?: number) => Statement;
  /** Adds and gives what was there before. */
  readonly add: (address: Address, x: Operand<'i32'>, offset?: number) => I32;
  /** Sleeps while the word is `expected`: 0 if woken, 1 if it was another, 2 at the time limit in nanoseconds (−1: none). */
  readonly wait: (address: Address, expected: Operand<'i32'>, nanoseconds: Operand<'i64'>, offset?: number) => I32;
  /** Wakes so many; gives how many slept. */
  readonly notify: (address: Address, count: Operand<'i32'>, offset?: number) => I32;
} = {
  load: (address, offset = 0) => value('i32', operand('i32', address), atomic(0x10, offset)),
  store: (address, x, offset = 0) => statement(operand('i32', address), operand('i32', x), atomic(0x17, offset)),
  add: (address, x, offset = 0) => value('i32', operand('i32', address), operand('i32', x), atomic(0x1e, offset)),
  wait: (address, expected, nanoseconds, offset = 0) =>
    value('i32', operand('i32', address), operand('i32', expected), operand('i64', nanoseconds), atomic(0x01, offset)),
  notify: (address, count, offset = 0) =>
    value('i32', operand('i32', address), operand('i32', count), atomic(0x00, offset)),
};
