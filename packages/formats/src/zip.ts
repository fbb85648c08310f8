import { crc32 } from './crc32.js';
import { FormatError } from './error.js';

// The format: APPNOTE 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT; section numbers are its.

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENCRYPTED = 1;
const UTF8 = 1 << 11;
const STORED = 0;
const DEFLATED = 8;
/** Stands for a value that is in the zip64 record. */
const ELSEWHERE = 0xffffffff;
/** 1 January 1980, the earliest date there is: files written do not tell when. */
const DATE = 0x0021;

/** A file in a zip. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Member {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** Reads within `bytes`, or throws that the file is damaged. */
class Cursor {
  readonly bytes: Uint8Array;
  readonly file: string;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.file = file;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  slice(at: number, length: number, what: string): Uint8Array {
    if (at + length > this.bytes.length || at < 0) {
      this.fail(`${what} at byte ${at}`, `within the file's ${this.bytes.length} bytes`);
    }
    return this.bytes.subarray(at, at + length);
  }

  /** The record of `length` bytes at `at`, checked for its signature. */
  record(at: number, length: number, signature: number, what: string): DataView {
    const bytes = this.slice(at, length, what);
    const found = this.view.getUint32(at, true);
    if (found !== signature) this.fail(`0x${found.toString(16)} at byte ${at}`, `${what}, 0x${signature.toString(16)}`);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  signatureAt(at: number): number {
    return this.view.getUint32(at, true);
  }

  fail(received: string, expected: string, entry?: string): never {
    const fix = 'The zip file is truncated, damaged or of a kind that is not read';
    throw new FormatError({ file: this.file, ...(entry === undefined ? {} : { entry }), received, expected, fix });
  }
}

/** A 64-bit length or offset; one past 2^53 becomes larger than any file, which is refused where it is used. */
const uint64 = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** The files of a zip, stored or deflated, zip64 or not, each checked against its length and CRC-32. */
export async function readZip(bytes: Uint8Array, file: string): Promise<ZipEntry[]> {
  const cursor = new Cursor(bytes, file);
  const entries: ZipEntry[] = [];
  for (const member of apart(cursor, members(cursor))) {
    const contents = await extract(cursor, member);
    const crc = crc32(contents);
    if (contents.length !== member.size || crc !== member.crc) {
      cursor.fail(
        `${contents.length} bytes of CRC-32 0x${crc.toString(16)}`,
        `${member.size} bytes of CRC-32 0x${member.crc.toString(16)}`,
        member.name,
      );
    }
    entries.push({ name: member.name, bytes: contents });
  }
  return entries;
}

/**
 * The same files, of which none starts within another: else a small zip could hold the same bytes a million times, and
 * inflate to more than memory holds.
 */
function apart(cursor: Cursor, found: readonly Member[]): readonly Member[] {
  const inOrder = found.toSorted((a, b) => a.offset - b.offset);
  for (const [i, { name, offset, packed }] of inOrder.entries()) {
    const next = inOrder[i + 1];
    if (next !== undefined && offset + 30 + packed > next.offset) {
      cursor.fail(`data from byte ${next.offset}`, `data behind that of '${name}', which it overlaps`, next.name);
    }
  }
  return found;
}

/** The central directory (4.3.12). */
function members(cursor: Cursor): Member[] {
  const { count, start } = directory(cursor);
  const found = new Map<string, Member>();
  for (let i = 0, at = start; i < count; i++) {
    const record = cursor.record(at, 46, CENTRAL, 'an entry of the directory');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => record.getUint16(field, true));
    const name = decodeName(cursor, cursor.slice(at + 46, nameLength, 'a name'));
    const extra = cursor.slice(at + 46 + nameLength, extraLength, 'an extra field');
    if (record.getUint16(8, true) & ENCRYPTED) cursor.fail('an encrypted file', 'one that is not', name);
    if (found.has(name)) cursor.fail('two files of one name', 'distinct names', name);
    const [size, packed, offset] = widened(
      cursor,
      extra,
      name,
      [24, 20, 42].map((field) => record.getUint32(field, true)),
    );
    const [method, crc] = [record.getUint16(10, true), record.getUint32(16, true)];
    found.set(name, { name, method, crc, packed: packed, size: size, offset: offset });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return [...found.values()];
}

/** Where the central directory starts and how many entries it has (4.3.14 to 4.3.16). */
function directory(cursor: Cursor): { count: number; start: number } {
  const { length } = cursor.bytes;
  // The last record ends with a comment of up to 65,535 bytes, so that it has to be looked for.
  for (let at = length - 22; at >= Math.max(0, length - 22 - 0xffff); at--) {
    if (cursor.signatureAt(at) !== END) continue;
    const end = cursor.record(at, 22, END, 'the end');
    if (at + 22 + end.getUint16(20, true) !== length) continue;
    const count = end.getUint16(10, true);
    const start = end.getUint32(16, true);
    if (count !== 0xffff && start !== ELSEWHERE) return { count, start };
    const locator = cursor.record(at - 20, 20, LOCATOR64, 'the locator of zip64');
    const end64 = cursor.record(uint64(locator, 8), 56, END64, 'the end of zip64');
    return { count: uint64(end64, 32), start: uint64(end64, 48) };
  }
  return cursor.fail(`${length} bytes with no end of a directory`, 'a zip file');
}

/** Replaces each value that stands elsewhere by the zip64 extra field's (4.5.3), which holds those alone, in order. */
function widened(cursor: Cursor, extra: Uint8Array, name: string, values: number[]): number[] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  let [at, end] = [0, 0];
  for (let field = 0; field + 4 <= extra.length; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue;
    at = field + 4;
    end = Math.min(at + view.getUint16(field + 2, true), extra.length);
  }
  return values.map((value) => {
    if (value !== ELSEWHERE) return value;
    if (at + 8 > end) return cursor.fail('no 64-bit length or offset', 'one in the extra field', name);
    at += 8;
    return uint64(view, at - 8);
  });
}

