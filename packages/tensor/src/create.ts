import {
  checkShape,
  formatShape,
  formatValue,
  sameShape,
  ShapeError,
  sizeOf,
  unknownOptions,
  type Shape,
} from '@lemmata/shape';
import { EAGER_REFERENCE } from './reference/backend.js';
import { viewOf, type EagerValue } from './eager.js';
import { BYTES_PER_ELEMENT, type DType, type Spec, type TypedArray } from './spec.js';
import { isTensor, Tensor, type NestedArray } from './tensor.js';

/** What public functions take for a tensor: a number adopts the dtype of its partner. */
export type TensorLike = Tensor | number;

export interface TensorOptions {
  /** Default: that of the nesting; `[length]` for a typed array. */
  readonly shape?: Shape;
  /** Default: float64 for a Float64Array, int32 for arrays of integer types, bool for booleans, else float32. */
  readonly dtype?: DType;
}

/** Arrays of numbers that a tensor can be made from. */
export type NumberArray = TypedArray | Int8Array | Uint8ClampedArray | Int16Array | Uint16Array | Uint32Array;

/**
 * A tensor with a copy of `values`: a number, a boolean, nested arrays, or a typed array in row-major order.
 *
 * @example tensor([[1, 2], [3, 4]])
 * @throws ShapeError if the arrays are ragged or the count does not fit `shape`; RangeError for a value that int32
 * cannot hold; TypeError for anything that is no number.
 */
export function tensor(values: NestedArray | NumberArray | readonly number[], options: TensorOptions = {}): Tensor {
  unknownOptions('tensor', options, ['shape', 'dtype']);
  const flat: (number | boolean)[] = [];
  const typed = isNumberArray(values);
  const nested = typed ? [values.length] : flatten(values as NestedArray, flat);
  const source: ArrayLike<number> = typed ? values : (flat as number[]);
  const shape = options.shape ?? nested;
  checkShape('tensor', shape);
  if (sizeOf(shape) !== source.length) {
    throw new ShapeError('tensor', [
      {
        rule: `shape ${formatShape(shape)} has ${sizeOf(shape)} elements`,
        received: source.length,
        hint: 'Give as many values as the shape has elements',
      },
    ]);
  }
  return fromNumbers('tensor', shape, options.dtype ?? (typed ? typedDType(values) : nestedDType(flat)), source);
}

function isNumberArray(values: unknown): values is NumberArray {
  if (!ArrayBuffer.isView(values)) return false;
  if (values instanceof DataView || values instanceof BigInt64Array || values instanceof BigUint64Array) {
    throw new TypeError(
      `tensor: values are numbers, received a ${values.constructor.name}; convert it to an array of numbers`,
    );
  }
  return true;
}

function typedDType(values: NumberArray): DType {
  if (values instanceof Float64Array) return 'float64';
  return values instanceof Float32Array ? 'float32' : 'int32';
}

function nestedDType(flat: readonly (number | boolean)[]): DType {
  return flat.length > 0 && flat.every((value) => typeof value === 'boolean') ? 'bool' : 'float32';
}

/** A tensor with these values, which its dtype must hold: int32 takes no fraction and nothing beyond its range. */
function fromNumbers(op: string, shape: Shape, dtype: DType, values: ArrayLike<number>): Tensor {
  checkDType(op, dtype);
  if (dtype === 'bool')
    return EAGER_REFERENCE.fromValues(
      { shape, dtype },
      Array.from(values, (v) => (v ? 1 : 0)),
      op,
    );
  if (dtype === 'int32' && !(values instanceof Int32Array))
    for (let i = 0; i < values.length; i++) checkInt32(op, values[i]);
  return EAGER_REFERENCE.fromValues({ shape, dtype }, values, op);
}

function checkInt32(op: string, value: number): void {
  const number = Number(value);
  if (number !== (number | 0)) {
    throw new RangeError(
      `${op}: int32 cannot hold ${number}; round it, or make the tensor float32 or float64 and cast it`,
    );
  }
}

export function checkDType(op: string, dtype: DType): void {
  if (!Object.hasOwn(BYTES_PER_ELEMENT, dtype)) {
    const problem =
      typeof dtype === 'string' ? `unknown dtype '${dtype}'` : `a dtype is a name, received ${formatValue(dtype)}`;
    throw new TypeError(`${op}: ${problem}; there are ${Object.keys(BYTES_PER_ELEMENT).join(', ')}`);
  }
}

