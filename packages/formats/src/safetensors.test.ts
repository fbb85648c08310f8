import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError } from './error.js';
import { openSafetensors, readSafetensors, writeSafetensors } from './safetensors.js';
import { CODECS, type StoredArray, type StoredArrays, type StoredDtype } from './stored.js';

const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];

const hex = (text: string): number[] => text.split(' ').map((byte) => Number.parseInt(byte, 16));

/** A file with this header, unpadded, and these bytes of data. */
function file(header: string, data: readonly number[] = []): Uint8Array {
  const json = ascii(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const entry = (dtype: string, shape: string, begin: number, end: number): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

function message(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const read = (header: string, data: readonly number[] = []) => readSafetensors(file(header, data), { name: 'm.st' });

test('the bytes of a file, written out', () => {
  const bytes = writeSafetensors(
    {
      b: { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) },
      a: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, -2) },
    },
    { step: '7' },
  );
  const header =
    '{"__metadata__":{"step":"7"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
    '"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}';
  expect(header.length).toBe(137);
  expect([...bytes]).toEqual([
    ...hex('90 00 00 00 00 00 00 00'),
    ...ascii(header.padEnd(144, ' ')),
    ...hex('00 00 80 3f 00 00 00 c0'),
    ...hex('01 02 03'),
  ]);
  expect(readSafetensors(bytes)).toEqual({
    arrays: {
      a: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, -2) },
      b: { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) },
    },
    metadata: { step: '7' },
  });
});

test('data that starts at an odd byte is read, and offsets count from the end of the header', () => {
  const header = `{"x":${entry('F64', '[]', 0, 8)}} `;
  expect(header.length % 8).not.toBe(0);
  const { arrays } = read(header, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]);
  expect(arrays.x).toEqual({ dtype: 'float64', shape: [], data: Float64Array.of(1.5) });
  const within = new Uint8Array(100).fill(9);
  const whole = file(header, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]);
  within.set(whole, 3);
  expect(readSafetensors(within.subarray(3, 3 + whole.length)).arrays.x.data).toEqual(Float64Array.of(1.5));
});

test('half precision decodes to float32', () => {
  const { arrays } = read(
    `{"h":${entry('F16', '[2]', 0, 4)},"b":${entry('BF16', '[2]', 4, 8)}}`,
    [0x55, 0x35, 0x00, 0xfc, 0x49, 0x40, 0x80, 0xbf],
  );
  expect(arrays.h.data).toEqual(Float32Array.of(0.333251953125, -Infinity));
  expect(arrays.b.data).toEqual(Float32Array.of(3.140625, -1));
});

test('64-bit integers keep every bit', () => {
  const { arrays } = read(`{"n":${entry('I64', '[1]', 0, 8)},"u":${entry('U64', '[1]', 8, 16)}}`, [
    ...hex('01 00 00 00 00 00 00 80'),
    ...hex('ff ff ff ff ff ff ff ff'),
  ]);
  expect(arrays.n.data).toEqual(BigInt64Array.of(-(2n ** 63n) + 1n));
  expect(arrays.u.data).toEqual(BigUint64Array.of(2n ** 64n - 1n));
});

test('empty arrays lie anywhere between others, in any order of the header', () => {
  const { arrays } = read(
    `{"c":${entry('U8', '[1]', 1, 2)},"none":${entry('F32', '[0]', 1, 1)},"a":${entry('U8', '[1]', 0, 1)},` +
      `"end":${entry('F64', '[3,0]', 2, 2)}}`,
    [5, 6],
  );
  expect(arrays.a.data).toEqual(Uint8Array.of(5));
  expect(arrays.c.data).toEqual(Uint8Array.of(6));
  expect(arrays.none).toEqual({ dtype: 'float32', shape: [0], data: new Float32Array(0) });
  expect(arrays.end).toEqual({ dtype: 'float64', shape: [3, 0], data: new Float64Array(0) });
  expect(read('{}')).toEqual({ arrays: {}, metadata: {} });
  // Of which the product would be no number.
  const large = `[${new Array(21).fill(Number.MAX_SAFE_INTEGER).join(',')},0]`;
  expect(read(`{"none":${entry('F32', large, 0, 0)}}`).arrays.none.data).toEqual(new Float32Array(0));
});

const u8 = (begin: number, end: number): string => entry('U8', `[${end - begin}]`, begin, end);

