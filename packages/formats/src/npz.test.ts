import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from './crc32.js';
import { FormatError } from './error.js';
import { readNpy, writeNpy } from './npy.js';
import { readNpz, writeNpz } from './npz.js';
import { readSafetensors } from './safetensors.js';
import { showShape, type StoredArrays } from './stored.js';
import { readZip, writeZip } from './zip.js';

const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];
const base64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** `np.savez_compressed(f, a=np.array([[1.5, -2]], '<f4'), n=np.array(7, '<i8'))` of NumPy 2.4.6. */
const NUMPY = base64(
  'UEsDBC0AAAAIAAAAIQD9z6UI//////////8FABQAYS5ucHkBABAAiAAAAAAAAABNAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKu' +
    'o6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CkaaOgq1CmQDLgaGA/YMQAIAUEsDBC0AAAAIAAAAIQAjuPBs//////////8FABQA' +
    'bi5ucHkBABAAiAAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5' +
    'Gpo6CrUKFAEudgYIAABQSwECLQMtAAAACAAAACEA/c+lCE0AAACIAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAACAAAACEA' +
    'I7jwbEYAAACIAAAABQAAAAAAAAAAAAAAgAGEAAAAbi5ucHlQSwUGAAAAAAIAAgBmAAAAAQEAAAAA',
);

const ARRAYS: StoredArrays = {
  a: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1.5, -2) },
  n: { dtype: 'int64', shape: [], data: BigInt64Array.of(7n) },
};

test('a deflated file of NumPy', async () => {
  expect(await readNpz(NUMPY)).toEqual(ARRAYS);
});

test('CRC-32 of the published check string', () => {
  expect(crc32(Uint8Array.from(ascii('123456789')))).toBe(0xcbf43926);
});

const u16 = (...values: number[]): number[] => values.flatMap((value) => [value & 255, value >>> 8]);
const u32 = (...values: number[]): number[] => values.flatMap((value) => u16(value & 0xffff, value >>> 16));
const u64 = (...values: number[]): number[] => values.flatMap((value) => u32(value, 0));

test('the bytes of a zip, written out', () => {
  const bytes = Uint8Array.of(1, 2);
  const crc = crc32(bytes);
  const shared = [...u16(20, 0x800, 0, 0, 0x21), ...u32(crc, 2, 2), ...u16(1, 0)];
  expect([...writeZip([{ name: 'x', bytes }], 'test')]).toEqual([
    ...ascii('PK\x03\x04').concat(shared, ascii('x'), [1, 2]),
    ...ascii('PK\x01\x02').concat(u16(20), shared, u16(0, 0, 0), u32(0, 0), ascii('x')),
    ...ascii('PK\x05\x06').concat(u16(0, 0, 1, 1), u32(47, 33), u16(0)),
  ]);
});

/**
 * A zip64 file, every length and offset of which stands in a zip64 record, with a comment at the end. Of the number of files, the
 * bytes of the directory and its place, those that `plain` says stand where they do in any zip.
 */
function zip64(name: string, bytes: Uint8Array, plain = [false, false, false]): Uint8Array {
  const { length } = bytes;
  const crc = crc32(bytes);
  const [none, none16] = [0xffffffff, 0xffff];
  const prefix = [...u16(45, 0x800, 0, 0, 0x21), ...u32(crc, none, none), ...u16(name.length)];
  const other = [...u16(0xcafe, 2), 9, 9];
  const local = [
    ...u32(0x04034b50),
    ...prefix,
    ...u16(20),
    ...ascii(name),
    ...u16(1, 16),
    ...u64(length, length),
    ...bytes,
  ];
  const extra = [...other, ...u16(1, 24), ...u64(length, length, 0), ...other];
  const central = u32(0x02014b50).concat(u16(45), prefix, u16(extra.length, 0, 0, 0), u32(0, none), ascii(name), extra);
  const at = local.length + central.length;
  const end64 = [
    ...u32(0x06064b50),
    ...u64(44),
    ...u16(45, 45),
    ...u32(0, 0),
    ...u64(1, 1, central.length, local.length),
  ];
  const locator = [...u32(0x07064b50, 0), ...u64(at), ...u32(1)];
  const files = plain[0] ? 1 : none16;
  const [size, place] = [plain[1] ? central.length : none, plain[2] ? local.length : none];
  const end = [...u32(0x06054b50), ...u16(0, 0, files, files), ...u32(size, place), ...u16(5), ...ascii('a PK ')];
  return Uint8Array.from([...local, ...central, ...end64, ...locator, ...end]);
}

