import { key, ones, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { checkKeyedDropout, checkProbability, Drop, dropped, keptMask } from './index.js';

const values = (t: Tensor): number[] => [...t.dataSync()];

describe('dropped', () => {
  test('an element is 0, whatever it was, or x / (1 − p), where the mask says so', () => {
    const x = tensor(Array.from({ length: 100 }, (_, i) => (i % 2 ? NaN : 3)));
    const kept = values(keptMask('op', x, key(1), 0.25) as Tensor);
    expect(values(dropped('op', x, key(1), 0.25))).toEqual(kept.map((keep, i) => (keep ? (i % 2 ? NaN : 4) : 0)));
    const share = values(dropped('op', ones([1000]), key(1), 0.25)).filter((v) => v !== 0).length / 1000;
    expect(share).toBeCloseTo(0.75, 1);
    expect(Drop).toMatchObject({ name: 'drop', linearIn: [1] });
  });

  test('a smaller shape is drawn once, and broadcast', () => {
    const y = dropped('op', ones([50, 3]), key(1), 0.5, [50, 1]).toArray() as number[][];
    expect(new Set(y.map((row) => row.join()))).toEqual(new Set(['0,0,0', '2,2,2']));
  });

  test('with p = 0 or 1 there is nothing to draw, and no key is needed', () => {
    const x = tensor([1, NaN, Infinity]);
    expect(dropped('op', x, null, 0)).toBe(x);
    expect(values(dropped('op', x, undefined, 1))).toEqual([0, 0, 0]);
    for (const none of [null, undefined])
      expect(() => dropped('op', x, none, 0.5)).toThrow(
        'op: dropout needs a key; give the model one: apply(params, state, x, { train: true, key })',
      );
  });
});

test('probabilities are from 0 to 1, both included', () => {
  for (const p of [0, 0.5, 1]) expect(() => checkProbability('op', 'p', p)).not.toThrow();
  for (const p of [-0.1, 1.1, NaN])
    expect(() => checkProbability('op', 'p', p)).toThrow(`op: p must be from 0 to 1, received ${p}`);
  expect(() => checkProbability('op', 'p', '0.5' as never)).toThrow("op: p must be from 0 to 1, received '0.5'");
});

test('dropout inside of a function is a probability and a key, or null', () => {
  for (const dropout of [null, { p: 0.5, key: key(1) }]) expect(() => checkKeyedDropout('op', dropout)).not.toThrow();
  expect(() => checkKeyedDropout('op', 0.5 as never)).toThrow(
    'op: dropout must be { p, key }, or null for none, received 0.5',
  );
  expect(() => checkKeyedDropout('op', { p: 2, key: key(1) })).toThrow('op: dropout.p must be from 0 to 1, received 2');
  expect(() => checkKeyedDropout('op', { p: 0.5, kee: key(1) } as never)).toThrow(
    "op: unknown option 'kee'; did you mean 'key'",
  );
});
