import { expect, test } from 'vitest';
import {
  arange,
  eye,
  full,
  linspace,
  ones,
  onesLike,
  scalar,
  tensor,
  uniformValue,
  zeros,
  zerosLike,
} from './create.js';
import { add } from './ops/arithmetic.js';

test('nested arrays, numbers, booleans and typed arrays', () => {
  expect(
    tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]).spec,
  ).toEqual({ shape: [2, 3], dtype: 'float32' });
  expect(tensor(5).spec).toEqual({ shape: [], dtype: 'float32' });
  expect(tensor(true).toArray()).toBe(true);
  expect(tensor([true, false]).spec).toEqual({ shape: [2], dtype: 'bool' });
  expect(tensor([true, 2]).toArray()).toEqual([1, 2]);
  expect(tensor([]).spec).toEqual({ shape: [0], dtype: 'float32' });
  expect(tensor([[], []]).shape).toEqual([2, 0]);
  expect(tensor(Float64Array.of(1, 2)).dtype).toBe('float64');
  expect(tensor(Float32Array.of(1, 2)).dtype).toBe('float32');
  for (const Integers of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array]) {
    expect(tensor(Integers.of(1, 2)).dtype).toBe('int32');
  }
  expect(tensor([1, 2, 3, 4], { shape: [2, 2], dtype: 'float64' }).toArray()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(tensor([0, 2, NaN], { dtype: 'bool' }).toArray()).toEqual([false, true, false]);
});

test('the values are a copy', () => {
  const values = Float32Array.of(1, 2);
  const x = tensor(values);
  values[0] = 9;
  const out = x.dataSync();
  out[1] = 9;
  expect(x.toArray()).toEqual([1, 2]);
});

test('what does not fit is refused, with the reason', () => {
  expect(() => tensor([[1, 2], [3]])).toThrow(
    'tensor: nested arrays must not be ragged: entry 1 has shape [1] (expected [2]).',
  );
  expect(() => tensor([1, [2]])).toThrow('nested arrays must not be ragged');
  expect(() => tensor([[1], 2])).toThrow('nested arrays must not be ragged');
  expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow(
    'tensor: shape [2, 2] has 4 elements (received 3). Give as many values as the shape has elements.',
  );
  expect(() => tensor([1, '2'] as never)).toThrow(
    'tensor: values are numbers, booleans, arrays of these, or a typed array; received string',
  );
  expect(() => tensor([null] as never)).toThrow('received null');
  expect(() => tensor(BigInt64Array.of(1n) as never)).toThrow(
    'tensor: values are numbers, received a BigInt64Array; convert it to an array of numbers',
  );
  expect(() => tensor(new DataView(new ArrayBuffer(8)) as never)).toThrow('received a DataView');
  expect(() => tensor([1], { dtpye: 'int32' } as never)).toThrow(
    "tensor: unknown option 'dtpye'; did you mean 'dtype'?",
  );
  expect(() => tensor([1], { dtype: 'float16' as never })).toThrow(
    "tensor: unknown dtype 'float16'; there are float32, float64, int32, bool",
  );
  expect(() => ones([2], { dtype: 'float64' } as never)).toThrow(
    'ones: a dtype is a name, received an object; there are float32, float64, int32, bool',
  );
  expect(() => zeros(2 as never, 3 as never)).toThrow('zeros: a shape must be an array of sizes (received 2)');
  expect(() => zeros([2, -1])).toThrow('sizes of [2, -1] must be non-negative integers');
});

test('int32 takes no fraction, NaN or number beyond its range', () => {
  for (const bad of [1.5, NaN, Infinity, 2 ** 31]) {
    expect(() => tensor([0, bad], { dtype: 'int32' })).toThrow(
      `tensor: int32 cannot hold ${bad}; round it, or make the tensor float32 or float64 and cast it`,
    );
    expect(() => full([2], bad, 'int32')).toThrow(`full: int32 cannot hold ${bad}`);
  }
  expect(() => tensor(Uint32Array.of(2 ** 32 - 1))).toThrow('tensor: int32 cannot hold 4294967295');
  expect(() => arange(0, 1, 0.5, 'int32')).toThrow('arange: int32 cannot hold 0.5');
  expect(tensor([-(2 ** 31), 2 ** 31 - 1], { dtype: 'int32' }).toArray()).toEqual([-(2 ** 31), 2 ** 31 - 1]);
});

test('constants take the memory of one element, whatever their shape', () => {
  const x = full([1000, 1000, 1000], 2.5);
  expect(x.size).toBe(1e9);
  expect(uniformValue(x)).toBe(2.5);
  expect(uniformValue(tensor([1, 1]))).toBeNull();
  expect(uniformValue(zeros([0]))).toBeNull();
  expect(full([2], 5, 'bool').toArray()).toEqual([true, true]);
  expect(zerosLike(tensor([[1, 2]], { dtype: 'int32' })).spec).toEqual({ shape: [1, 2], dtype: 'int32' });
  expect(add(onesLike(tensor([1, 2])), ones([2])).toArray()).toEqual([2, 2]);
  expect(scalar(3).item()).toBe(3);
});

test('arange, linspace, eye', () => {
  expect(arange(4).toArray()).toEqual([0, 1, 2, 3]);
  expect(arange(1, 2, 0.25, 'float64').toArray()).toEqual([1, 1.25, 1.5, 1.75]);
  expect(arange(5, 0, -2).toArray()).toEqual([5, 3, 1]);
  expect(arange(3, 1).shape).toEqual([0]);
  expect(() => arange(0, 1, 0)).toThrow('arange: start, stop and step are finite and step is not 0; received 0, 1, 0');
  expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(linspace(3, 9, 1).toArray()).toEqual([3]);
  expect(linspace(0, 0.7, 8, 'float64').dataSync()[7]).toBe(0.7);
  expect(() => linspace(0, 1, 1.5)).toThrow('linspace: count is a non-negative integer, received 1.5');
  expect(eye(2, 3).toArray()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ]);
});

test('item, size and toArray', () => {
  expect(() => tensor([1, 2]).item()).toThrow(
    'item: the tensor has 2 elements (shape [2]); only a tensor of one element has an item',
  );
  expect(tensor([[7]]).item()).toBe(7);
  expect([tensor([[1, 2]]).rank, tensor([[1, 2]]).size]).toEqual([2, 2]);
});
