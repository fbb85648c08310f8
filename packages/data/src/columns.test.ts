import { expect, test } from 'vitest';
import { concat, gather, sampleCount, stack } from './columns.js';
import { arrayDataset, subset } from './dataset.js';
import { DataError } from './error.js';

const x = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] };
const y = { data: Int32Array.of(7, 8, 9), shape: [3] };

test('samples are counted, and what does not fit is said', () => {
  expect(sampleCount('set', { x, y })).toBe(3);
  expect(() => sampleCount('set', {})).toThrow(
    new DataError({ source: 'set', received: 'no column', expected: 'at least one' }),
  );
  expect(() => sampleCount('set', { x, y: { data: Int32Array.of(1, 2), shape: [2] } })).toThrow(
    "set: received 3 of 'x', 2 of 'y'; expected as many samples in every column",
  );
  expect(() => sampleCount('set', { x: { ...x, shape: [3, 3] } })).toThrow(
    "set, column 'x': received 6 values; expected 9, the size of shape [3, 3]",
  );
  expect(() => sampleCount('set', { x: { ...x, shape: [-3, -2] } })).toThrow(
    "set, column 'x': received shape [-3, -2]; expected integers of at least 0",
  );
  expect(() => sampleCount('set', { x: { data: Int32Array.of(1), shape: [] } })).toThrow(
    "set, column 'x': received shape []; expected a first axis that counts samples",
  );
});

test('any name is a column, and an empty axis empties a shape of any size', () => {
  const columns = Object.fromEntries([
    ['__proto__', y],
    ['constructor', x],
  ] as const);
  const names = ['__proto__', 'constructor'];
  expect(Object.keys(gather(columns, Int32Array.of(1)))).toEqual(names);
  expect(Object.keys(concat([columns, columns]))).toEqual(names);
  expect(Object.keys(stack([columns]))).toEqual(names);
  const large = [...new Array<number>(40).fill(2 ** 31), 0];
  expect(sampleCount('set', { x: { data: new Int8Array(0), shape: large } })).toBe(2 ** 31);
});

test('rows are gathered into fresh arrays of the same types', () => {
  const rows = gather({ x, y }, Int32Array.of(2, 0, 2));
  expect(rows).toEqual({
    x: { data: Float32Array.of(5, 6, 1, 2, 5, 6), shape: [3, 2] },
    y: { data: Int32Array.of(9, 7, 9), shape: [3] },
  });
  rows.x.data.fill(0);
  expect(x.data[0]).toBe(1);
});

test('a dataset refuses indices outside it', () => {
  const set = arrayDataset({ x, y });
  expect(set.length).toBe(3);
  expect(() => set.batch(Int32Array.of(0, 3))).toThrow(
    'arrayDataset: received index 3; expected 0 to 2, for 3 samples',
  );
  expect(() => set.batch(Int32Array.of(-1))).toThrow('received index -1');
});

test('a subset refuses what int32 would make an index of', () => {
  for (const index of [1.5, NaN, 2 ** 32, -1, 3])
    expect(() => subset(arrayDataset({ x, y }), [0, index])).toThrow(
      `subset: received index ${index}; expected 0 to 2, for 3 samples`,
    );
});

test('a subset keeps its order, of a subset too', () => {
  const part = subset(arrayDataset({ x, y }), [2, 0]);
  expect(part.length).toBe(2);
  expect(part.batch(Int32Array.of(0, 1)).y.data).toEqual(Int32Array.of(9, 7));
  expect(subset(part, [1]).batch(Int32Array.of(0)).y.data).toEqual(Int32Array.of(7));
  expect(() => part.batch(Int32Array.of(2))).toThrow('subset: received index 2; expected 0 to 1, for 2 samples');
  expect(() => subset(part, [5])).toThrow('subset: received index 5');
});

test('parts are joined and samples stacked where they agree', () => {
  expect(concat([{ y }, { y: { data: Int32Array.of(1), shape: [1] } }])).toEqual({
    y: { data: Int32Array.of(7, 8, 9, 1), shape: [4] },
  });
  expect(stack([{ y }, { y }])).toEqual({ y: { data: Int32Array.of(7, 8, 9, 7, 8, 9), shape: [2, 3] } });
  expect(stack([{ y: { data: Int32Array.of(4), shape: [] } }])).toEqual({ y: { data: Int32Array.of(4), shape: [1] } });
  expect(() => concat([])).toThrow('concat: received nothing; expected at least one part');
  expect(() => stack([{ x }, { x: { ...x, shape: [2, 3] } }])).toThrow(
    'stack, part 1: received x: Float32Array [2, 3]; expected x: Float32Array [3, 2]',
  );
  expect(() => concat([{ x }, { x: { ...x, data: Float64Array.from(x.data) } }])).toThrow(
    'concat, part 1: received x: Float64Array [2]; expected x: Float32Array [2]',
  );
  expect(() => concat<Record<string, typeof x | typeof y>>([{ x }, { x, y }])).toThrow(
    'received x: Float32Array [2]; y: Int32Array []',
  );
});

test.each<[unknown, string]>([
  [{ data: [1, 2], shape: [2] }, 'data of type Array and a shape of type Array'],
  [{ data: BigInt64Array.of(1n), shape: [1] }, 'data of type BigInt64Array and a shape of type Array'],
  [{ data: new Uint8ClampedArray(1), shape: [1] }, 'data of type Uint8ClampedArray and a shape of type Array'],
  [{ data: 'abc', shape: [3] }, 'data of type String and a shape of type Array'],
  [{ data: new Uint8Array(3) }, 'data of type Uint8Array and a shape of type Undefined'],
  [{ data: new Uint8Array(3), shape: 3 }, 'data of type Uint8Array and a shape of type Number'],
  [new Uint8Array(3), 'data of type Undefined and a shape of type Undefined'],
  [null, 'data of type Undefined and a shape of type Undefined'],
])('what is no column is refused by what it is: %#', (column, received) => {
  expect(() => arrayDataset({ x: column } as never)).toThrow(
    `arrayDataset, column 'x': received ${received}; expected { data, shape }, an array of Uint8Array, Int8Array, `,
  );
});

test('a Buffer is bytes like any others', () => {
  const column = { data: new Uint8Array(Buffer.from([1, 2])), shape: [2] };
  const { x } = concat([{ x: { data: Buffer.from([7]) as Uint8Array, shape: [1] } }, { x: column }]);
  expect(x).toEqual({ data: Uint8Array.of(7, 1, 2), shape: [3] });
  expect(Object.getPrototypeOf(x.data)).toBe(Uint8Array.prototype);
});
