import { FormatError } from './error.js';
import { checkBytes, checkKeys } from './options.js';
import { CODECS, decode, encode, showShape, sizeOf, type StoredArray, type StoredDtype } from './stored.js';

// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const ALIGNMENT = 64;

/** NumPy's kind and width of each type; it has none for bfloat16. */
const KINDS: Readonly<Partial<Record<StoredDtype, string>>> = {
  float64: 'f8',
  float32: 'f4',
  float16: 'f2',
  int64: 'i8',
  uint64: 'u8',
  int32: 'i4',
  uint32: 'u4',
  int16: 'i2',
  uint16: 'u2',
  int8: 'i1',
  uint8: 'u1',
  bool: 'b1',
};

/**
 * Reads a NumPy `.npy` file of version 1, 2 or 3, of either byte order and either order of axes; the values come in
 * row-major order, as a copy.
 *
 * @param options `name`: what errors call the file; default `npy file`.
 * @throws FormatError for a wrong magic number, version or header, a type that is not a plain number or bool, and data
 * of another length than type and shape say.
 */
export function readNpy(bytes: Uint8Array, options: { readonly name?: string } = {}): StoredArray {
  checkKeys('readNpy', options, ['name']);
  checkBytes('readNpy', bytes);
  const { name: file = 'npy file' } = options;
  const { text, data } = splitHeader(bytes, file);
  const { descr, fortran, shape } = parseNpyHeader(text, file);
  const { dtype, big } = parseDescr(descr, file);
  const width = CODECS[dtype].bytes;
  const expected = sizeOf(shape) * width;
  if (bytes.length - data !== expected) {
    throw new FormatError({
      file,
      received: `${bytes.length - data} bytes of data`,
      expected: `${expected} for '${descr}' of shape ${showShape(shape)}`,
      fix: bytes.length - data < expected ? 'The file is truncated' : 'The file has bytes after its last value',
    });
  }
  const body = bytes.subarray(data);
  const stored = decode(dtype, shape, big ? swapped(body, width) : body, file);
  return fortran ? rowMajor(stored) : stored;
}

function splitHeader(bytes: Uint8Array, file: string): { text: string; data: number } {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    const start = Array.from(bytes.subarray(0, MAGIC.length), (byte) => byte.toString(16).padStart(2, '0'));
    throw new FormatError({
      file,
      received: `a file that starts with ${start.join(' ') || 'nothing'}`,
      expected: "93 4e 55 4d 50 59 ('\\x93NUMPY')",
    });
  }
  const [major = 0, minor = 0] = bytes.subarray(6);
  if (bytes.length < 8 || minor !== 0 || major < 1 || major > 3) {
    throw new FormatError({
      file,
      received:
        bytes.length < 8 ? `${bytes.length} bytes, which end before a version` : `npy version ${major}.${minor}`,
      expected: '1.0, 2.0 or 3.0',
    });
  }
  const start = major === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < start ? 0 : major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const data = start + length;
  if (bytes.length < data) {
    throw new FormatError({
      file,
      received: `${bytes.length} bytes`,
      expected: `a header that ends at byte ${data}`,
      fix: 'The file is truncated',
    });
  }
  try {
    const encoding = major === 3 ? 'utf-8' : 'latin1';
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(start, data)), data };
  } catch (cause) {
    throw new FormatError({ file, received: 'a header that is not UTF-8', expected: 'UTF-8, in version 3' }, { cause });
  }
}

/** One `'key': value` of the header, where the value is a string, a bool or a tuple of integers, and what follows. */
const FIELD = /\s*(['"])(\w+)\1\s*:\s*(?:(['"])([^'"\\]*)\3|(True|False)|\(([\d\s,L]*)\))\s*(,\s*\}|,|\})/y;

