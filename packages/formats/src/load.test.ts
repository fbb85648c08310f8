import { expect, test } from 'vitest';
import { LoadError, loadInto } from './load.js';
import type { StoredArrays } from './stored.js';

const f32 = (...shape: number[]) => ({ dtype: 'float32', shape }) as const;
const ones = (...shape: number[]) => ({
  ...f32(...shape),
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
});
const tracked = { dtype: 'int64', shape: [], data: BigInt64Array.of(9n) } as const;

test('gives the expected arrays in the expected order', () => {
  const loaded = loadInto({ b: f32(2), a: f32(1, 3) }, { a: ones(1, 3), b: ones(2) });
  expect(Object.keys(loaded)).toEqual(['b', 'a']);
  expect(loaded).toEqual({ a: ones(1, 3), b: ones(2) });
  const values: Float32Array = loaded.a.data;
  expect(values).toHaveLength(3);
});

test('lists everything that does not fit at once', () => {
  const arrays: StoredArrays = {
    'fc.weight': ones(84, 10),
    'fc.bias': ones(10),
    extra: ones(),
    'bn.num_batches_tracked': tracked,
  };
  const expected = {
    'conv.weight': f32(6, 1, 5, 5),
    'fc.weight': f32(10, 84),
    'fc.bias': { dtype: 'float64', shape: [10] },
    z: f32(),
  } as const;
  let error: unknown;
  try {
    loadInto(expected, arrays, { name: 'm.st', ignore: (name) => name.endsWith('num_batches_tracked') });
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(LoadError);
  expect(error).toMatchObject({
    name: 'LoadError',
    missing: ['conv.weight', 'z'],
    unexpected: ['extra'],
    mismatched: ['fc.weight', 'fc.bias'],
  });
  expect((error as Error).message).toBe(
    [
      'm.st: received 2 missing, 1 unexpected and 2 mismatched arrays; expected the 4 arrays of the model, no other',
      '  missing: conv.weight, expected float32 [6, 1, 5, 5]',
      '  missing: z, expected float32 []',
      '  unexpected: extra, received float32 []',
      '  mismatched: fc.weight, received float32 [84, 10], expected float32 [10, 84]',
      '  mismatched: fc.bias, received float32 [10], expected float64 [10]',
    ].join('\n'),
  );
});

test('left-over names throw unless ignored; ignoring a name does not excuse its absence', () => {
  expect(() => loadInto({}, { n: tracked })).toThrow('unexpected: n, received int64 []');
  expect(loadInto({}, { n: tracked }, { ignore: () => true })).toEqual({});
  expect(() => loadInto({ n: f32() }, {}, { ignore: () => true })).toThrow('missing: n, expected float32 []');
});

test('half precision passes as float32, and nothing else changes type', () => {
  const half = { dtype: 'bfloat16', shape: [2], data: Float32Array.of(1, 2) } as const;
  for (const dtype of ['bfloat16', 'float16'] as const)
    expect(loadInto({ x: f32(2) }, { x: { ...half, dtype } }).x).toEqual({ ...half, dtype: 'float32' });
  expect(() => loadInto({ x: { dtype: 'float64', shape: [2] } }, { x: half })).toThrow(LoadError);
  expect(() => loadInto({ x: f32() }, { x: { dtype: 'float64', shape: [], data: Float64Array.of(1) } })).toThrow(
    LoadError,
  );
});

test('a shape that goes on, or is as long and differs along one axis, is another shape', () => {
  for (const [received, expected] of [
    [
      [2, 3],
      [2, 4],
    ],
    [
      [3, 2],
      [4, 2],
    ],
    [[2], [2, 1]],
    [[2, 1], [2]],
    [[], [1]],
  ] as const)
    expect(() => loadInto({ x: f32(...expected) }, { x: ones(...received) })).toThrow(
      `arrays: received 0 missing, 0 unexpected and 1 mismatched arrays; expected the 1 arrays of the model, no other\n  mismatched: x, received float32 [${received.join(', ')}], expected float32 [${expected.join(', ')}]`,
    );
});

test('inherited names are not found', () => {
  expect(() => loadInto({ toString: f32() }, {})).toThrow('missing: toString');
  expect(() => loadInto({}, {}, { ignored: 1 } as object)).toThrow(
    new TypeError("loadInto: received unknown option 'ignored'; expected one of name, ignore"),
  );
  expect(() => loadInto({}, {}, 3 as never)).toThrow(
    new TypeError('loadInto: received options 3; expected an object with any of name, ignore'),
  );
});
