import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError } from './error.js';
import { type Idx, readIdx, writeIdx } from './idx.js';

const gzip = async (bytes: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(
      new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('gzip')),
    ).arrayBuffer(),
  );

const LABELS = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4);

async function message(bytes: Uint8Array): Promise<string> {
  const error: unknown = await readIdx(bytes, { name: 'train.idx' }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DataError);
  expect((error as Error).name).toBe('DataError');
  return (error as Error).message;
}

test('D1: a file of labels, raw and gzipped', async () => {
  const expected = { dtype: 'uint8', shape: [3], data: Uint8Array.of(5, 0, 4) };
  expect(await readIdx(LABELS)).toEqual(expected);
  expect(await readIdx(await gzip(LABELS))).toEqual(expected);
});

test.each<[string, number[], number[], Idx]>([
  ['int8', [9], [0xff, 0x7f], { dtype: 'int8', shape: [2], data: Int8Array.of(-1, 127) }],
  ['int16', [11], [0x80, 0, 0x01, 0x02], { dtype: 'int16', shape: [2], data: Int16Array.of(-32768, 258) }],
  ['int32', [12], [0, 0, 1, 0, 0xff, 0xff, 0xff, 0xfe], { dtype: 'int32', shape: [2], data: Int32Array.of(256, -2) }],
  [
    'float32',
    [13],
    [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0],
    { dtype: 'float32', shape: [2], data: Float32Array.of(1.5, -2) },
  ],
  [
    'float64',
    [14],
    [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0],
    { dtype: 'float64', shape: [2], data: Float64Array.of(1.5, -2) },
  ],
])('D1: big-endian %s', async (_, [code], values, expected) => {
  const bytes = Uint8Array.from([0, 0, code!, 1, 0, 0, 0, 2, ...values]);
  expect(await readIdx(bytes)).toEqual(expected);
  expect(writeIdx(expected)).toEqual(bytes);
});

test('D1: rank 3, in a view at an odd offset; the values are a copy', async () => {
  const bytes = Uint8Array.from([7, 0, 0, 11, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 2, 7]);
  const view = bytes.subarray(1, -1);
  const idx = await readIdx(view);
  bytes.fill(0);
  expect(idx).toEqual({ dtype: 'int16', shape: [1, 1, 2], data: Int16Array.of(1, 2) });
});

test('D1: an empty axis, even after axes whose product is no number', async () => {
  const axes = new Array<number>(4 * 254).fill(255);
  expect((await readIdx(Uint8Array.from([0, 0, 8, 255, ...axes, 0, 0, 0, 0]))).data).toEqual(new Uint8Array(0));
});

test('D1: what is wrong with a file is said with its name', async () => {
  expect(await message(Uint8Array.of(0, 0, 8))).toBe(
    'train.idx: received 3 bytes; expected an IDX file, which starts with a magic number of 4 bytes',
  );
  expect(await message(Uint8Array.of(8, 0, 8, 1))).toBe(
    'train.idx: received magic number 0x08 0x00 0x08 0x01; expected an IDX file, whose first two bytes are 0x00 0x00, or a gzip file, 0x1f 0x8b',
  );
  expect(await message(Uint8Array.of(0, 0, 10, 1))).toBe(
    'train.idx: received magic number 0x00 0x00 0x0a 0x01; expected a type code, the third byte, of ' +
      '0x08 (uint8), 0x09 (int8), 0x0b (int16), 0x0c (int32), 0x0d (float32), 0x0e (float64)',
  );
  expect(await message(Uint8Array.of(0, 0, 8, 0, 1))).toBe(
    'train.idx: received magic number 0x00 0x00 0x08 0x00; expected a number of axes, the fourth byte, of at least 1',
  );
  expect(await message(LABELS.subarray(0, 6))).toBe(
    'train.idx: received 6 bytes; expected a header of 8 bytes, for 1 axes. The file is truncated',
  );
  expect(await message(LABELS.subarray(0, -1))).toBe(
    'train.idx: received 10 bytes; expected 11 bytes: a header of 8 and uint8 values of shape [3]. The file is truncated',
  );
  expect(await message(Uint8Array.of(...LABELS, 1))).toBe(
    'train.idx: received 12 bytes; expected 11 bytes: a header of 8 and uint8 values of shape [3]. ' +
      'The file has bytes after its last value',
  );
  expect(await message(Uint8Array.of())).toContain('received 0 bytes');
});