test.each<[string, string, number[], string]>([
  [
    'overlap',
    `{"a":${u8(0, 3)},"b":${u8(2, 4)}}`,
    [0, 0, 0, 0],
    "m.st, 'b': received data from byte 2, an overlap of 1 bytes; expected from byte 3, where 'a' ends",
  ],
  [
    'gap',
    `{"a":${u8(0, 1)},"b":${u8(2, 4)}}`,
    [0, 0, 0, 0],
    "m.st, 'b': received data from byte 2, a gap of 1 bytes; expected from byte 1, where 'a' ends",
  ],
  [
    'gap at the start',
    `{"a":${u8(1, 2)}}`,
    [0, 0],
    "m.st, 'a': received data from byte 1, a gap of 1 bytes; expected from byte 0, where the header ends",
  ],
  [
    'out of range',
    `{"a":${u8(0, 5)}}`,
    [0, 0],
    "m.st, 'a': received 2 bytes of data; expected 5, where the array ends. The file is truncated",
  ],
  [
    'trailing bytes',
    `{"a":${u8(0, 1)}}`,
    [0, 0],
    "m.st: received 2 bytes of data; expected 1, where 'a' ends. The file has bytes that belong to no array",
  ],
  [
    'wrong byte count',
    `{"a":${entry('F32', '[2,3]', 0, 20)}}`,
    new Array<number>(20).fill(0),
    "m.st, 'a': received 20 bytes (data_offsets [0, 20]); expected 24 for F32 of shape [2, 3]",
  ],
  [
    'too many bytes',
    `{"a":${entry('F32', '[2]', 0, 9)}}`,
    new Array<number>(9).fill(0),
    "m.st, 'a': received 9 bytes (data_offsets [0, 9]); expected 8 for F32 of shape [2]",
  ],
  [
    'a shape too large for any file',
    `{"a":${entry('F32', '[4294967296,4294967296]', 0, 0)}}`,
    [],
    "m.st, 'a': received 0 bytes (data_offsets [0, 0]); expected 73786976294838210000 for F32 of shape [4294967296, 4294967296]",
  ],
  [
    'duplicate key',
    `{"a":${u8(0, 1)}, "\\u0061" : ${u8(1, 2)}}`,
    [0, 0],
    'm.st: received a header that does not parse (key "a" stands twice in one object); expected JSON in UTF-8 with distinct keys, padded with spaces alone',
  ],
  [
    'duplicate key of an entry',
    '{"a":{"dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0]}}',
    [],
    'm.st: received a header that does not parse (key "shape" stands twice in one object); expected JSON in UTF-8 with distinct keys, padded with spaces alone',
  ],
  [
    'unknown dtype',
    `{"a":${entry('F8_E4M3', '[1]', 0, 1)}}`,
    [0],
    'm.st, \'a\': received dtype "F8_E4M3"; expected one of F64, F32, F16, BF16, I64, U64, I32, U32, I16, U16, I8, U8, BOOL',
  ],
  [
    'negative axis',
    `{"a":${entry('U8', '[-1]', 0, 0)}}`,
    [],
    "m.st, 'a': received shape [-1]; expected a list of integers of at least 0",
  ],
  [
    'offsets backwards',
    `{"a":${entry('U8', '[1]', 1, 0)}}`,
    [0],
    "m.st, 'a': received data_offsets [1,0]; expected two integers [begin, end] with 0 ≤ begin ≤ end",
  ],
  [
    'an entry that is no object',
    '{"a":null}',
    [],
    "m.st, 'a': received null; expected an object of dtype, shape and data_offsets",
  ],
  [
    'metadata of other than strings',
    '{"__metadata__":{"n":1}}',
    [],
    'm.st, \'__metadata__\': received {"n":1}; expected an object of strings',
  ],
  [
    'metadata of strings and others',
    '{"__metadata__":{"a":"x","n":1}}',
    [],
    'm.st, \'__metadata__\': received {"a":"x","n":1}; expected an object of strings',
  ],
  [
    'a text as metadata',
    '{"__metadata__":"x"}',
    [],
    'm.st, \'__metadata__\': received "x"; expected an object of strings',
  ],
  [
    'no dtype',
    '{"a":{"shape":[1],"data_offsets":[0,1]}}',
    [0],
    "m.st, 'a': received dtype nothing; expected one of F64, F32, F16, BF16, I64, U64, I32, U32, I16, U16, I8, U8, BOOL",
  ],
  [
    'three offsets',
    '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}',
    [0],
    "m.st, 'a': received data_offsets [0,1,1]; expected two integers [begin, end] with 0 ≤ begin ≤ end",
  ],
  [
    'too many bytes, behind others',
    `{"a":${u8(0, 1)},"b":${entry('U8', '[1]', 1, 3)}}`,
    [0, 0, 0],
    "m.st, 'b': received 2 bytes (data_offsets [1, 3]); expected 1 for U8 of shape [1]",
  ],
  [
    'an array as header',
    '[]',
    [],
    "m.st: received a header of other JSON; expected an object, from its first byte '{' on",
  ],
  [
    'a text as header',
    '"a"',
    [],
    "m.st: received a header of other JSON; expected an object, from its first byte '{' on",
  ],
  ['a space first', ' {}', [], "m.st: received a header of other JSON; expected an object, from its first byte '{' on"],
  [
    'a bool of 2',
    `{"a":${entry('BOOL', '[2]', 0, 2)}}`,
    [1, 2],
    "m.st, 'a': received 2 as the bool at index 1; expected 0 or 1",
  ],
])('refused: %s', (_, header, data, expected) => {
  expect(message(() => read(header, data))).toBe(expected);
});