/** Appends the values of nested arrays to `out`; returns their shape. */
function flatten(values: NestedArray, out: (number | boolean)[]): number[] {
  if (!Array.isArray(values)) {
    if (typeof values !== 'number' && typeof values !== 'boolean') {
      throw new TypeError(
        `tensor: values are numbers, booleans, arrays of these, or a typed array; received ${values === null ? 'null' : typeof values}`,
      );
    }
    out.push(values);
    return [];
  }
  let first: number[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const entry = values[i];
    if (first?.length === 0 && typeof entry === 'number') {
      out.push(entry);
      continue;
    }
    const shape = flatten(entry, out);
    first ??= shape;
    if (!sameShape(shape, first)) {
      throw new ShapeError('tensor', [
        { rule: `nested arrays must not be ragged: entry ${i} has shape ${formatShape(shape)}`, expected: first },
      ]);
    }
  }
  return [values.length, ...(first ?? [])];
}

/**
 * One value in a shape; it takes the memory of one element. Default dtype float32.
 *
 * @throws RangeError if dtype is int32 and cannot hold the value.
 */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  return filled('full', shape, value, dtype);
}

function filled(op: string, shape: Shape, value: number, dtype: DType): Tensor {
  checkShape(op, shape);
  checkDType(op, dtype);
  if (dtype === 'int32') checkInt32(op, value);
  return constant({ shape, dtype }, value, op);
}

/** Zeros in a shape; they take the memory of one element. Default dtype float32. */
export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  return filled('zeros', shape, 0, dtype);
}

/** Ones in a shape; they take the memory of one element. Default dtype float32. */
export function ones(shape: Shape, dtype: DType = 'float32'): Tensor {
  return filled('ones', shape, 1, dtype);
}

/** Zeros in the shape and dtype of another tensor. */
export function zerosLike(like: Tensor): Tensor {
  return filled('zerosLike', like.shape, 0, like.dtype);
}

export function onesLike(like: Tensor): Tensor {
  return filled('onesLike', like.shape, 1, like.dtype);
}

/** A number as a tensor without axes. Default dtype float32. */
export function scalar(value: number, dtype: DType = 'float32'): Tensor {
  return filled('scalar', [], value, dtype);
}

/** start, start + step, … up to and without stop. One argument is `stop`, from 0. Default step 1, dtype float32. */
export function arange(start: number, stop?: number, step = 1, dtype: DType = 'float32'): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (!(Number.isFinite(from) && Number.isFinite(to) && Number.isFinite(step)) || step === 0) {
    throw new RangeError(`arange: start, stop and step are finite and step is not 0; received ${from}, ${to}, ${step}`);
  }
  const length = Math.max(0, Math.ceil((to - from) / step));
  return fromNumbers(
    'arange',
    [length],
    dtype,
    Array.from({ length }, (_, i) => from + i * step),
  );
}

/** `count` values from start to stop, both included, evenly spaced. Default dtype float32. */
export function linspace(start: number, stop: number, count: number, dtype: DType = 'float32'): Tensor {
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`linspace: count is a non-negative integer, received ${count}`);
  const step = count > 1 ? (stop - start) / (count - 1) : 0;
  const values = Array.from({ length: count }, (_, i) => (i === count - 1 && count > 1 ? stop : start + i * step));
  return fromNumbers('linspace', [count], dtype, values);
}

/** Ones on the main diagonal of a matrix, `[rows, columns]`. Default: as many columns as rows, dtype float32. */
export function eye(rows: number, columns: number = rows, dtype: DType = 'float32'): Tensor {
  checkShape('eye', [rows, columns]);
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  return fromNumbers('eye', [rows, columns], dtype, values);
}

/** A number as a weak scalar, which adopts the dtype of what it meets; a tensor as it is. */
export function asTensor(value: TensorLike, op: string): Tensor {
  if (typeof value === 'number') return constant({ shape: [], dtype: 'float64', weak: true }, value, op);
  if (isTensor(value)) return value;
  throw new TypeError(
    `${op}: expected a tensor or a number, received ${value === null ? 'null' : typeof value}; make one with tensor(…)`,
  );
}

function constant(spec: Spec, value: number, madeBy: string): Tensor {
  const one = EAGER_REFERENCE.fromValues(
    { shape: [], dtype: spec.dtype },
    [spec.dtype === 'bool' ? Number(value !== 0) : value],
    madeBy,
  );
  const { storage } = one.payload as EagerValue;
  return new Tensor(spec, EAGER_REFERENCE, {
    storage,
    layout: { shape: spec.shape, strides: spec.shape.map(() => 0), offset: 0 },
  } satisfies EagerValue);
}

/** The value of a tensor that is known to be the same everywhere: a constant made by `full` or from a number; else null. */
export function uniformValue(tensor: Tensor): number | null {
  if (tensor.interpreter !== EAGER_REFERENCE) return null;
  const view = viewOf(tensor, 'uniformValue');
  return view.strides.every((stride) => stride === 0) && tensor.size > 0 ? view.data[view.offset] : null;
}
