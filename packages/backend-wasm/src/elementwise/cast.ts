import type { DType } from '@lemmata/tensor';
import { f32x4, f64x2, i32x4, v128, type FunctionBuilder, type V128 } from '../assembler/index.js';
import { constantLanes, type Lanes } from './lanes.js';

/** Lanes in another dtype: to integers by truncation, modulo 2³², with NaN and ±∞ becoming 0. */
export function castLanes(f: FunctionBuilder, from: DType, to: DType, lanes: Lanes): Lanes {
  if (from === to) return lanes;
  switch (to) {
    case 'bool':
      return notZero(from, lanes);
    case 'float64':
      return widen(f, from, lanes);
    case 'float32':
      if (from === 'float64') return [joined(f32x4.demote_f64x2_zero(lanes[0]), f32x4.demote_f64x2_zero(lanes[1]))];
      if (from === 'int32') return [f32x4.convert_i32x4_s(lanes[0])];
      return [v128.and(lanes[0], f32x4.splat(1))];
    case 'int32':
      if (from === 'bool') return [v128.and(lanes[0], i32x4.splat(1))];
      return [joined(...(widen(f, from, lanes).map((part) => wrapped(f, part)) as [V128, V128]))];
  }
}

/** The low halves of two vectors. */
export function joined(a: V128, b: V128): V128 {
  return v128.shuffle32(a, b, [0, 1, 4, 5]);
}

/** The high half of a vector in the place of the low one. */
export function upper(x: V128): V128 {
  return v128.shuffle32(x, x, [2, 3, 2, 3]);
}

/** Masks of 32-bit lanes from masks of 64-bit lanes. */
export function narrowMask(low: V128, high: V128): V128 {
  return v128.shuffle32(low, high, [0, 2, 4, 6]);
}

/** Masks of 64-bit lanes from a mask of 32-bit lanes. */
export function wideMask(mask: V128): readonly [V128, V128] {
  return [v128.shuffle32(mask, mask, [0, 0, 1, 1]), v128.shuffle32(mask, mask, [2, 2, 3, 3])];
}

/** Not equal to 0, which NaN is not either. */
export function notZero(dtype: DType, lanes: Lanes): Lanes {
  switch (dtype) {
    case 'bool':
      return lanes;
    case 'int32':
      return [i32x4.ne(lanes[0], constantLanes('int32', 0)[0])];
    case 'float32':
      return [f32x4.ne(lanes[0], f32x4.splat(0))];
    case 'float64':
      return [narrowMask(f64x2.ne(lanes[0], f64x2.splat(0)), f64x2.ne(lanes[1], f64x2.splat(0)))];
  }
}

function widen(f: FunctionBuilder, from: DType, lanes: Lanes): Lanes {
  if (from === 'float64') return lanes;
  const x = f.let(from === 'bool' ? v128.and(lanes[0], i32x4.splat(1)) : lanes[0]);
  const convert = from === 'float32' ? f64x2.promote_low_f32x4 : f64x2.convert_low_i32x4_s;
  return [convert(x), convert(upper(x))];
}

/** Truncation modulo 2³². Every step is exact: the remainder of an integer by a power of two is a float64. */
function wrapped(f: FunctionBuilder, x: V128): V128 {
  const integer = f.let(f64x2.trunc(x));
  const rest = f64x2.sub(
    integer,
    f64x2.mul(f64x2.floor(f64x2.mul(integer, f64x2.splat(2 ** -32))), f64x2.splat(2 ** 32)),
  );
  return i32x4.trunc_sat_f64x2_u_zero(rest);
}
