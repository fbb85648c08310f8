import {
  bits,
  fillBernoulli,
  fillNormal,
  fillUniform,
  foldIn as foldInWords,
  key as keyWords,
  split,
} from '@lemmata/random';
import { expect, test } from 'vitest';
import { tensor } from '../create.js';
import { run } from '../scope.js';
import type { Tensor } from '../tensor.js';
import {
  bernoulli,
  Bernoulli,
  foldIn,
  key,
  randomBits,
  randomNormal,
  RandomUniform,
  randomUniform,
  splitKey,
  truncatedNormal,
} from './random.js';

const words = (k: Tensor): number[] => [...k.dataSync()];
const seeded = keyWords(7);

test('keys are int32[2], with the words of the plain functions', () => {
  expect(key(7).spec).toEqual({ shape: [2], dtype: 'int32' });
  for (const seed of [0, -1, 2 ** 40 + 3]) expect(words(key(seed))).toEqual([...keyWords(seed)]);
  expect(splitKey(key(7), 3).map(words)).toEqual(split(seeded, 3).map((k) => [...k]));
  for (const data of [0, 5, -9, 2 ** 45]) expect(words(foldIn(key(7), data))).toEqual([...foldInWords(seeded, data)]);
  expect(words(foldIn(key(7), tensor(5, { dtype: 'int32' })))).toEqual([...foldInWords(seeded, 5)]);
  expect(splitKey(key(7))).toHaveLength(2);
  expect(splitKey(key(7), 0)).toEqual([]);
});

test('draws are those of the plain functions for the same key', () => {
  expect([...randomBits(key(7), [5]).dataSync()]).toEqual([...new Int32Array(bits(seeded, 5).buffer)]);
  for (const [dtype, make] of [
    ['float32', () => new Float32Array(6)],
    ['float64', () => new Float64Array(6)],
  ] as const) {
    const uniform = make();
    fillUniform(uniform, seeded, -2, 3);
    expect(randomUniform(key(7), [2, 3], { low: -2, high: 3, dtype }).dataSync()).toEqual(uniform);
    const normal = make();
    fillNormal(normal, seeded, 1, 0.5);
    expect(randomNormal(key(7), [2, 3], { mean: 1, std: 0.5, dtype }).dataSync()).toEqual(normal);
  }
  const truth = new Uint8Array(6);
  fillBernoulli(truth, seeded, 0.3);
  expect(bernoulli(key(7), 0.3, [6]).dataSync()).toEqual(truth);
});

test('the same key gives the same numbers, another key others, in memory used before', () => {
  const draw = (seed: number): number[] => [...run((k) => randomUniform(k, [100]), key(seed)).dataSync()];
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  const [a, b] = splitKey(key(1));
  expect([...randomUniform(a, [8]).dataSync()]).not.toEqual([...randomUniform(b, [8]).dataSync()]);
});

test('a truncated normal stays within its ends and has the moments of its formula', () => {
  const x = [...truncatedNormal(key(3), [20000], { mean: 5, std: 2, dtype: 'float64' }).dataSync()];
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  const variance = x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length;
  expect(Math.min(...x)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...x)).toBeLessThanOrEqual(9);
  // Var = σ² (1 − 2·2·φ(2) / (2Φ(2) − 1)) = 0.77374 σ²; four standard errors of each moment.
  expect(Math.abs(mean - 5)).toBeLessThan((4 * 1.76) / Math.sqrt(20000));
  expect(Math.abs(variance / 4 - 0.77374)).toBeLessThan(0.025);
  const tail = truncatedNormal(key(3), [1000], { low: 1, high: Infinity }).dataSync();
  expect(Math.min(...tail)).toBeGreaterThanOrEqual(1);
  expect(tail.every(Number.isFinite)).toBe(true);
});

test('probabilities 0 and 1 are exact, and a shape may be empty', () => {
  expect(new Set(bernoulli(key(1), 0, [1000]).dataSync())).toEqual(new Set([0]));
  expect(new Set(bernoulli(key(1), 1, [1000]).dataSync())).toEqual(new Set([1]));
  expect(randomUniform(key(1), [0, 3]).shape).toEqual([0, 3]);
  expect(randomUniform(key(1), []).shape).toEqual([]);
});

test('keys have no gradient', () => {
  const k = key(1);
  const attrs = { shape: [2], low: 0, high: 1, dtype: 'float32' as const };
  expect(RandomUniform.vjp!(attrs, [tensor([1, 1])], [k], [randomUniform(k, [2])], [true])).toEqual([null]);
  expect(Bernoulli.vjp!({ shape: [2], p: 0.5 }, [tensor([1, 1])], [k], [bernoulli(k, 0.5, [2])], [true])).toEqual([
    null,
  ]);
});

test('errors name the op, what was received and what is expected', () => {
  expect(() => randomUniform(tensor([1, 2]), [3])).toThrow(
    "randomUniform: a key is a tensor int32[2] (received 'float32[2]'). Make one with key(seed), splitKey or foldIn.",
  );
  expect(() => randomUniform(key(1), [3], { low: 2, high: 1 })).toThrow(
    'randomUniform: low and high are finite and low ≤ high; received 2 and 1',
  );
  expect(() => randomUniform(key(1), [3], { min: 2 } as never)).toThrow("randomUniform: unknown option 'min'");
  expect(() => randomNormal(key(1), [3], { std: -1 })).toThrow(
    'randomNormal: mean is finite and std finite and not negative; received 0 and -1',
  );
  expect(() => randomNormal(key(1), [3], { dtype: 'int32' } as never)).toThrow(
    'randomNormal: dtype is float32 or float64, received int32',
  );
  expect(() => truncatedNormal(key(1), [3], { low: 2, high: 2 })).toThrow(
    'truncatedNormal: low is below high; received 2 and 2',
  );
  expect(() => bernoulli(key(1), 1.5, [3])).toThrow('bernoulli: p lies between 0 and 1, received 1.5');
  expect(() => splitKey(key(1), 1.5)).toThrow('splitKey: count is a non-negative integer, received 1.5');
  expect(() => foldIn(key(1), 0.5)).toThrow('foldIn: data is a safe integer, received 0.5');
  expect(() => foldIn(key(1), tensor([1]))).toThrow(
    "foldIn: what is folded in is a number or a tensor int32[] (received 'float32[1]')",
  );
  const plain = keyWords(1) as unknown as Tensor;
  const draws: Readonly<Record<string, () => unknown>> = {
    foldIn: () => foldIn(plain, 1),
    splitKey: () => splitKey(plain),
    randomBits: () => randomBits(plain, [3]),
    randomUniform: () => randomUniform(plain, [3]),
    randomNormal: () => randomNormal(plain, [3]),
    truncatedNormal: () => truncatedNormal(plain, [3]),
    bernoulli: () => bernoulli(plain, 0.5, [3]),
  };
  expect(() => foldIn(3 as never, 1)).toThrow(
    'foldIn: a key is a tensor int32[2], received 3; take key(3) of @lemmata/tensor',
  );
  expect(() => randomNormal(undefined as never, [2])).toThrow('received undefined; take key(seed)');
  for (const [name, draw] of Object.entries(draws)) {
    expect(draw).toThrow(
      `${name}: a key is a tensor int32[2], received an array of numbers; take key(seed) of @lemmata/tensor`,
    );
  }
});
