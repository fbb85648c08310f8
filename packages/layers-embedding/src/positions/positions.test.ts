import { infer } from '@lemmata/nn';
import { OptionError, ShapeError } from '@lemmata/shape';
import { key, ones, zeros } from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { learnedPositionsLayer, sinusoidalPositions, sinusoidalPositionsLayer } from './index.js';

test('sine and cosine side by side, slower from pair to pair', () => {
  const p = sinusoidalPositions(3, 4, { dtype: 'float64' }).toArray() as number[][];
  expect(p[0]).toEqual([0, 1, 0, 1]);
  expect(p[2]).toEqual([Math.sin(2), Math.cos(2), Math.sin(0.02), Math.cos(0.02)]);
  expect(sinusoidalPositions(2, 2, { base: 7 }).dtype).toBe('float32');
  // An odd last feature is a sine.
  expect((sinusoidalPositions(2, 3, { base: 8, dtype: 'float64' }).toArray() as number[][])[1][2]).toBe(
    Math.sin(1 / 8 ** (2 / 3)),
  );
  expect(sinusoidalPositions(0, 4).shape).toEqual([0, 4]);
});

test('the layers add to every sequence, of any length up to the longest', () => {
  const waves = sinusoidalPositionsLayer();
  expect(waves.init(key(1), [5, 4]).outputShape).toEqual([5, 4]);
  expect(infer(waves, {}, {}, zeros([2, 3, 4])).toArray()).toEqual([
    sinusoidalPositions(3, 4).toArray(),
    sinusoidalPositions(3, 4).toArray(),
  ]);
  const learned = learnedPositionsLayer({ maxLength: 6 });
  const { params, state } = learned.init(key(1), [4, 3]);
  expect(params.weight.shape).toEqual([6, 3]);
  expect(Math.max(...params.weight.dataSync().map(Math.abs))).toBeLessThan(0.1);
  const y = infer(learned, params, state, zeros([1, 2, 3])).toArray() as number[][][];
  expect(y[0]).toEqual((params.weight.toArray() as number[][]).slice(0, 2));
  expect(learnedPositionsLayer().init(key(1), [4, 3]).params.weight.shape).toEqual([4, 3]);
});

test('refusals', () => {
  const learned = learnedPositionsLayer();
  const { params } = learned.init(key(1), [2, 3]);
  expect(() => infer(learned, params, {}, ones([1, 3, 3]))).toThrow(
    'learnedPositions: a sequence of 3 steps is longer than the positions that were learnt (expected at most 2). Give a larger maxLength.',
  );
  expect(() => learned.init(key(1), [3])).toThrow(ShapeError);
  expect(() => learnedPositionsLayer({ maxLength: 0 })).toThrow(
    'maxLength must be an integer of at least 1, received 0',
  );
  expect(() => sinusoidalPositions(1.5, -1, { base: 0 })).toThrow('sinusoidalPositions: 3 problems');
  expect(() => sinusoidalPositions(1, 1, { dtype: 'int32' as never })).toThrow('dtype must be float32 or float64');
  expect(() => sinusoidalPositionsLayer({ base: -1 })).toThrow(OptionError);
  expect(() => sinusoidalPositionsLayer({ bases: 1 } as never)).toThrow("did you mean 'base'?");
});