test('D1: damaged gzip is said with its name', async () => {
  const packed = await gzip(LABELS);
  expect(await message(packed.subarray(0, -5))).toMatch(
    /^train\.idx: received \d+ bytes of gzip that do not decompress \(.*\); expected a whole gzip file\. The file may be truncated or damaged: fetch it again$/,
  );
  const damaged = packed.slice();
  damaged[damaged.length - 6]! ^= 0xff;
  expect(await message(damaged)).toContain('do not decompress');
});

const MAKERS = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
};

test('D1: what is written is read back, every type and shape', async () => {
  const idx = fc
    .tuple(
      fc.constantFrom(...(Object.keys(MAKERS) as (keyof typeof MAKERS)[])),
      fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
    )
    .chain(([dtype, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const values = dtype.startsWith('float') ? fc.float() : fc.integer({ min: -128, max: 127 });
      return fc
        .array(values, { minLength: size, maxLength: size })
        .map((data) => ({ dtype, shape, data: MAKERS[dtype].from(data) }) as Idx);
    });
  await fc.assert(
    fc.asyncProperty(idx, async (value) => {
      expect(await readIdx(writeIdx(value))).toEqual(value);
    }),
  );
});

test('D1: arbitrary and damaged bytes give values or a DataError, never another error', async () => {
  const damaged = fc
    .tuple(fc.nat(LABELS.length - 1), fc.nat(255), fc.nat(LABELS.length))
    .map(([at, byte, length]) => LABELS.with(at, byte).subarray(0, length));
  const any = fc.oneof(fc.uint8Array({ maxLength: 40 }), damaged);
  const outcome = (bytes: Uint8Array): Promise<unknown> => readIdx(bytes).catch((error: unknown) => error);
  await fc.assert(
    fc.asyncProperty(any, async (bytes) => {
      for (const variant of [bytes, Uint8Array.of(0x1f, 0x8b, ...bytes)]) {
        const result = await outcome(variant);
        expect(result instanceof DataError || 'dtype' in (result as object)).toBe(true);
      }
    }),
  );
});

test('what cannot be written throws, and so does an unknown option', async () => {
  expect(() => writeIdx({ dtype: 'int8', shape: [2], data: Uint8Array.of(1, 2) } as unknown as Idx)).toThrow(
    "writeIdx: received dtype 'int8' with a Uint8Array; expected 'uint8' with a Uint8Array, 'int8' with a Int8Array",
  );
  expect(() => writeIdx({ dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2) })).toThrow(
    'writeIdx: received shape [3] with 2 values; expected a shape of 1 to 255 axes, each from 0 to 4294967295, with as many values',
  );
  for (const [shape, count] of [
    [[], 1],
    [new Array<number>(256).fill(1), 1],
    [[-1, -2], 2],
    [[0.5, 2], 1],
    [[2 ** 32, 0], 0],
  ] as const)
    expect(() => writeIdx({ dtype: 'uint8', shape, data: new Uint8Array(count) })).toThrow(
      `received shape [${shape.join(', ')}]`,
    );
  expect(writeIdx({ dtype: 'uint8', shape: new Array<number>(255).fill(1), data: Uint8Array.of(7) }).at(-1)).toBe(7);
  await expect(readIdx(LABELS, { file: 'x' } as object)).rejects.toThrow(
    new TypeError("readIdx: received unknown option 'file'; expected one of name"),
  );
});

test('of gzipped contents no more is inflated than shows that they are too long, or none', async () => {
  const inflated = new Uint8Array(20_000_000);
  await expect(readIdx(await gzip(inflated))).rejects.toThrow('IDX file: received magic number 0x00 0x00 0x00 0x00');
  inflated.set([0, 0, 8, 1, 0, 0, 0, 2]);
  const error = (await readIdx(await gzip(inflated)).catch((cause: unknown) => cause)) as DataError;
  expect(error.message).toContain('; expected 10 bytes: a header of 8 and uint8 values of shape [2]');
  expect(Number.parseInt(error.received, 10)).toBeLessThan(1_000_000);
  // As long as it says, over many parts.
  const whole = new Uint8Array(8 + 3_000_000).fill(7);
  whole.set([0, 0, 8, 1, 0, 0x2d, 0xc6, 0xc0]);
  expect((await readIdx(await gzip(whole))).data).toEqual(whole.subarray(8));
});