test('a zip64 file with a comment', async () => {
  const file = zip64('n.npy', writeNpy(ARRAYS.n));
  expect(await readNpz(file)).toEqual({ n: ARRAYS.n });
  const inView = new Uint8Array(file.length + 8);
  inView.set(file, 3);
  expect(await readNpz(inView.subarray(3, 3 + file.length))).toEqual({ n: ARRAYS.n });
});

test('one number that stands elsewhere is enough', async () => {
  for (const elsewhere of [0, 1, 2]) {
    const file = zip64(
      'n.npy',
      writeNpy(ARRAYS.n),
      [0, 1, 2].map((field) => field !== elsewhere),
    );
    expect(await readNpz(file)).toEqual({ n: ARRAYS.n });
  }
});

test('a comment may be as long as its length can say', async () => {
  const zip = writeNpz(ARRAYS);
  const file = new Uint8Array(zip.length + 65_535);
  file.set(zip.with(zip.length - 2, 255).with(zip.length - 1, 255));
  expect(await readNpz(file)).toEqual(ARRAYS);
});

test('entries of the directory may have extra fields and comments, and files no name', async () => {
  const files = ['', '\ufeffx', 'y'].map((name, i) => ({ name, bytes: Uint8Array.of(i) }));
  const zip = writeZip(files, 'test');
  expect(await readZip(zip, 'test')).toEqual(files);
  const start = new DataView(zip.buffer).getUint32(zip.length - 6, true);
  const first = [...zip.subarray(start, start + 46)];
  first.splice(30, 4, ...u16(4, 3));
  const directory = [...first, ...u16(0xcafe, 0), ...ascii('why'), ...zip.subarray(start + 46, -22)];
  const end = [...zip.subarray(-22)];
  end.splice(12, 4, ...u32(directory.length));
  expect(await readZip(Uint8Array.from([...zip.subarray(0, start), ...directory, ...end]), 'test')).toEqual(files);
});

test('what inflates to many pieces is put together', async () => {
  const contents = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >>> 7);
  const deflated = new Blob([contents]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const packed = new Uint8Array(await new Response(deflated).arrayBuffer());
  const zip = writeZip([{ name: 'x', bytes: packed }], 'test');
  const view = new DataView(zip.buffer);
  const central = 30 + 1 + packed.length;
  view.setUint16(central + 10, 8, true);
  view.setUint32(central + 16, crc32(contents), true);
  view.setUint32(central + 24, contents.length, true);
  const [file] = await readZip(zip, 'test');
  expect(Buffer.compare(file.bytes, contents)).toBe(0);
});

test('a comment may look like the end of a zip', async () => {
  const zip = writeNpz(ARRAYS);
  const comment = [...u32(0x06054b50), ...new Array<number>(30).fill(1)];
  const file = Uint8Array.from([...zip.with(zip.length - 2, comment.length), ...comment]);
  expect(await readNpz(file)).toEqual(ARRAYS);
});

const names = fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom('__proto__', '1', 'layer/weight'));
const wellFormed = names.filter((name) => !/[\ud800-\udfff]/u.test(name));
const records = fc.array(fc.tuple(wellFormed, fc.constantFrom(ARRAYS.a, ARRAYS.n)), { maxLength: 4 });

test('what is written is read back; the order of insertion does not change the bytes', async () => {
  await fc.assert(
    fc.asyncProperty(records, async (entries) => {
      const arrays = Object.fromEntries(entries);
      const bytes = writeNpz(arrays);
      const sorted = (record: StoredArrays) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(await readNpz(bytes))).toEqual(sorted(arrays));
      expect(writeNpz(Object.fromEntries(Object.entries(arrays).reverse()))).toEqual(bytes);
    }),
  );
});

async function message(bytes: Uint8Array): Promise<string> {
  const error: unknown = await readNpz(bytes, { name: 'm.npz' }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as Error).name).toBe('FormatError');
  return (error as Error).message;
}

const FIX = '. The zip file is truncated, damaged or of a kind that is not read';

/** The file of NumPy with the bytes at `at` replaced. Its directory starts at byte 257. */
const changed = (at: number, ...bytes: number[]): Uint8Array => {
  const copy = NUMPY.slice();
  copy.set(bytes, at);
  return copy;
};

