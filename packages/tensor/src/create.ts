import { checkShape, formatShape, ShapeError, sizeOf, type Shape } from '@lemmata/shape';
import { EAGER_REFERENCE } from './reference/backend.js';
import { viewOf, type EagerValue } from './eager.js';
import type { DType, Spec, TypedArray } from './spec.js';
import { isTensor, Tensor, type NestedArray } from './tensor.js';

/** What public functions take for a tensor: a number adopts the dtype of its partner. */
export type TensorLike = Tensor | number;

export interface TensorOptions {
  /** Default: that of the nesting; `[length]` for a typed array. */
  readonly shape?: Shape;
  /** Default: that of a typed array (Uint8Array: bool is not assumed, it becomes int32), bool for booleans, else float32. */
  readonly dtype?: DType;
}

/**
 * A tensor with a copy of `values`: a number, a boolean, nested arrays, or a typed array in row-major order.
 *
 * @example tensor([[1, 2], [3, 4]])
 * @throws ShapeError if the arrays are ragged or the count does not fit `shape`.
 */
export function tensor(values: NestedArray | TypedArray | readonly number[], options: TensorOptions = {}): Tensor {
  const flat: number[] = [];
  const nested = ArrayBuffer.isView(values) ? [values.length] : flatten(values as NestedArray, flat);
  const source: ArrayLike<number> = ArrayBuffer.isView(values) ? values : flat;
  const shape = options.shape ?? nested;
  checkShape('tensor', shape);
  if (sizeOf(shape) !== source.length) {
    throw new ShapeError('tensor', [
      { rule: `shape ${formatShape(shape)} has ${sizeOf(shape)} elements`, received: source.length, hint: 'Give as many values as the shape has elements' },
    ]);
  }
  const dtype = options.dtype ?? naturalDType(values);
  return EAGER_REFERENCE.fromValues({ shape, dtype }, dtype === 'bool' ? Array.from(source, (v) => (v ? 1 : 0)) : source);
}

function naturalDType(values: unknown): DType {
  if (values instanceof Float64Array) return 'float64';
  if (values instanceof Int32Array || values instanceof Uint8Array) return 'int32';
  let first = values;
  while (Array.isArray(first)) first = first[0];
  return typeof first === 'boolean' ? 'bool' : 'float32';
}

/** Appends the numbers of nested arrays to `out`; returns their shape. */
function flatten(values: NestedArray, out: number[]): number[] {
  if (!Array.isArray(values)) {
    if (typeof values !== 'number' && typeof values !== 'boolean') {
      throw new TypeError(`tensor: values are numbers, booleans, arrays of these, or a typed array; received ${typeof values}`);
    }
    out.push(Number(values));
    return [];
  }
  const shapes = values.map((row) => flatten(row, out));
  const [first = []] = shapes;
  for (const [i, shape] of shapes.entries()) {
    if (formatShape(shape) !== formatShape(first)) {
      throw new ShapeError('tensor', [
        { rule: 'nested arrays must not be ragged', received: `entry ${i} of shape ${formatShape(shape)}`, expected: formatShape(first) },
      ]);
    }
  }
  return [values.length, ...first];
}

/** One value in a shape; it takes the memory of one element. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  checkShape('full', shape);
  return constant({ shape, dtype }, value, 'full');
}

export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  return full(shape, 0, dtype);
}

export function ones(shape: Shape, dtype: DType = 'float32'): Tensor {
  return full(shape, 1, dtype);
}

/** Zeros in the shape and dtype of another tensor. */
export function zerosLike(like: Tensor): Tensor {
  return full(like.shape, 0, like.dtype);
}

export function onesLike(like: Tensor): Tensor {
  return full(like.shape, 1, like.dtype);
}

/** A number as a tensor without axes. */
export function scalar(value: number, dtype: DType = 'float32'): Tensor {
  return full([], value, dtype);
}

/** start, start + step, … up to and without stop. One argument is `stop`, from 0. */
export function arange(start: number, stop?: number, step = 1, dtype: DType = 'float32'): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (!(Number.isFinite(from) && Number.isFinite(to) && Number.isFinite(step)) || step === 0) {
    throw new RangeError(`arange: start, stop and step are finite and step is not 0; received ${from}, ${to}, ${step}`);
  }
  const length = Math.max(0, Math.ceil((to - from) / step));
  return EAGER_REFERENCE.fromValues({ shape: [length], dtype }, Array.from({ length }, (_, i) => from + i * step), 'arange');
}

/** `count` values from start to stop, both included, evenly spaced. */
export function linspace(start: number, stop: number, count: number, dtype: DType = 'float32'): Tensor {
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`linspace: count is a non-negative integer, received ${count}`);
  const step = count > 1 ? (stop - start) / (count - 1) : 0;
  const values = Array.from({ length: count }, (_, i) => (i === count - 1 && count > 1 ? stop : start + i * step));
  return EAGER_REFERENCE.fromValues({ shape: [count], dtype }, values, 'linspace');
}

/** Ones on the main diagonal of a matrix. */
export function eye(rows: number, columns: number = rows, dtype: DType = 'float32'): Tensor {
  checkShape('eye', [rows, columns]);
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  return EAGER_REFERENCE.fromValues({ shape: [rows, columns], dtype }, values, 'eye');
}

/** A number as a weak scalar, which adopts the dtype of what it meets; a tensor as it is. */
export function asTensor(value: TensorLike, op: string): Tensor {
  if (typeof value === 'number') return constant({ shape: [], dtype: 'float64', weak: true }, value, op);
  if (isTensor(value)) return value;
  throw new TypeError(`${op}: expected a tensor or a number, received ${value === null ? 'null' : typeof value}; make one with tensor(…)`);
}

function constant(spec: Spec, value: number, madeBy: string): Tensor {
  const one = EAGER_REFERENCE.fromValues({ shape: [], dtype: spec.dtype }, [value], madeBy);
  const { storage } = one.payload as EagerValue;
  return new Tensor(spec, EAGER_REFERENCE, { storage, layout: { shape: spec.shape, strides: spec.shape.map(() => 0), offset: 0 } } satisfies EagerValue);
}

/** The value of a tensor that is known to be the same everywhere: a constant made by `full` or from a number; else null. */
export function uniformValue(tensor: Tensor): number | null {
  if (tensor.interpreter !== EAGER_REFERENCE) return null;
  const view = viewOf(tensor, 'uniformValue');
  return view.strides.every((stride) => stride === 0) && tensor.size > 0 ? view.data[view.offset] : null;
}
