import { FormatError } from './error.js';
import { parseJson } from './json.js';
import { CODECS, isShape, showShape, sizeOf, type StoredDtype } from './stored.js';

/** Where one array lies: offsets count bytes from the end of the header. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[];
}

/** The key of the header that holds metadata, so that no array can have it as its name. */
export const METADATA = '__metadata__';

/** The bytes before the header: its length as an unsigned 64-bit integer. */
export const PREFIX = 8;

/** The longest header that the format allows, in bytes. */
export const MAX_HEADER = 100_000_000;

/** The names of the types in the file. */
export const FILE_DTYPES: Readonly<Record<StoredDtype, string>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  uint64: 'U64',
  int32: 'I32',
  uint32: 'U32',
  int16: 'I16',
  uint16: 'U16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

const DTYPES = new Map(Object.entries(FILE_DTYPES).map(([dtype, code]) => [code, dtype as StoredDtype]));

/**
 * The header's length, from a file's first bytes.
 *
 * @param fileLength the whole file's length in bytes.
 */
export function headerLength(start: Uint8Array, fileLength: number, file: string): number {
  if (start.length < PREFIX) {
    throw new FormatError({
      file,
      received: `${fileLength} bytes`,
      expected: `at least ${PREFIX}, the length of the header`,
      fix: 'The file is truncated or not safetensors',
    });
  }
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) {
    throw new FormatError({
      file,
      received: `a header of ${length} bytes`,
      expected: `at most ${MAX_HEADER}`,
      fix: 'The file is probably not safetensors',
    });
  }
  if (PREFIX + Number(length) > fileLength) {
    throw new FormatError({
      file,
      received: `${fileLength} bytes`,
      expected: `a header of ${length} bytes after the first ${PREFIX}`,
      fix: 'The file is truncated',
    });
  }
  return Number(length);
}

/**
 * Parses and checks a header: types, shapes, and offsets that cover the data with neither gap nor overlap.
 *
 * @param bytes the header alone. @param dataLength bytes in the file after the header.
 */
export function parseHeader(bytes: Uint8Array, dataLength: number, file: string): SafetensorsHeader {
  const header = parseObject(bytes, file);
  const entries: SafetensorsEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = checkMetadata(value, file);
    else entries.push(checkEntry(name, value, file));
  }
  // By end too, so that an empty array stands before the one that starts where it does.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, dataLength, file);
  return { metadata, entries };
}

function parseObject(bytes: Uint8Array, file: string): object {
  let header: unknown;
  try {
    header = parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError(
      {
        file,
        received: `a header that does not parse (${(cause as Error).message})`,
        expected: 'JSON in UTF-8 with distinct keys, padded with spaces alone',
      },
      { cause },
    );
  }
  if (!isObject(header) || bytes[0] !== 0x7b) {
    throw new FormatError({
      file,
      received: 'a header of other JSON',
      expected: "an object, from its first byte '{' on",
    });
  }
  return header;
}

function checkMetadata(value: unknown, file: string): Record<string, string> {
  if (!isObject(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    throw new FormatError({ file, entry: METADATA, received: show(value), expected: 'an object of strings' });
  }
  return value as Record<string, string>;
}

function checkEntry(name: string, value: unknown, file: string): SafetensorsEntry {
  const fail = (received: string, expected: string): never => {
    throw new FormatError({ file, entry: name, received, expected });
  };
  if (!isObject(value)) return fail(show(value), 'an object of dtype, shape and data_offsets');
  const { dtype: code, shape, data_offsets: offsets } = value as Record<string, unknown>;
  const dtype = typeof code === 'string' ? DTYPES.get(code) : undefined;
  if (dtype === undefined) return fail(`dtype ${show(code)}`, `one of ${[...DTYPES.keys()].join(', ')}`);
  if (!isShape(shape)) return fail(`shape ${show(shape)}`, 'a list of integers of at least 0');
  if (!isShape(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    return fail(`data_offsets ${show(offsets)}`, 'two integers [begin, end] with 0 ≤ begin ≤ end');
  }
  const [begin, end] = offsets;
  const bytes = sizeOf(shape) * CODECS[dtype].bytes;
  if (end - begin !== bytes) {
    return fail(
      `${end - begin} bytes (data_offsets [${begin}, ${end}])`,
      `${bytes} for ${code} of shape ${showShape(shape)}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function checkCover(entries: readonly SafetensorsEntry[], dataLength: number, file: string): void {
  let covered = 0;
  let before = 'the header';
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      const flaw = begin < covered ? `an overlap of ${covered - begin}` : `a gap of ${begin - covered}`;
      throw new FormatError({
        file,
        entry: name,
        received: `data from byte ${begin}, ${flaw} bytes`,
        expected: `from byte ${covered}, where ${before} ends`,
      });
    }
    if (end > dataLength) {
      throw new FormatError({
        file,
        entry: name,
        received: `${dataLength} bytes of data`,
        expected: `${end}, where the array ends`,
        fix: 'The file is truncated',
      });
    }
    covered = end;
    before = `'${name}'`;
  }
  if (covered !== dataLength) {
    throw new FormatError({
      file,
      received: `${dataLength} bytes of data`,
      expected: `${covered}, where ${before} ends`,
      fix: 'The file has bytes that belong to no array',
    });
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON value for a message, cut where it is long. */
function show(value: unknown): string {
  let text = 'nothing';
  try {
    if (value !== undefined) text = JSON.stringify(value);
  } catch {
    text = 'a value nested too deeply to show';
  }
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
