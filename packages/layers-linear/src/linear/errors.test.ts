import { constantOf, summary } from '@lemmata/nn';
import { key, ones, zeros, type Tensor } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { linear, linearLayer } from '../index.js';

const z = (...shape: number[]): Tensor => zeros(shape);

test('linear names what does not meet, once, and shows all shapes', () => {
  expect(() => linear(z(), z(2, 3))).toThrow(
    /^linear: x is \[\.\.\., in\] \(received \[\]\)\.\n {2}shapes: x \[\], weight \[2, 3\]$/,
  );
  expect(() => linear(z(5, 4), z(2, 3))).toThrow(
    'linear: weight reads 3 features (axis 1, received 4, expected 3). Make the weight for this many inputs; in a network, give inputs of the size that init was told, with a batch axis in front.\n  shapes: x [5, 4], weight [2, 3]',
  );
  expect(() => linear(z(2, 5, 4), z(2, 3), z(2))).toThrow(
    'linear: weight reads 3 features (axis 2, received 4, expected 3). Flatten images first.\n  shapes: x [2, 5, 4], weight [2, 3], bias [2]',
  );
  expect(() => linear(z(3), z(3), z(3))).toThrow('linear: weight is [out, in] (received [3]).');
  for (const [bias, text] of [
    [z(2, 1), '[2, 1]'],
    [z(3), '[3]'],
  ] as const)
    expect(() => linear(z(3), z(2, 3), bias)).toThrow(
      `linear: bias has one element for each of the 2 outputs (received ${text}, expected [2]).`,
    );
});

test('the layer names an input without features, and one of another number', () => {
  const init =
    (inFeatures: number | undefined, ...shape: number[]): (() => unknown) =>
    () =>
      linearLayer({ outFeatures: 2, inFeatures }).init(key(0), shape);
  const none = 'linear: the last axis of the input holds at least one feature (received ';
  expect(init(undefined)).toThrow(`${none}[]).`);
  expect(init(undefined, 0)).toThrow(`${none}[0]).`);
  expect(init(2, 3)).toThrow(/^linear: the last axis of the input holds inFeatures 2 \(received \[3\]\)\.$/);
  expect(init(2, 4, 3)).toThrow('holds inFeatures 2 (received [4, 3]). Flatten images first.');
});

test('options are named, and initialisers are functions', () => {
  expect(linearLayer({ outFeatures: 2 }).kind).toBe('linear');
  expect(() => linearLayer({ outFeatures: 2, out: 1 } as never)).toThrow("linearLayer: unknown option 'out'");
  expect(() => linearLayer({ outFeatures: 2, init: 1, biasInit: 'a' } as never)).toThrow(
    "linearLayer: 2 problems\n  1. init must be an initialiser, a function of key and shape, received 1\n  2. biasInit must be an initialiser, a function of key and shape, received 'a'",
  );
});

test('a bias is drawn from both sides of 0', () => {
  const { bias } = linearLayer({ outFeatures: 100 }).init(key(3), [4]).params;
  expect(Math.min(...bias!.dataSync())).toBeLessThan(-0.4);
  expect(Math.max(...bias!.dataSync())).toBeGreaterThan(0.4);
});

test('a map of each output is absorbed, with a bias where there was none; one of places is not', () => {
  const layer = linearLayer({ outFeatures: 2, bias: false, init: constantOf(3) });
  const { params } = layer.init(key(0), [4]);
  const map = { scale: ones([2], 'float64'), shift: ones([2], 'float64') };
  const absorbed = layer.absorb!(params, map, [2])!;
  const [y] = absorbed.layer.apply(absorbed.params, {}, ones([1, 4]), { train: false });
  expect(y.toArray()).toEqual([[13, 13]]);
  expect(Object.keys(absorbed.layer.init(key(0), [4]).params)).toEqual(['weight', 'bias']);
  expect(layer.absorb!(params, map, [5, 2])).toBeNull();
  expect(summary(layer, [4]).rows[0].field).toBeNull();
});