/** The header is a Python dict of three keys, a format narrow enough to need no parser of Python. */
function parseNpyHeader(text: string, file: string): { descr: string; fortran: boolean; shape: number[] } {
  const header = text.trim();
  const fields = new Map<string, string | boolean | number[] | undefined>();
  FIELD.lastIndex = header.startsWith('{') ? 1 : header.length;
  for (;;) {
    const match = FIELD.exec(header);
    if (match === null || fields.has(match[2])) break;
    const [whole, , key, , string, bool, tuple, after] = match;
    fields.set(key, string ?? (bool === undefined ? parseTuple(tuple) : bool === 'True'));
    if (after === ',') FIELD.lastIndex = match.index + whole.length;
    else {
      const [descr, fortran, shape] = [fields.get('descr'), fields.get('fortran_order'), fields.get('shape')];
      const atEnd = match.index + whole.length === header.length;
      if (!atEnd || fields.size !== 3) break;
      if (typeof descr === 'string' && typeof fortran === 'boolean' && Array.isArray(shape))
        return { descr, fortran, shape };
      break;
    }
  }
  throw new FormatError({
    file,
    received: `the header ${header.length > 120 ? `${header.slice(0, 117)}…` : header}`,
    expected: "{'descr': a type such as '<f4', 'fortran_order': True or False, 'shape': a tuple of integers}",
    fix: 'Arrays of records (structured types) are not read',
  });
}

/** The integers of a Python tuple's inside, in which a single one needs a comma; an L ends a long of Python 2. */
function parseTuple(inside: string): number[] | undefined {
  const items = inside.split(',').map((item) => item.trim());
  if (items.at(-1) === '') items.pop();
  else if (items.length === 1) return undefined;
  const axes = items.map((item) => (/^\d+L?$/.test(item) ? Number.parseInt(item, 10) : NaN));
  return axes.every(Number.isSafeInteger) ? axes : undefined;
}

function parseDescr(descr: string, file: string): { dtype: StoredDtype; big: boolean } {
  const order = descr[0];
  const kind = descr.slice(1);
  const dtype = (Object.keys(KINDS) as StoredDtype[]).find((known) => KINDS[known] === kind);
  const hasOrder = order === '<' || order === '>';
  if (dtype === undefined || !(hasOrder || (order === '|' && CODECS[dtype].bytes === 1))) {
    throw new FormatError({
      file,
      received: `type '${descr}'`,
      expected: `'<' or '>' ('|' for one byte) and one of ${Object.values(KINDS).join(', ')}`,
    });
  }
  return { dtype, big: order === '>' };
}

/** A copy with the bytes of every element reversed. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += width) {
    for (let i = 0; i < width; i++) out[at + i] = bytes[at + width - 1 - i];
  }
  return out;
}

/** The same array from values in column-major order, in which the first axis runs fastest. */
function rowMajor(stored: StoredArray): StoredArray {
  // Axes of one place move nothing, and a header may have a million of them.
  const shape = stored.shape.filter((axis) => axis !== 1);
  const from: StoredArray['data'] = stored.data;
  if (from.length === 0) return stored;
  const to = new (from.constructor as new (length: number) => typeof from)(from.length);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  for (let i = 0, at = 0; i < from.length; i++) {
    to[i] = from[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { ...stored, data: to } as StoredArray;
}

/**
 * Writes a NumPy `.npy` file: little-endian, row-major, of version 1, or of version 2 where the header is too long for it.
 *
 * @throws FormatError for bfloat16, which NumPy lacks, and data that is not of its dtype's array type or its shape's
 * size.
 */
export function writeNpy(array: StoredArray): Uint8Array<ArrayBuffer> {
  const file = 'writeNpy';
  const body = encode(array, file);
  const { dtype, shape } = array;
  const kind = KINDS[dtype];
  if (kind === undefined) {
    throw new FormatError({ file, received: `dtype '${dtype}'`, expected: Object.keys(KINDS).join(', ') });
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const descr = `${CODECS[dtype].bytes === 1 ? '|' : '<'}${kind}`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padded = (start: number): number => Math.ceil((start + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const version = padded(10) - 10 < 2 ** 16 ? 1 : 2;
  const start = version === 1 ? 10 : 12;
  const data = padded(start);
  const out = new Uint8Array(data + body.length);
  const view = new DataView(out.buffer);
  out.set(MAGIC);
  out[6] = version;
  if (version === 1) view.setUint16(8, data - start, true);
  else view.setUint32(8, data - start, true);
  out.set(new TextEncoder().encode(`${text.padEnd(data - start - 1)}\n`), start);
  out.set(body, data);
  return out;
}
