import { DataError } from './error.js';
import { gunzip, isGzip } from './gzip.js';
import { sizeOf } from './columns.js';
import { checkBytes, checkKeys } from './options.js';

/** The array that holds each type of an IDX file. */
export interface IdxArrays {
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

/** The contents of an IDX file: values in row-major order, in the machine's own byte order. */
export type Idx = {
  [D in keyof IdxArrays]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: IdxArrays[D] };
}[keyof IdxArrays];

interface IdxType {
  readonly dtype: keyof IdxArrays;
  readonly code: number;
  readonly bytes: number;
  make(length: number): IdxArrays[keyof IdxArrays];
  get(view: DataView, at: number): number;
  set(view: DataView, at: number, value: number): void;
}

// Type codes and layout: "The IDX file format", Y. LeCun, http://yann.lecun.com/exdb/mnist/. All is big-endian.
const TYPES: readonly IdxType[] = [
  {
    dtype: 'uint8',
    code: 0x08,
    bytes: 1,
    make: (n) => new Uint8Array(n),
    get: (v, at) => v.getUint8(at),
    set: (v, at, x) => v.setUint8(at, x),
  },
  {
    dtype: 'int8',
    code: 0x09,
    bytes: 1,
    make: (n) => new Int8Array(n),
    get: (v, at) => v.getInt8(at),
    set: (v, at, x) => v.setInt8(at, x),
  },
  {
    dtype: 'int16',
    code: 0x0b,
    bytes: 2,
    make: (n) => new Int16Array(n),
    get: (v, at) => v.getInt16(at),
    set: (v, at, x) => v.setInt16(at, x),
  },
  {
    dtype: 'int32',
    code: 0x0c,
    bytes: 4,
    make: (n) => new Int32Array(n),
    get: (v, at) => v.getInt32(at),
    set: (v, at, x) => v.setInt32(at, x),
  },
  {
    dtype: 'float32',
    code: 0x0d,
    bytes: 4,
    make: (n) => new Float32Array(n),
    get: (v, at) => v.getFloat32(at),
    set: (v, at, x) => v.setFloat32(at, x),
  },
  {
    dtype: 'float64',
    code: 0x0e,
    bytes: 8,
    make: (n) => new Float64Array(n),
    get: (v, at) => v.getFloat64(at),
    set: (v, at, x) => v.setFloat64(at, x),
  },
];

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;

/**
 * Reads an IDX file, the format of MNIST, raw or gzipped (told apart by the first bytes).
 *
 * @param options `name`: what errors call the file; default `IDX file`.
 * @returns `{ dtype, shape, data }`; `data` is a copy.
 * @throws DataError where the magic number, type code, header or length is wrong.
 */
export async function readIdx(bytes: Uint8Array, options: { readonly name?: string } = {}): Promise<Idx> {
  checkKeys('readIdx', options, ['name']);
  checkBytes('readIdx', bytes);
  const source = options.name ?? 'IDX file';
  const contents = isGzip(bytes)
    ? await gunzip(bytes, source, LONGEST_HEADER, (first) => parseHeader(first, source).length)
    : bytes;
  return parseIdx(contents, source);
}

/** Of 255 axes. */
const LONGEST_HEADER = 4 + 4 * 255;

/** What a file says of itself: `length` is that of the whole in bytes. */
function parseHeader(
  bytes: Uint8Array,
  source: string,
): { type: IdxType; shape: readonly number[]; size: number; header: number; length: number } {
  if (bytes.length < 4) {
    throw new DataError({
      source,
      received: `${bytes.length} bytes`,
      expected: 'an IDX file, which starts with a magic number of 4 bytes',
    });
  }
  const [zero0, zero1, code, rank] = bytes as unknown as [number, number, number, number];
  const magic = `magic number ${[zero0, zero1, code, rank].map(hex).join(' ')}`;
  if (zero0 !== 0 || zero1 !== 0) {
    throw new DataError({
      source,
      received: magic,
      expected: 'an IDX file, whose first two bytes are 0x00 0x00, or a gzip file, 0x1f 0x8b',
    });
  }
  const type = TYPES.find((candidate) => candidate.code === code);
  if (type === undefined) {
    const known = TYPES.map(({ code, dtype }) => `${hex(code)} (${dtype})`).join(', ');
    throw new DataError({ source, received: magic, expected: `a type code, the third byte, of ${known}` });
  }
  if (rank === 0) {
    throw new DataError({ source, received: magic, expected: 'a number of axes, the fourth byte, of at least 1' });
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw new DataError({
      source,
      received: `${bytes.length} bytes`,
      expected: `a header of ${header} bytes, for ${rank} axes`,
      fix: 'The file is truncated',
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = sizeOf(shape);
  return { type, shape, size, header, length: header + size * type.bytes };
}

function parseIdx(bytes: Uint8Array, source: string): Idx {
  const { type, shape, size, header, length: expected } = parseHeader(bytes, source);
  if (bytes.length !== expected) {
    throw new DataError({
      source,
      received: `${bytes.length} bytes`,
      expected: `${expected} bytes: a header of ${header} and ${type.dtype} values of shape [${shape.join(', ')}]`,
      fix: bytes.length < expected ? 'The file is truncated' : 'The file has bytes after its last value',
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = type.make(size);
  if (data instanceof Uint8Array) data.set(bytes.subarray(header));
  else for (let i = 0; i < size; i++) data[i] = type.get(view, header + i * type.bytes);
  return { dtype: type.dtype, shape, data } as Idx;
}

/**
 * Writes an IDX file, raw.
 *
 * @throws DataError where the shape has no axis, over 255 axes or an axis over 2^32 − 1, or does not fit the data.
 */
export function writeIdx(idx: Idx): Uint8Array<ArrayBuffer> {
  const { shape, data } = idx;
  const type = TYPES.find((candidate) => candidate.dtype === idx.dtype);
  const source = 'writeIdx';
  if (type === undefined || data.constructor !== type.make(0).constructor) {
    throw new DataError({
      source,
      received: `dtype '${idx.dtype}' with a ${(data as object).constructor.name}`,
      expected: TYPES.map((known) => `'${known.dtype}' with a ${known.make(0).constructor.name}`).join(', '),
    });
  }
  const fits = shape.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < 2 ** 32);
  if (shape.length < 1 || shape.length > 255 || !fits || sizeOf(shape) !== data.length) {
    throw new DataError({
      source,
      received: `shape [${shape.join(', ')}] with ${data.length} values`,
      expected: 'a shape of 1 to 255 axes, each from 0 to 4294967295, with as many values',
    });
  }
  const header = 4 + 4 * shape.length;
  const bytes = new Uint8Array(header + data.length * type.bytes);
  const view = new DataView(bytes.buffer);
  bytes[2] = type.code;
  bytes[3] = shape.length;
  shape.forEach((axis, i) => view.setUint32(4 + 4 * i, axis));
  for (let i = 0; i < data.length; i++) type.set(view, header + i * type.bytes, data[i]!);
  return bytes;
}