function decodeName(cursor: Cursor, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return cursor.fail('a name that is not UTF-8', 'UTF-8');
  }
}

async function extract(cursor: Cursor, { name, method, packed, size, offset }: Member): Promise<Uint8Array> {
  const local = cursor.record(offset, 30, LOCAL, `the header of '${name}'`);
  const nameLength = local.getUint16(26, true);
  const called = decodeName(cursor, cursor.slice(offset + 30, nameLength, 'a name'));
  if (called !== name) cursor.fail(`the name '${called}' before the data`, 'that of the directory', name);
  const data = offset + 30 + nameLength + local.getUint16(28, true);
  const bytes = cursor.slice(data, packed, `the data of '${name}'`);
  if (method === STORED) return bytes;
  if (method !== DEFLATED) return cursor.fail(`compression method ${method}`, '0 (stored) or 8 (deflated)', name);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const reader = stream.getReader();
    // Stops at more than was announced: a few bytes can inflate to more than memory holds.
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      chunks.push(part.value);
      length += part.value.length;
      if (length > size) await reader.cancel();
    }
  } catch (cause) {
    cursor.fail(`${packed} bytes that do not inflate (${(cause as Error).message})`, 'deflated data', name);
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/**
 * A zip of stored files, in the order given, dated 1980: the same files give the same bytes.
 *
 * @throws FormatError for a name that UTF-8 cannot hold, 65,535 files or more, or 4 GiB or more in all.
 */
export function writeZip(entries: readonly ZipEntry[], file: string): Uint8Array<ArrayBuffer> {
  const named = entries.map(({ name, bytes }) => {
    const encoded = new TextEncoder().encode(name);
    if (new TextDecoder('utf-8', { ignoreBOM: true }).decode(encoded) !== name || encoded.length > 0xffff) {
      throw new FormatError({
        file,
        entry: name,
        received: 'a name that a zip cannot hold',
        expected: 'up to 65535 bytes of UTF-8',
      });
    }
    return { encoded, bytes };
  });
  const total = named.reduce((sum, { encoded, bytes }) => sum + 76 + 2 * encoded.length + bytes.length, 22);
  if (named.length >= 0xffff || total >= ELSEWHERE) {
    throw new FormatError({
      file,
      received: `${named.length} files of ${total} bytes in all`,
      expected: 'fewer than 65535 files and 4 GiB',
      fix: 'Write several files, or safetensors',
    });
  }
  const summed = named.map((entry) => ({ ...entry, crc: crc32(entry.bytes) }));
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  /** The fields that a local header and an entry of the directory share (4.3.7), and the name after `header` bytes. */
  const describe = (
    at: number,
    shared: number,
    header: number,
    { encoded, bytes, crc }: (typeof summed)[number],
  ): void => {
    view.setUint16(at + shared, 20, true);
    view.setUint16(at + shared + 2, UTF8, true);
    view.setUint16(at + shared + 8, DATE, true);
    view.setUint32(at + shared + 10, crc, true);
    view.setUint32(at + shared + 14, bytes.length, true);
    view.setUint32(at + shared + 18, bytes.length, true);
    view.setUint16(at + shared + 22, encoded.length, true);
    out.set(encoded, at + header);
  };
  let at = 0;
  const offsets = summed.map((entry) => {
    const offset = at;
    view.setUint32(at, LOCAL, true);
    describe(at, 4, 30, entry);
    out.set(entry.bytes, at + 30 + entry.encoded.length);
    at += 30 + entry.encoded.length + entry.bytes.length;
    return offset;
  });
  const start = at;
  summed.forEach((entry, i) => {
    view.setUint32(at, CENTRAL, true);
    view.setUint16(at + 4, 20, true);
    describe(at, 6, 46, entry);
    view.setUint32(at + 42, offsets[i], true);
    at += 46 + entry.encoded.length;
  });
  view.setUint32(at, END, true);
  view.setUint16(at + 8, named.length, true);
  view.setUint16(at + 10, named.length, true);
  view.setUint32(at + 12, at - start, true);
  view.setUint32(at + 16, start, true);
  return out;
}