test('what is shown of a header is cut after 80 characters', () => {
  const refusal = (length: number) => message(() => read(`{"a":${entry('x'.repeat(length), '[1]', 0, 1)}}`));
  expect(refusal(78)).toContain(`received dtype "${'x'.repeat(78)}"; expected`);
  expect(refusal(79)).toContain(`received dtype "${'x'.repeat(76)}…; expected`);
});

test('a key may stand in two objects, and a string value may look like one', () => {
  const { metadata } = read('{"__metadata__":{"a":"a","b":"{\\"a\\":1}","dtype":"\\\\"}}');
  expect(metadata).toEqual({ a: 'a', b: '{"a":1}', dtype: '\\' });
});

test('refused: padding with NUL, broken UTF-8, a byte order mark', () => {
  expect(message(() => read('{}\0\0'))).toMatch(
    /^m\.st: received a header that does not parse .*padded with spaces alone$/,
  );
  expect(() => read('{')).toThrow(expect.objectContaining({ cause: expect.any(SyntaxError) }));
  const broken = file('{"__metadata__":{"k":"??"}}');
  broken.fill(0xff, 8 + 22, 8 + 24);
  expect(message(() => readSafetensors(broken))).toContain('a header that does not parse');
  expect(message(() => read('\ufeff{}'))).toContain('a header that does not parse');
});

test('refused: nesting deeper than the stack', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  expect(message(() => read(`{"a":{"dtype":"U8","shape":${deep},"data_offsets":[0,0]}}`))).toMatch(
    /^m\.st(, 'a'): received (shape a value nested too deeply to show|a header that does not parse)/,
  );
});

test('refused: truncated files and headers over 100 MB', () => {
  expect(message(() => readSafetensors(new Uint8Array(7), { name: 'm.st' }))).toBe(
    'm.st: received 7 bytes; expected at least 8, the length of the header. The file is truncated or not safetensors',
  );
  const long = Uint8Array.of(1, 0xe1, 0xf5, 5, 0, 0, 0, 0);
  expect(message(() => readSafetensors(long, { name: 'm.st' }))).toBe(
    'm.st: received a header of 100000001 bytes; expected at most 100000000. The file is probably not safetensors',
  );
  long[0] = 0;
  expect(message(() => readSafetensors(long, { name: 'm.st' }))).toBe(
    'm.st: received 8 bytes; expected a header of 100000000 bytes after the first 8. The file is truncated',
  );
  const huge = new Uint8Array(8).fill(255);
  expect(message(() => readSafetensors(huge))).toContain('a header of 18446744073709551615 bytes');
});

test('unknown options throw; a file without a name is called what it should be', async () => {
  expect(() => readSafetensors(file('{}'), { nmae: 'x' } as object)).toThrow(
    new TypeError("readSafetensors: received unknown option 'nmae'; expected one of name"),
  );
  const opened = openSafetensors(new Blob([]), { nmae: 'x' } as object);
  await expect(opened).rejects.toThrow(
    new TypeError("openSafetensors: received unknown option 'nmae'; expected one of name"),
  );
  expect(() => readSafetensors(new Uint8Array(7))).toThrow('safetensors file: received 7 bytes');
  await expect(openSafetensors(new Blob([]))).rejects.toThrow('safetensors file: received 0 bytes');
});

const bits = (bytes: number) => fc.uint8Array({ minLength: 0, maxLength: 6 * bytes });