test('what is wrong with a file is said with its name', async () => {
  expect(await message(new Uint8Array(3))).toBe(
    `m.npz: received 3 bytes with no end of a directory; expected a zip file${FIX}`,
  );
  expect(await message(NUMPY.subarray(0, -1))).toContain('no end of a directory');
  expect(
    await message(Uint8Array.from([...u32(0x06054b50), ...u16(0, 0, 0xffff, 0xffff), ...u32(0, 0), ...u16(0)])),
  ).toBe(`m.npz: received the locator of zip64 at byte -20; expected within the file's 22 bytes${FIX}`);
  expect(await message(changed(257, 0))).toBe(
    `m.npz: received 0x2014b00 at byte 257; expected an entry of the directory, 0x2014b50${FIX}`,
  );
  expect(await message(changed(0, 0))).toBe(
    `m.npz: received 0x4034b00 at byte 0; expected the header of 'a.npy', 0x4034b50${FIX}`,
  );
  expect(await message(changed(257 + 42, 0xf0, 0xff))).toBe(
    `m.npz: received the header of 'a.npy' at byte 65520; expected within the file's ${NUMPY.length} bytes${FIX}`,
  );
  expect(await message(changed(257 + 8, 1))).toBe(
    `m.npz, 'a.npy': received an encrypted file; expected one that is not${FIX}`,
  );
  expect(await message(changed(257 + 10, 12))).toBe(
    `m.npz, 'a.npy': received compression method 12; expected 0 (stored) or 8 (deflated)${FIX}`,
  );
  expect(await message(changed(257 + 16, 0))).toMatch(
    /^m\.npz, 'a\.npy': received 136 bytes of CRC-32 0x8a5cffd; expected 136 bytes of CRC-32 0x8a5cf00\./,
  );
  expect(await message(changed(257 + 24, 5))).toMatch(
    /^m\.npz, 'a\.npy': received 136 bytes of .*; expected 5 bytes of/,
  );
  expect(await message(changed(55, 0xff))).toMatch(
    /^m\.npz, 'a\.npy': received 77 bytes that do not inflate \(.*\); expected deflated data\. /,
  );
  expect(await message(changed(257 + 24, 255, 255, 255, 255))).toBe(
    `m.npz, 'a.npy': received no 64-bit length or offset; expected one in the extra field${FIX}`,
  );
  expect(await message(changed(257 + 46, 0xff))).toBe(`m.npz: received a name that is not UTF-8; expected UTF-8${FIX}`);
  expect(await message(changed(257 + 51 + 46, 0x61))).toBe(
    `m.npz, 'a.npy': received two files of one name; expected distinct names${FIX}`,
  );
  expect(await message(writeZip([{ name: 'readme.txt', bytes: Uint8Array.of(1) }], 'test'))).toBe(
    "m.npz, 'readme.txt': received a file of that name; expected names that end in .npy",
  );
  expect(await message(writeZip([{ name: 'x.npy', bytes: Uint8Array.of(1) }], 'test'))).toContain(
    "m.npz, 'x.npy': received a file that starts with 01",
  );
});

test('a zip64 record that is too short is not read into what follows it', async () => {
  const file = zip64('n.npy', writeNpy(ARRAYS.n));
  const record = file.findLastIndex((_, at) => [1, 0, 24, 0].every((byte, i) => file[at + i] === byte));
  expect(await message(file.with(record + 2, 8))).toBe(
    `m.npz, 'n.npy': received no 64-bit length or offset; expected one in the extra field${FIX}`,
  );
});

test('what points beyond the end of the file is named', async () => {
  const within = `expected within the file's ${NUMPY.length} bytes${FIX}`;
  expect(await message(changed(26, 0xff, 0xff))).toBe(`m.npz: received a name at byte 30; ${within}`);
  expect(await message(changed(257 + 28, 0xff, 0xff))).toBe(`m.npz: received a name at byte 303; ${within}`);
  expect(await message(changed(257 + 30, 0xff, 0xff))).toBe(`m.npz: received an extra field at byte 308; ${within}`);
  expect(await message(changed(257 + 51 + 20, 0xff, 0xff))).toBe(
    `m.npz: received the data of 'n.npy' at byte 187; ${within}`,
  );
  const large = zip64('n.npy', writeNpy(ARRAYS.n));
  const end = large.findLastIndex((_, at) => [0x50, 0x4b, 6, 6].every((byte, i) => large[at + i] === byte));
  expect(await message(large.with(end, 0))).toContain('expected the end of zip64, 0x6064b50');
});

test('a name that the directory and the file disagree about', async () => {
  expect(await message(changed(257 + 46, 0x62))).toBe(
    `m.npz, 'b.npy': received the name 'a.npy' before the data; expected that of the directory${FIX}`,
  );
});

test('files that share their bytes are refused before any is inflated', async () => {
  // The second entry of the directory, 51 bytes on, is sent into the first file.
  expect(await message(changed(257 + 51 + 42, 0))).toBe(
    `m.npz, 'n.npy': received data from byte 0; expected data behind that of 'a.npy', which it overlaps${FIX}`,
  );
  expect(await message(changed(257 + 51 + 42, 106))).toContain('which it overlaps');
});

