import { constantOf, summary } from '@lemmata/nn';
import { key, zeros, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { bilinear, bilinearLayer, initBilinear } from '../index.js';

const z = (...shape: number[]): Tensor => zeros(shape);
const sizes = { outFeatures: 2, in1Features: 3 };

test('bilinear names what does not meet, all at once, and shows all shapes', () => {
  expect(() => bilinear(z(), z(3), z(2, 3, 4))).toThrow(
    'bilinear: 2 problems\n  1. x1 is [..., features] (received []).\n  2. weight reads 4 features of x2 (axis 0, received 3, expected 4).\n  shapes: x1 [], x2 [3], weight [2, 3, 4]',
  );
  expect(() => bilinear(z(3), z(), z(2, 3, 4))).toThrow(/^bilinear: x2 is \[\.\.\., features\] \(received \[\]\)\.\n/);
  expect(() => bilinear(z(5, 3), z(5, 3), z(2, 3, 4), z(2, 1))).toThrow(
    'bilinear: 2 problems\n  1. weight reads 4 features of x2 (axis 1, received 3, expected 4).\n  2. bias has one element for each of the 2 outputs (received [2, 1], expected [2]).\n  shapes: x1 [5, 3], x2 [5, 3], weight [2, 3, 4], bias [2, 1]',
  );
  expect(() => bilinear(z(5, 3), z(4, 4), z(2, 3, 4), z(3))).toThrow(
    '1. both inputs have the same axes before the last (received [4], expected [5]).\n  2. bias has one element for each of the 2 outputs (received [3], expected [2]).',
  );
  expect(() => bilinear(z(5, 2, 1, 3), z(5, 2, 2, 4), z(2, 3, 4))).toThrow('(received [5, 2, 2], expected [5, 2, 1])');
  expect(() => bilinear(z(3), z(4), z(2, 4))).toThrow('bilinear: weight is [out, in1, in2] (received [2, 4]).');
});

test('the layer names an input that does not hold both', () => {
  const init =
    (in2Features: number | undefined, ...shape: number[]): (() => unknown) =>
    () =>
      bilinearLayer({ ...sizes, in2Features }).init(key(0), shape);
  const rule = 'the in1Features 3, for it holds both inputs (received ';
  expect(init(undefined, 3)).toThrow(`bilinear: the last axis of the input holds more than ${rule}[3])`);
  expect(init(undefined)).toThrow(`${rule}[])`);
  expect(init(4, 8)).toThrow(`bilinear: the last axis of the input holds 4 more than ${rule}[8])`);
});

test('sizes are positive, and initialisers are functions, which are used', () => {
  expect(() => initBilinear(key(0), { ...sizes, in2Features: 0 })).toThrow(
    'initBilinear: in2Features must be a positive integer, received 0',
  );
  expect(() => bilinearLayer({ ...sizes, init: 1, biasInit: 'a' } as never)).toThrow(
    "bilinearLayer: 2 problems\n  1. init must be an initialiser, a function of key and shape, received 1\n  2. biasInit must be an initialiser, a function of key and shape, received 'a'",
  );
  expect(bilinearLayer(sizes).kind).toBe('bilinear');
  const layer = bilinearLayer({ ...sizes, init: constantOf(3), biasInit: constantOf(5) });
  const { params } = layer.init(key(0), [4]);
  expect([...params.weight.dataSync(), ...params.bias!.dataSync()]).toEqual([3, 3, 3, 3, 3, 3, 5, 5]);
});

test('each output may depend on every place: no receptive field', () => {
  expect(summary(bilinearLayer(sizes), [5, 7]).rows[0].field).toBeNull();
});
