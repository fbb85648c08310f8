import { BYTES_PER_ELEMENT, type DType } from '@lemmata/tensor';
import {
  f32x4,
  f64x2,
  i16x8,
  i32,
  i32x4,
  i8x16,
  v128,
  type FunctionBuilder,
  type I32,
  type Local,
  type Statement,
  type V128,
} from '../assembler/index.js';

/**
 * Four elements in registers: float32 and int32 in one, truth values as a mask of 32-bit lanes (0 or −1), float64 in two.
 * Whatever the dtypes in an expression, its kernel handles four elements at a time.
 */
export type Lanes = readonly V128[];

export function named(f: FunctionBuilder, lanes: Lanes): readonly Local<'v128'>[] {
  return lanes.map((part) => f.let(part));
}

/** Four neighbours, `offset` bytes further on. */
export function loadFour(dtype: DType, at: I32, offset = 0): Lanes {
  switch (dtype) {
    case 'float64':
      return [v128.load(at, offset), v128.load(at, offset + 16)];
    case 'bool': {
      const bytes = i16x8.extend_low_i8x16_u(v128.load32_zero(at, offset));
      return [i32x4.gt_s(i32x4.extend_low_i16x8_u(bytes), i32x4.splat(0))];
    }
    default:
      return [v128.load(at, offset)];
  }
}

/** One element in all lanes. */
export function loadOne(dtype: DType, at: I32): Lanes {
  switch (dtype) {
    case 'float64':
      return [v128.load64_splat(at), v128.load64_splat(at)];
    case 'bool':
      return [i32x4.gt_s(i32x4.splat(i32.load8_u(at)), i32x4.splat(0))];
    default:
      return [v128.load32_splat(at)];
  }
}

/** Four elements at a distance of `step` bytes. */
export function loadApart(dtype: DType, at: I32, step: I32): Lanes {
  const [a, b, c, d] = [at, i32.add(at, step), i32.add(at, i32.shl(step, 1)), i32.add(at, i32.mul(step, 3))];
  switch (dtype) {
    case 'float64':
      return [v128.load64_lane(b, v128.load64_zero(a), 1), v128.load64_lane(d, v128.load64_zero(c), 1)];
    case 'bool': {
      const bytes = [b, c, d].reduce(
        (lanes, p, i) => i32x4.replace_lane(lanes, i + 1, i32.load8_u(p)),
        i32x4.splat(i32.load8_u(a)),
      );
      return [i32x4.gt_s(bytes, i32x4.splat(0))];
    }
    default:
      return [[b, c, d].reduce((lanes, p, i) => v128.load32_lane(p, lanes, i + 1), v128.load32_zero(a))];
  }
}

export function storeFour(dtype: DType, at: I32, lanes: Lanes, offset = 0): readonly Statement[] {
  switch (dtype) {
    case 'float64':
      return [v128.store(at, lanes[0], offset), v128.store(at, lanes[1], offset + 16)];
    case 'bool': {
      const bits = v128.and(lanes[0], i32x4.splat(1));
      const halves = i16x8.narrow_i32x4_u(bits, bits);
      return [v128.store32_lane(at, i8x16.narrow_i16x8_u(halves, halves), 0, offset)];
    }
    default:
      return [v128.store(at, lanes[0], offset)];
  }
}

/** The first lane alone. */
export function storeOne(dtype: DType, at: I32, lanes: Lanes): Statement {
  switch (dtype) {
    case 'float64':
      return v128.store64_lane(at, lanes[0], 0);
    case 'bool':
      return i32.store8(at, i32.and(i32x4.extract_lane(lanes[0], 0), 1));
    default:
      return v128.store32_lane(at, lanes[0], 0);
  }
}

/** A constant in all lanes, rounded to the dtype. */
export function constantLanes(dtype: DType, x: number): Lanes {
  switch (dtype) {
    case 'float32':
      return [f32x4.splat(x)];
    case 'float64':
      return [f64x2.splat(x), f64x2.splat(x)];
    case 'int32':
      return [i32x4.splat(x | 0)];
    case 'bool':
      return [i32x4.splat(x !== 0 ? -1 : 0)];
  }
}

export function bytesOf(dtype: DType): number {
  return BYTES_PER_ELEMENT[dtype];
}