test('damaged files either parse or give a FormatError, and no other error', async () => {
  const files = fc.constantFrom(NUMPY, zip64('n.npy', writeNpy(ARRAYS.n)), writeNpz(ARRAYS));
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(files, edits, fc.boolean(), async (original, changes, atEnd) => {
      const bytes = original.slice();
      // The directory is at the end: half of the edits go there.
      for (const [at, byte] of changes) bytes[atEnd ? bytes.length - 1 - (at % 170) : at % bytes.length] = byte;
      const result: unknown = await readNpz(bytes).catch((error: unknown) => error);
      expect(result instanceof FormatError || Object.values(result as object).every((array) => 'dtype' in array)).toBe(
        true,
      );
    }),
    { numRuns: 400 },
  );
});

test('inflation stops soon after the announced length', async () => {
  const zeros = new Blob([new Uint8Array(50_000_000)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const packed = new Uint8Array(await new Response(zeros).arrayBuffer());
  const bomb = writeZip([{ name: 'x.npy', bytes: packed }], 'test');
  const view = new DataView(bomb.buffer);
  const central = 30 + 5 + packed.length;
  view.setUint16(central + 10, 8, true);
  view.setUint32(central + 24, 1000, true);
  const inflated = Number(/received (\d+) bytes of CRC/.exec(await message(bomb))![1]);
  expect(inflated).toBeGreaterThan(1000);
  expect(inflated).toBeLessThan(5_000_000);
});

test('what cannot be written throws', async () => {
  const { a } = ARRAYS as { a: StoredArrays[string] };
  expect(() => writeNpz({ '\ud800': a })).toThrow(
    "writeNpz, '\ud800.npy': received a name that a zip cannot hold; expected up to 65535 bytes of UTF-8",
  );
  const names = (await readZip(writeNpz({ b: a, c: a, a }), 'test')).map(({ name }) => name);
  expect(names).toEqual(['a.npy', 'b.npy', 'c.npy']);
  expect(() => writeNpz({ b: { dtype: 'bfloat16', shape: [1], data: Float32Array.of(1) } })).toThrow(
    "received dtype 'bfloat16'",
  );
  expect(() => writeZip([{ name: 'é'.repeat(32_768), bytes: new Uint8Array(0) }], 'test')).toThrow(
    'received a name that a zip cannot hold',
  );
  expect(writeZip([{ name: 'x'.repeat(65_535), bytes: new Uint8Array(0) }], 'test')).toHaveLength(98 + 2 * 65_535);
  const many = Array.from({ length: 65535 }, (_, i) => ({ name: String(i), bytes: new Uint8Array(0) }));
  expect(() => writeZip(many, 'test')).toThrow(
    /^test: received 65535 files of \d+ bytes in all; expected fewer than 65535 files and 4 GiB\. Write several files, or safetensors$/,
  );
  // Never written to, so that it takes no memory.
  const quarter = new Uint8Array(2 ** 30);
  const rest = quarter.subarray(0, 2 ** 30 - 1 - 22 - 4 * 76);
  const four = [quarter, quarter, quarter, rest].map((bytes) => ({ name: '', bytes }));
  expect(() => writeZip(four, 'test')).toThrow(`test: received 4 files of ${2 ** 32 - 1} bytes in all; expected fewer`);
  await expect(readNpz(NUMPY, { file: 'x' } as object)).rejects.toThrow(
    new TypeError("readNpz: received unknown option 'file'; expected one of name"),
  );
  await expect(readNpz(new Uint8Array(3))).rejects.toThrow('npz file: received 3 bytes with no end of a directory');
});

test.each<[string, (bytes: any) => unknown]>([
  ['readNpz', (b) => readNpz(b)],
  ['readNpy', (b) => readNpy(b)],
  ['readSafetensors', (b) => readSafetensors(b)],
])('%s wants bytes, not their buffer', async (op, read) => {
  await expect((async () => read(new ArrayBuffer(4)))()).rejects.toThrow(
    new TypeError(`${op}: received bytes of type ArrayBuffer; expected a Uint8Array. Give new Uint8Array(buffer)`),
  );
  await expect((async () => read(null))()).rejects.toThrow(
    new TypeError(`${op}: received bytes of type Null; expected a Uint8Array`),
  );
});

test('a message shows 64 axes of a shape', () => {
  expect(showShape(new Array<number>(64).fill(1))).toBe(`[${'1, '.repeat(63)}1]`);
  expect(showShape(new Array<number>(65).fill(1))).toBe(`[${'1, '.repeat(63)}1, … 65 axes]`);
});
