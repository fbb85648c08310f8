import { vjp } from '@lemmata/autograd';
import { key, ones, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { alphaDropout, alphaDropoutLayer } from './index.js';

const train = true;
const values = (t: Tensor): number[] => [...t.dataSync()];

describe('alphaDropout', () => {
  test('the constants of the paper, for p = 0.05 and 0.5', () => {
    for (const p of [0.05, 0.5]) {
      const saturated = -1.7580993408473766;
      const a = ((1 - p) * (1 + p * saturated ** 2)) ** -0.5;
      const b = -a * p * saturated;
      const y = [...new Set(values(alphaDropout(ones([2000], 'float64'), key(1), { p, train })))].sort((u, v) => u - v);
      expect(y.length).toBe(2);
      expect(y[0]).toBeCloseTo(a * saturated + b, 14);
      expect(y[1]).toBeCloseTo(a + b, 14);
    }
  });

  test('E11: the gradient passes where x stays; p = 1 gives zeros, p = 0 and inference x itself', () => {
    const x = ones([64], 'float64');
    const { value, pullback } = vjp((t: Tensor) => alphaDropout(t, key(2), { train }), x);
    const kept = values(value).map((v) => v > 0);
    expect(values(pullback(x)[0]).map((g) => g > 0)).toEqual(kept);
    expect(new Set(values(pullback(x)[0])).size).toBe(2);
    expect(values(alphaDropout(tensor([NaN, 1]), null, { p: 1, train }))).toEqual([0, 0]);
    expect(alphaDropout(x, null, { p: 0, train })).toBe(x);
    expect(alphaDropout(x, null, { train: false })).toBe(x);
  });

  test('what it refuses', () => {
    expect(() => alphaDropout(ones([2]), null, { train })).toThrow('alphaDropout: dropout needs a key');
    expect(() => alphaDropout(ones([2]), key(1), { q: 1, train } as never)).toThrow("alphaDropout: unknown option 'q'");
    expect(() => alphaDropout(ones([2]), key(1), { p: NaN, train })).toThrow(
      'alphaDropout: p must be from 0 to 1, received NaN',
    );
    expect(() => alphaDropoutLayer({ p: 1.5 })).toThrow('alphaDropoutLayer: p must be from 0 to 1, received 1.5');
    expect(() => alphaDropoutLayer({ alpha: 1 } as never)).toThrow("alphaDropoutLayer: unknown option 'alpha'");
    expect(alphaDropoutLayer().kind).toBe('alphaDropout');
  });
});
