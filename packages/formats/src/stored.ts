import { FormatError } from './error.js';
import { decodeBf16, decodeF16, encodeBf16, encodeF16 } from './half.js';

/**
 * The element types of files, with the array that holds each in memory: float16 and bfloat16 are decoded to float32
 * and rounded to nearest, ties to even, when written; `bool` is 0 or 1.
 */
export interface StoredTypes {
  readonly float64: Float64Array;
  readonly float32: Float32Array;
  readonly float16: Float32Array;
  readonly bfloat16: Float32Array;
  readonly int64: BigInt64Array;
  readonly uint64: BigUint64Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly bool: Uint8Array;
}

export type StoredDtype = keyof StoredTypes;

/** One array of a file: its type there, its shape (`[]` for a scalar) and its values in row-major order. */
export type StoredArray = {
  [D in StoredDtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: StoredTypes[D] };
}[StoredDtype];

/** Arrays by name, as a file holds them. */
export type StoredArrays = Readonly<Record<string, StoredArray>>;

type Data = StoredTypes[StoredDtype];
type Bits = Exclude<Data, Float32Array> | Float32Array;

interface Codec {
  /** Bytes an element. */
  readonly bytes: number;
  /** The array in memory. */
  readonly array: new (
    length: number,
  ) => Data;
  /** The array of the bits in the file, which is the array in memory unless `decode` and `encode` are given. */
  readonly bits: { new (buffer: ArrayBuffer): Bits; new (length: number): Bits };
  decode?(bits: Uint16Array): Float32Array;
  encode?(values: Float32Array): Uint16Array;
}

/** Every element type. */
export const CODECS: Readonly<Record<StoredDtype, Codec>> = {
  float64: { bytes: 8, array: Float64Array, bits: Float64Array },
  float32: { bytes: 4, array: Float32Array, bits: Float32Array },
  float16: { bytes: 2, array: Float32Array, bits: Uint16Array, decode: decodeF16, encode: encodeF16 },
  bfloat16: { bytes: 2, array: Float32Array, bits: Uint16Array, decode: decodeBf16, encode: encodeBf16 },
  int64: { bytes: 8, array: BigInt64Array, bits: BigInt64Array },
  uint64: { bytes: 8, array: BigUint64Array, bits: BigUint64Array },
  int32: { bytes: 4, array: Int32Array, bits: Int32Array },
  uint32: { bytes: 4, array: Uint32Array, bits: Uint32Array },
  int16: { bytes: 2, array: Int16Array, bits: Int16Array },
  uint16: { bytes: 2, array: Uint16Array, bits: Uint16Array },
  int8: { bytes: 1, array: Int8Array, bits: Int8Array },
  uint8: { bytes: 1, array: Uint8Array, bits: Uint8Array },
  bool: { bytes: 1, array: Uint8Array, bits: Uint8Array },
};

/** The number of values in a shape. Not a safe integer where the shape is too large to exist. */
export function sizeOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((size, axis) => size * axis, 1);
}

/** A shape as messages show it, cut where it has more axes than anyone reads. */
export function showShape(shape: readonly unknown[]): string {
  const more = shape.length > 64 ? `, … ${shape.length} axes` : '';
  return `[${shape.slice(0, 64).join(', ')}${more}]`;
}

/** Whether `value` can be a shape: a list of integers from 0 up. */
export function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((axis) => Number.isSafeInteger(axis) && axis >= 0);
}

/**
 * The values in `bytes`, little-endian, in a fresh array: where the bytes start, aligned or not, makes no difference.
 * `bytes` must be as long as the type and shape say.
 *
 * @throws FormatError for a bool that is neither 0 nor 1.
 */
export function decode(
  dtype: StoredDtype,
  shape: readonly number[],
  bytes: Uint8Array,
  file: string,
  entry?: string,
): StoredArray {
  const { bits, decode: widen } = CODECS[dtype];
  // Typed arrays have the machine's byte order, which is little-endian on everything that runs JavaScript today.
  // Not `slice`, which on Node's Buffer gives a view.
  const raw = new bits(new Uint8Array(bytes).buffer);
  const data = widen === undefined ? raw : widen(raw as Uint16Array);
  if (dtype === 'bool') checkBools(raw as Uint8Array, file, entry);
  return { dtype, shape, data } as StoredArray;
}

/**
 * The bytes of an array, little-endian.
 *
 * @throws FormatError for an unknown dtype, or data that is not of the dtype's array type or the shape's size.
 */
export function encode(stored: StoredArray, file: string, entry?: string): Uint8Array {
  const { dtype, shape } = stored;
  const data: Data = stored.data;
  const at = entry === undefined ? { file } : { file, entry };
  const codec = Object.hasOwn(CODECS, dtype) ? CODECS[dtype] : undefined;
  if (codec === undefined) {
    throw new FormatError({
      ...at,
      received: `dtype '${String(dtype)}'`,
      expected: `one of ${Object.keys(CODECS).join(', ')}`,
    });
  }
  if (!(data instanceof codec.array)) {
    throw new FormatError({
      ...at,
      received: `a ${(data as object)?.constructor?.name ?? typeof data} with dtype '${dtype}'`,
      expected: `a ${codec.array.name}`,
    });
  }
  if (!isShape(shape) || sizeOf(shape) !== data.length) {
    throw new FormatError({
      ...at,
      received: `${data.length} values with shape ${Array.isArray(shape) ? showShape(shape) : String(shape)}`,
      expected: isShape(shape) ? `${sizeOf(shape)} values` : 'integers of at least 0',
    });
  }
  if (dtype === 'bool') checkBools(data as Uint8Array, file, entry);
  const raw = codec.encode === undefined ? data : codec.encode(data as Float32Array);
  return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
}

function checkBools(data: Uint8Array, file: string, entry?: string): void {
  const wrong = data.findIndex((value) => value > 1);
  if (wrong >= 0) {
    throw new FormatError({
      file,
      ...(entry === undefined ? {} : { entry }),
      received: `${data[wrong]} as the bool at index ${wrong}`,
      expected: '0 or 1',
    });
  }
}
