import { FormatError } from './error.js';
import { checkBytes, checkKeys } from './options.js';
import {
  FILE_DTYPES,
  headerLength,
  MAX_HEADER,
  METADATA,
  parseHeader,
  PREFIX,
  type SafetensorsEntry,
} from './safetensors-header.js';
import { CODECS, decode, encode, type StoredArray, type StoredArrays, type StoredDtype } from './stored.js';

// The format: https://github.com/huggingface/safetensors#format

const ALIGNMENT = 8;
const SPACE = 0x20;

/** The contents of a safetensors file. */
export interface Safetensors {
  /** By name. */
  readonly arrays: StoredArrays;
  /** Strings that the writer added; empty where there are none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file. Arrays are copies, so the file's alignment makes no difference.
 *
 * @param options `name`: what errors call the file; default `safetensors file`.
 * @throws FormatError for a header that is truncated, over 100 MB or not JSON of distinct keys, an unknown dtype, bytes
 * that do not match dtype and shape, and offsets that leave a gap, overlap, or do not end with the file.
 */
export function readSafetensors(bytes: Uint8Array, options: { readonly name?: string } = {}): Safetensors {
  checkKeys('readSafetensors', options, ['name']);
  checkBytes('readSafetensors', bytes);
  const { name: file = 'safetensors file' } = options;
  const data = PREFIX + headerLength(bytes.subarray(0, PREFIX), bytes.length, file);
  const { entries, metadata } = parseHeader(bytes.subarray(PREFIX, data), bytes.length - data, file);
  const arrays = entries.map(({ name, dtype, shape, begin, end }) => [
    name,
    decode(dtype, shape, bytes.subarray(data + begin, data + end), file, name),
  ]);
  // Built from entries, which makes even `__proto__` an ordinary name.
  return { arrays: Object.fromEntries(arrays) as StoredArrays, metadata };
}

/** A safetensors file of which arrays are read one by one. */
export interface SafetensorsReader {
  readonly metadata: Readonly<Record<string, string>>;
  /** What the file holds, in the order of its bytes. */
  readonly entries: readonly SafetensorsEntry[];
  /** Reads one array. @throws FormatError for a name that the file does not hold. */
  read(name: string): Promise<StoredArray>;
}

/**
 * Opens a safetensors file of any size: a Blob, such as a File of a browser or what Node's `fs.openAsBlob` gives. Only
 * the header is read at once.
 *
 * @throws FormatError as {@link readSafetensors}.
 */
export async function openSafetensors(
  blob: Blob,
  options: { readonly name?: string } = {},
): Promise<SafetensorsReader> {
  checkKeys('openSafetensors', options, ['name']);
  const { name: file = 'safetensors file' } = options;
  const slice = async (begin: number, end: number): Promise<Uint8Array> =>
    new Uint8Array(await blob.slice(begin, end).arrayBuffer());
  const data = PREFIX + headerLength(await slice(0, PREFIX), blob.size, file);
  const { entries, metadata } = parseHeader(await slice(PREFIX, data), blob.size - data, file);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    metadata,
    entries,
    async read(name) {
      const entry = byName.get(name);
      if (entry === undefined) {
        throw new FormatError({
          file,
          received: `a request for '${name}'`,
          expected: `one of ${[...byName.keys()].join(', ')}`,
        });
      }
      const { dtype, shape, begin, end } = entry;
      return decode(dtype, shape, await slice(data + begin, data + end), file, name);
    },
  };
}

/**
 * Writes a safetensors file. The same arrays and metadata give the same bytes, whatever order they were put in: wider
 * types come first, so that every array is aligned, then names in the order of their UTF-16 code units.
 *
 * @throws FormatError for data that is not of its dtype's array type or its shape's size, an array named
 * `__metadata__`, metadata that is not a string, or a header over 100 MB.
 */
export function writeSafetensors(
  arrays: StoredArrays,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const file = 'writeSafetensors';
  const parts = Object.entries(arrays).map(([name, { dtype, shape, data }]) => {
    if (name === METADATA) {
      throw new FormatError({ file, entry: name, received: 'an array of that name', expected: 'another name' });
    }
    return { name, dtype, shape, bytes: encode({ dtype, shape, data } as StoredArray, file, name) };
  });
  const width = (part: { readonly dtype: StoredDtype }): number => CODECS[part.dtype].bytes;
  parts.sort((a, b) => width(b) - width(a) || (a.name < b.name ? -1 : 1));

  const header: [string, unknown][] = [];
  const notes = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, value] of notes) {
    if (typeof value !== 'string') {
      throw new FormatError({ file, entry: METADATA, received: `a ${typeof value} as '${key}'`, expected: 'a string' });
    }
  }
  if (notes.length > 0) header.push([METADATA, Object.fromEntries(notes)]);
  let length = 0;
  for (const { name, dtype, shape, bytes } of parts) {
    const end = length + bytes.length;
    header.push([name, { dtype: FILE_DTYPES[dtype], shape, data_offsets: [length, end] }]);
    length = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  if (padded > MAX_HEADER) {
    throw new FormatError({ file, received: `a header of ${padded} bytes`, expected: `at most ${MAX_HEADER}` });
  }

  const out = new Uint8Array(PREFIX + padded + length);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.set(json, PREFIX);
  out.fill(SPACE, PREFIX + json.length, PREFIX + padded);
  let at = PREFIX + padded;
  for (const { bytes } of parts) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}
