import { vjp } from '@lemmata/autograd';
import { key, ones, tensor, type Tensor, zeros } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { dropout1d, dropout1dLayer, dropout2d, dropout2dLayer, dropout3d } from './index.js';

const train = true;
const values = (t: Tensor): number[] => [...t.dataSync()];

describe('dropout1d, dropout2d, dropout3d', () => {
  test.each([
    [dropout1d, [3]],
    [dropout2d, [3, 2]],
    [dropout3d, [1, 3, 2]],
  ] as const)('%o drops whole channels', (f, space) => {
    const size = space.reduce<number>((a, b) => a * b, 1);
    for (const batch of [[4], []]) {
      const y = values(f(ones([...batch, 16, ...space]), key(2), { p: 0.5, train }));
      const channels = Array.from({ length: y.length / size }, (_, c) => y.slice(c * size, (c + 1) * size));
      for (const channel of channels) expect(new Set(channel).size).toBe(1);
      expect(new Set(channels.map(([v]) => v))).toEqual(new Set([0, 2]));
    }
  });

  test('samples have masks of their own', () => {
    const y = dropout2d(ones([2, 64, 1, 1]), key(1), { train });
    const [a, b] = [values(y).slice(0, 64), values(y).slice(64)];
    expect(a).not.toEqual(b);
  });

  test('E11: the gradient has the mask of the value; p = 1 gives zeros, p = 0 and inference x itself', () => {
    const x = ones([2, 8, 3]);
    const { value, pullback } = vjp((t: Tensor) => dropout1d(t, key(3), { p: 0.25, train }), x);
    expect(values(pullback(x)[0])).toEqual(values(value));
    expect(values(dropout1d(tensor([[NaN, Infinity]]), null, { p: 1, train }))).toEqual([0, 0]);
    expect(dropout1d(x, null, { p: 0, train })).toBe(x);
    expect(dropout1d(x, null, { train: false })).toBe(x);
  });

  test('no samples, float64', () => {
    expect(dropout2d(zeros([0, 3, 2, 2], 'float64'), key(1), { train }).spec).toEqual(
      zeros([0, 3, 2, 2], 'float64').spec,
    );
  });

  test('what it refuses', () => {
    expect(() => dropout2d(ones([4, 8]), key(1), { train })).toThrow(
      'dropout2d: x is [N, C, H, W] or [C, H, W] (received [4, 8]).',
    );
    expect(() => dropout1d(ones([1, 2, 3, 4]), key(1), { train })).toThrow('x is [N, C, L] or [C, L]');
    expect(() => dropout2d(ones([1, 2, 3, 4]), null, { train })).toThrow('dropout2d: dropout needs a key');
    expect(() => dropout2d(ones([1, 2, 3, 4]), key(1), { p: 2, train })).toThrow('p must be from 0 to 1, received 2');
    expect(() => dropout2d(ones([1, 2, 3, 4]), key(1), {} as never)).toThrow('train must be true or false');
    expect(() => dropout2d(zeros([1, 2, 3, 4], 'int32'), key(1), { train })).toThrow('x must hold float32 or float64');
    expect(() => dropout1dLayer({ rate: 0.1 } as never)).toThrow("dropout1dLayer: unknown option 'rate'");
    expect(() => dropout2dLayer({ p: -1 })).toThrow('dropout2dLayer: p must be from 0 to 1, received -1');
    expect(() => dropout2dLayer().init(key(0), [8, 2])).toThrow(
      'dropout2d: the input is [C, H, W], without the batch (received [8, 2]).',
    );
  });
});