const stored: fc.Arbitrary<StoredArray> = fc.constantFrom(...(Object.keys(CODECS) as StoredDtype[])).chain((dtype) => {
  const { bytes, bits: raw, decode } = CODECS[dtype];
  return fc.tuple(bits(bytes), fc.nat(2)).map(([chosen, rank]) => {
    const kept = chosen.slice(0, chosen.length - (chosen.length % bytes));
    if (dtype === 'bool') kept.forEach((byte, i) => (kept[i] = byte & 1));
    const values = new raw(kept.buffer);
    const data = decode === undefined ? values : decode(values as Uint16Array);
    const shape = rank === 0 && data.length === 1 ? [] : rank === 1 ? [1, data.length] : [data.length];
    return { dtype, shape, data } as StoredArray;
  });
});

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }).filter((name) => name !== '__metadata__'),
  fc.constantFrom('__proto__', '0', '10', 'constructor', '"\\', '\ud800', 'conv.weight'),
);
const record = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.array(fc.tuple(names, values), { maxLength: 5 }).map((entries) => Object.fromEntries(entries));

/** The bits of every array: equality that tells −0 from 0 and one NaN from another. */
const exact = (arrays: StoredArrays) =>
  Object.entries(arrays)
    .map(([name, { dtype, shape, data }]) => ({
      name,
      dtype,
      shape,
      type: data.constructor.name,
      bytes: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

test('what is written is read back bit for bit, for every dtype', () => {
  fc.assert(
    fc.property(record(stored), record(fc.string({ unit: 'binary' })), (arrays, metadata) => {
      const bytes = writeSafetensors(arrays, metadata);
      const back = readSafetensors(bytes);
      expect(exact(back.arrays)).toEqual(exact(arrays));
      expect(Object.entries(back.metadata).sort()).toEqual(Object.entries(metadata).sort());
      expect(writeSafetensors(back.arrays, back.metadata)).toEqual(bytes);
    }),
    { numRuns: 300 },
  );
});

test('order of insertion does not change the bytes; every array is aligned; the header is padded with spaces', () => {
  fc.assert(
    fc.property(record(stored), (arrays) => {
      const bytes = writeSafetensors(arrays);
      expect(writeSafetensors(Object.fromEntries(Object.entries(arrays).reverse()))).toEqual(bytes);
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      expect(length % 8).toBe(0);
      const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
      expect(text).toMatch(/^\{[^]*\} {0,7}$/);
      const header = JSON.parse(text) as Record<string, { data_offsets: number[] }>;
      for (const [name, { dtype }] of Object.entries(arrays)) {
        const at = Object.getOwnPropertyDescriptor(header, name)!.value.data_offsets[0] as number;
        expect((8 + length + at) % CODECS[dtype].bytes).toBe(0);
      }
    }),
  );
});

test('names come in order, of arrays of one width as of metadata, which is left out where there is none', () => {
  const header = (...args: Parameters<typeof writeSafetensors>): string =>
    new TextDecoder().decode(writeSafetensors(...args).subarray(8)).trimEnd();
  const empty = { dtype: 'uint8', shape: [0], data: new Uint8Array(0) } as const;
  const entries = ['a', 'b', 'c'].map((name) => `"${name}":${entry('U8', '[0]', 0, 0)}`);
  for (const names of ['abc', 'cba', 'bca']) {
    const arrays = Object.fromEntries([...names].map((name) => [name, empty]));
    expect(header(arrays)).toBe(`{${entries.join()}}`);
    const metadata = Object.fromEntries([...names].map((name) => [name, 'x']));
    expect(header({}, metadata)).toBe('{"__metadata__":{"a":"x","b":"x","c":"x"}}');
  }
  expect(header({})).toBe('{}');
});

test('a header of 100 MB is written, and none that is longer', () => {
  const around = '{"__metadata__":{"x":""}}'.length;
  const write = (length: number): Uint8Array => writeSafetensors({}, { x: 'x'.repeat(length - around) });
  expect(write(100_000_000).length).toBe(8 + 100_000_000);
  expect(message(() => write(100_000_001))).toBe(
    'writeSafetensors: received a header of 100000008 bytes; expected at most 100000000',
  );
});

test('damaged files either parse or give a FormatError, and no other error', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  let refused = 0;
  const attempt = (bytes: Uint8Array): void => {
    try {
      readSafetensors(bytes);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      refused++;
    }
  };
  fc.assert(
    fc.property(record(stored), edits, fc.option(fc.nat()), (arrays, changes, cut) => {
      const bytes = writeSafetensors(arrays, { note: 'x' });
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      attempt(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
    }),
    { numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(200);
  // Headers of arbitrary JSON get past the parser and reach the checks behind it.
  const field = fc.oneof(
    fc.jsonValue(),
    fc.array(fc.integer({ min: -1, max: 9 }), { maxLength: 3 }),
    fc.constant('U8'),
  );
  const item = fc.record({ dtype: field, shape: field, data_offsets: field }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.dictionary(names, fc.oneof(item, fc.jsonValue())), (header) =>
      attempt(file(JSON.stringify(header), [1])),
    ),
    { numRuns: 500 },
  );
});

test('arrays that cannot be written are named', () => {
  const write = (array: unknown, name = 'w') => message(() => writeSafetensors({ [name]: array as StoredArray }));
  const data = Float32Array.of(1, 2);
  expect(write({ dtype: 'float32', shape: [3], data })).toBe(
    "writeSafetensors, 'w': received 2 values with shape [3]; expected 3 values",
  );
  expect(write({ dtype: 'float32', shape: [-2, -1], data })).toBe(
    "writeSafetensors, 'w': received 2 values with shape [-2, -1]; expected integers of at least 0",
  );
  expect(write({ dtype: 'int32', shape: [2], data })).toBe(
    "writeSafetensors, 'w': received a Float32Array with dtype 'int32'; expected a Int32Array",
  );
  for (const [received, wrong] of [
    ['undefined', undefined],
    ['object', null],
    ['object', Object.create(null)],
    ['Array', [1, 2]],
  ])
    expect(write({ dtype: 'int32', shape: [2], data: wrong })).toContain(`received a ${received} with dtype 'int32'`);
  expect(write({ dtype: 'float8', shape: [2], data })).toContain("received dtype 'float8'; expected one of float64, ");
  expect(write({ dtype: 'toString', shape: [2], data })).toContain("received dtype 'toString'");
  expect(write({ dtype: 'bool', shape: [2], data: Uint8Array.of(0, 7) })).toContain(
    'received 7 as the bool at index 1',
  );
  expect(write({ dtype: 'float32', shape: [2], data }, '__metadata__')).toBe(
    "writeSafetensors, '__metadata__': received an array of that name; expected another name",
  );
  expect(message(() => writeSafetensors({}, { step: 3 as unknown as string }))).toBe(
    "writeSafetensors, '__metadata__': received a number as 'step'; expected a string",
  );
});

test('a Blob is read array by array', async () => {
  const arrays: StoredArrays = {
    a: { dtype: 'bfloat16', shape: [2], data: Float32Array.of(1, 2) },
    b: { dtype: 'int64', shape: [], data: BigInt64Array.of(3n) },
  };
  const bytes = writeSafetensors(arrays, { by: 'test' });
  const reader = await openSafetensors(new Blob([bytes]), { name: 'm.st' });
  expect(reader.metadata).toEqual({ by: 'test' });
  expect(reader.entries.map(({ name }) => name)).toEqual(['b', 'a']);
  expect(await reader.read('a')).toEqual(arrays.a);
  expect(await reader.read('b')).toEqual(arrays.b);
  await expect(reader.read('c')).rejects.toThrow("m.st: received a request for 'c'; expected one of b, a");
  await expect(openSafetensors(new Blob([bytes.subarray(0, -1)]))).rejects.toThrow(FormatError);
  await expect(openSafetensors(new Blob([bytes.subarray(0, 20)]))).rejects.toThrow('The file is truncated');
});

test('arrays are found by name without looking through all others', async () => {
  const names = Array.from({ length: 100 }, (_, i) => `layer${i}.weight`);
  const array: StoredArray = { dtype: 'uint8', shape: [1], data: Uint8Array.of(7) };
  const bytes = writeSafetensors(Object.fromEntries(names.map((name) => [name, array])));
  const reader = await openSafetensors(new Blob([bytes]));
  let looked = 0;
  for (const entry of reader.entries) {
    const { name } = entry;
    Object.defineProperty(entry, 'name', {
      get() {
        looked++;
        return name;
      },
    });
  }
  for (const name of names) expect(await reader.read(name)).toEqual(array);
  expect(looked).toBeLessThanOrEqual(names.length);
});

test('arrays read do not share memory with the file', () => {
  const bytes = writeSafetensors({ a: { dtype: 'uint8', shape: [1], data: Uint8Array.of(4) } });
  const { arrays } = readSafetensors(bytes);
  bytes.fill(0);
  expect(arrays.a.data).toEqual(Uint8Array.of(4));
});
