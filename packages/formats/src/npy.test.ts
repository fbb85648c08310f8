import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError } from './error.js';
import { readNpy, writeNpy } from './npy.js';
import { CODECS, type StoredArray, type StoredDtype } from './stored.js';

const ascii = (text: string): number[] => [...new TextEncoder().encode(text)];

/** A file of the given version with this header, unpadded, and these bytes of data. */
function file(header: string, data: readonly number[] = [], version = 1): Uint8Array {
  const text = ascii(header);
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...ascii('NUMPY'), version, 0, ...length, ...text, ...data]);
}

const header = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

function message(bytes: Uint8Array): string {
  try {
    readNpy(bytes, { name: 'x.npy' });
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('the bytes of a file, written out', () => {
  const array = { dtype: 'float32', shape: [2], data: Float32Array.of(1, -2) } as const;
  const bytes = writeNpy(array);
  expect([...bytes]).toEqual([
    0x93,
    ...ascii('NUMPY\x01\0v\0'),
    ...ascii(`${"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`),
    ...ascii('\0\0'),
    0x80,
    0x3f,
    ...ascii('\0\0\0'),
    0xc0,
  ]);
  expect(readNpy(bytes)).toEqual(array);
});

test.each<[string, number[], StoredArray]>([
  ['<f8', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], { dtype: 'float64', shape: [1], data: Float64Array.of(1.5) }],
  ['>f8', [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], { dtype: 'float64', shape: [1], data: Float64Array.of(1.5) }],
  ['>f4', [0x3f, 0xc0, 0, 0], { dtype: 'float32', shape: [1], data: Float32Array.of(1.5) }],
  ['<f2', [0x55, 0x35], { dtype: 'float16', shape: [1], data: Float32Array.of(0.333251953125) }],
  ['>f2', [0x35, 0x55], { dtype: 'float16', shape: [1], data: Float32Array.of(0.333251953125) }],
  ['>i8', [0x80, 0, 0, 0, 0, 0, 0, 1], { dtype: 'int64', shape: [1], data: BigInt64Array.of(-(2n ** 63n) + 1n) }],
  [
    '<u8',
    [254, 255, 255, 255, 255, 255, 255, 255],
    { dtype: 'uint64', shape: [1], data: BigUint64Array.of(2n ** 64n - 2n) },
  ],
  ['>i4', [255, 255, 255, 254], { dtype: 'int32', shape: [1], data: Int32Array.of(-2) }],
  ['<u4', [0, 1, 0, 0], { dtype: 'uint32', shape: [1], data: Uint32Array.of(256) }],
  ['>i2', [1, 2], { dtype: 'int16', shape: [1], data: Int16Array.of(258) }],
  ['<u2', [1, 2], { dtype: 'uint16', shape: [1], data: Uint16Array.of(513) }],
  ['|i1', [255], { dtype: 'int8', shape: [1], data: Int8Array.of(-1) }],
  ['|u1', [255], { dtype: 'uint8', shape: [1], data: Uint8Array.of(255) }],
  ['|b1', [1], { dtype: 'bool', shape: [1], data: Uint8Array.of(1) }],
])('type %s', (descr, data, expected) => {
  expect(readNpy(file(header(descr, '(1,)'), data))).toEqual(expected);
});

test('versions 1, 2 and 3; scalars; empty arrays; keys in any order and either quote; longs of Python 2', () => {
  const one = { dtype: 'uint8', shape: [], data: Uint8Array.of(7) };
  for (const version of [1, 2, 3])
    for (const shape of ['()', '(  )'])
      for (const fortran of ['True', 'False'])
        expect(readNpy(file(header('|u1', shape, fortran), [7], version))).toEqual(one);
  expect(readNpy(file(header('<f4', '(0, 3)', 'True')))).toEqual({
    dtype: 'float32',
    shape: [0, 3],
    data: new Float32Array(0),
  });
  expect(readNpy(file(`{"shape": (1L, 2L), "descr":"|u1","fortran_order" :False}`, [1, 2]))).toEqual({
    dtype: 'uint8',
    shape: [1, 2],
    data: Uint8Array.of(1, 2),
  });
});

test.each([
  "{'descr':'|u1','fortran_order':False,'shape':(12,)}",
  "{'descr':'|u1','fortran_order':False,'shape':(12,),}",
  "{ 'descr' : '|u1' , 'fortran_order' : False , 'shape' : ( 12L , ) ,  } ",
  "  {'descr':\t'|u1',\n'fortran_order':\tFalse,  'shape': (12 ,)}  ",
])('spaces may stand between any two words of a header, or not: %j', (text) => {
  expect(readNpy(file(text, new Array<number>(12).fill(7))).shape).toEqual([12]);
});

test('column-major values come in row-major order', () => {
  const read = (shape: string, data: number[]) => [...readNpy(file(header('|u1', shape, 'True'), data)).data];
  expect(read('(2, 3)', [0, 10, 1, 11, 2, 12])).toEqual([0, 1, 2, 10, 11, 12]);
  expect(read('(3,)', [0, 1, 2])).toEqual([0, 1, 2]);
  // Value 100 a + 10 b + c at [a, b, c], the first axis fastest.
  const column = [0, 1].flatMap((c) => [0, 1, 2].flatMap((b) => [0, 1].map((a) => 100 * a + 10 * b + c)));
  expect(read('(2, 3, 2)', column)).toEqual(
    [0, 1].flatMap((a) => [0, 1, 2].flatMap((b) => [0, 1].map((c) => 100 * a + 10 * b + c))),
  );
});

test('axes of one place cost nothing, however many', () => {
  const text = header('|u1', `(2, ${'1, '.repeat(100_000)}3)`, 'True');
  const bytes = file(text, [0, 10, 1, 11, 2, 12], 2);
  new DataView(bytes.buffer).setUint32(8, text.length, true);
  const { shape, data } = readNpy(bytes);
  expect([...data]).toEqual([0, 1, 2, 10, 11, 12]);
  expect(shape.length).toBe(100_002);
});

test('what is wrong with a file is said with its name', () => {
  expect(message(Uint8Array.of(0x50, 0x4b, 3, 4))).toBe(
    "x.npy: received a file that starts with 50 4b 03 04; expected 93 4e 55 4d 50 59 ('\\x93NUMPY')",
  );
  expect(message(new Uint8Array(0))).toContain('a file that starts with nothing');
  expect(message(file(header('|u1', '()'), [7]).with(5, 0x5a))).toContain('a file that starts with 93 4e 55 4d 50 5a');
  expect(message(file(header('|u1', '()'), [7], 4))).toBe('x.npy: received npy version 4.0; expected 1.0, 2.0 or 3.0');
  expect(message(file(header('|u1', '()'), [7], 0))).toContain('received npy version 0.0');
  expect(message(file(header('|u1', '()'), [7]).with(7, 1))).toContain('received npy version 1.1');
  for (const length of [6, 7])
    expect(message(file(header('|u1', '()')).subarray(0, length))).toBe(
      `x.npy: received ${length} bytes, which end before a version; expected 1.0, 2.0 or 3.0`,
    );
  expect(message(file(header('|u1', '()')).subarray(0, 40))).toBe(
    'x.npy: received 40 bytes; expected a header that ends at byte 66. The file is truncated',
  );
  for (const length of [8, 9])
    expect(message(file(header('|u1', '()')).subarray(0, length))).toContain('expected a header that ends at byte 10');
  expect(message(file(header('|u1', '()')).subarray(0, 10))).toContain('expected a header that ends at byte 66');
  expect(message(file('', [], 4).subarray(0, 8))).toContain('received npy version 4.0');
  expect(message(file(header('<f4', '(2,)'), [1, 2, 3]))).toBe(
    "x.npy: received 3 bytes of data; expected 8 for '<f4' of shape [2]. The file is truncated",
  );
  expect(message(file(header('|u1', '()'), [1, 2]))).toBe(
    "x.npy: received 2 bytes of data; expected 1 for '|u1' of shape []. The file has bytes after its last value",
  );
  expect(message(file(header('<c8', '()')))).toBe(
    "x.npy: received type '<c8'; expected '<' or '>' ('|' for one byte) and one of f8, f4, f2, i8, u8, i4, u4, i2, u2, i1, u1, b1",
  );
  for (const descr of ['|O', '<U3', '|f4', 'xu1', 'f4', ''])
    expect(message(file(header(descr, '()')))).toContain(`type '${descr}'`);
  expect(message(file("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }"))).toBe(
    "x.npy: received the header {'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }; expected " +
      "{'descr': a type such as '<f4', 'fortran_order': True or False, 'shape': a tuple of integers}. " +
      'Arrays of records (structured types) are not read',
  );
  expect(message(file(header('|b1', '(1,)'), [2]))).toContain('received 2 as the bool at index 0');
  // 117 characters, and the mark that there were more.
  expect(message(file(`{'descr': '${'x'.repeat(110)}`))).toContain(
    `received the header {'descr': '${'x'.repeat(106)}…; `,
  );
  expect(message(file(`{'descr': '${'x'.repeat(109)}`))).toContain(
    `received the header {'descr': '${'x'.repeat(109)}; `,
  );
  expect(() => readNpy(new Uint8Array(0))).toThrow('npy file: received a file that starts with nothing');
});

test('a header is Latin-1, and UTF-8 in version 3', () => {
  // The two bytes of ÿ in UTF-8.
  for (const version of [1, 2]) expect(message(file("{'descr': 'ÿ'}", [], version))).toContain("{'descr': 'Ã¿'}");
  expect(message(file("{'descr': 'ÿ'}", [], 3))).toContain("{'descr': 'ÿ'}");
  const broken = file("{'descr': 'ÿ'}", [], 3).with(23, 0xff);
  expect(() => readNpy(broken)).toThrow(
    expect.objectContaining({
      message: 'npy file: received a header that is not UTF-8; expected UTF-8, in version 3',
      cause: expect.any(TypeError),
    }),
  );
});

test.each([
  header('|u1', '(1)'),
  header('|u1', '(1,,1)'),
  header('|u1', '(,)'),
  header('|u1', '(1 1,)'),
  header('|u1', '(1,)').trim() + 'x',
  header('|u1', '(1,)', 'true'),
  header("'", '(1,)'),
  "{'descr': '|u1', 'fortran_order': False}",
  "{'descr': '|u1', 'fortran_order': 'False', 'shape': (1,)}",
  "('descr': '|u1', 'fortran_order': False, 'shape': (1,)}",
  "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}",
  "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'more': 'x'}",
  "{'descr': (1,), 'fortran_order': False, 'shape': (1,)}",
  '{}',
  '',
])('a header that is not one: %s', (text) => {
  expect(message(file(text, [1]))).toContain('received the header');
});

const arrays: fc.Arbitrary<StoredArray> = fc
  .constantFrom(...(Object.keys(CODECS) as StoredDtype[]).filter((dtype) => dtype !== 'bfloat16'))
  .chain((dtype) => {
    const { bytes, bits, decode } = CODECS[dtype];
    return fc.array(fc.nat(3), { maxLength: 3 }).chain((shape) => {
      const length = shape.reduce((a, b) => a * b, 1) * bytes;
      return fc.uint8Array({ minLength: length, maxLength: length }).map((raw) => {
        const values = new bits((dtype === 'bool' ? raw.map((byte) => byte & 1) : raw.slice()).buffer);
        return { dtype, shape, data: decode === undefined ? values : decode(values as Uint16Array) } as StoredArray;
      });
    });
  });

test('what is written is read back bit for bit, for every dtype; data is aligned to 64 bytes', () => {
  fc.assert(
    fc.property(arrays, (array) => {
      const bytes = writeNpy(array);
      const back = readNpy(bytes);
      expect([back.dtype, back.shape]).toEqual([array.dtype, array.shape]);
      expect(new Uint8Array(back.data.buffer)).toEqual(new Uint8Array(array.data.buffer));
      expect(new DataView(bytes.buffer).getUint16(8, true) % 64).toBe(54);
    }),
    { numRuns: 200 },
  );
});

test('one byte has no order', () => {
  for (const [dtype, data, descr] of [
    ['uint8', Uint8Array.of(1), '|u1'],
    ['int8', Int8Array.of(1), '|i1'],
    ['bool', Uint8Array.of(1), '|b1'],
    ['uint16', Uint16Array.of(1), '<u2'],
  ] as const)
    expect(new TextDecoder().decode(writeNpy({ dtype, shape: [1], data } as StoredArray))).toContain(`'${descr}'`);
});

test('the longest header of version 1', () => {
  const shape = new Array<number>(21_815).fill(1);
  const array = { dtype: 'uint8', shape, data: Uint8Array.of(5) } as const;
  const bytes = writeNpy(array);
  expect([...bytes.subarray(6, 10)]).toEqual([1, 0, 0xf6, 0xff]);
  expect(readNpy(bytes)).toEqual(array);
});

test('a header too long for version 1 is written as version 2', () => {
  const shape = new Array<number>(30_000).fill(1);
  const bytes = writeNpy({ dtype: 'uint8', shape, data: Uint8Array.of(5) });
  expect(bytes[6]).toBe(2);
  expect((bytes.length - 1) % 64).toBe(0);
  expect(readNpy(bytes)).toEqual({ dtype: 'uint8', shape, data: Uint8Array.of(5) });
});

test('damaged files either parse or give a FormatError, and no other error', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(arrays, edits, fc.nat(), (array, changes, cut) => {
      const bytes = writeNpy(array);
      for (const [at, byte] of changes) bytes[at % Math.min(bytes.length, 70)] = byte;
      let result: unknown;
      try {
        result = readNpy(cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes);
      } catch (error) {
        result = error;
      }
      expect(result instanceof FormatError || 'dtype' in (result as object)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('what cannot be written throws', () => {
  expect(() => writeNpy({ dtype: 'bfloat16', shape: [1], data: Float32Array.of(1) })).toThrow(
    "writeNpy: received dtype 'bfloat16'; expected float64, float32, float16, int64,",
  );
  expect(() => writeNpy({ dtype: 'float32', shape: [2], data: Float32Array.of(1) })).toThrow(
    'writeNpy: received 1 values with shape [2]; expected 2 values',
  );
  expect(() => readNpy(file(header('|u1', '()'), [7]), { file: 'x' } as object)).toThrow(
    new TypeError("readNpy: received unknown option 'file'; expected one of name"),
  );
  for (const options of [3, null])
    expect(() => readNpy(new Uint8Array(), options as never)).toThrow(
      new TypeError(`readNpy: received options ${options}; expected an object with any of name`),
    );
});
