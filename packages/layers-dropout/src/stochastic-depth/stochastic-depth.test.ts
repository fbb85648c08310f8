import { residual } from '@lemmata/nn';
import { key, ones, scalar, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { stochasticDepth, stochasticDepthLayer } from './index.js';

const train = true;
const values = (t: Tensor): number[] => [...t.dataSync()];

describe('stochasticDepth', () => {
  test('by row each sample is kept or dropped as a whole', () => {
    const y = values(stochasticDepth(ones([64, 3]), key(1), { p: 0.5, train }));
    const rows = Array.from({ length: 64 }, (_, n) => y.slice(3 * n, 3 * n + 3).join());
    expect(new Set(rows)).toEqual(new Set(['0,0,0', '2,2,2']));
  });

  test('by batch all samples are', () => {
    const outputs = Array.from({ length: 20 }, (_, i) =>
      values(stochasticDepth(ones([4, 2]), key(i), { p: 0.5, mode: 'batch', train })).join(),
    );
    expect(new Set(outputs)).toEqual(new Set([new Array(8).fill(0).join(), new Array(8).fill(2).join()]));
  });

  test('E11: p = 1 gives zeros, p = 0 and inference x itself', () => {
    const x = tensor([[1, NaN]]);
    expect(values(stochasticDepth(x, null, { p: 1, train }))).toEqual([0, 0]);
    expect(stochasticDepth(x, null, { p: 0, train })).toBe(x);
    expect(stochasticDepth(x, null, { p: 0.5, train: false })).toBe(x);
  });

  test('in a residual block a dropped branch leaves the shortcut', () => {
    const block = residual(stochasticDepthLayer({ p: 0.5 }));
    const { params, state } = block.init(key(0), [2]);
    const [y] = block.apply(params, state, ones([64, 2]), { train, key: key(5) });
    expect(new Set(values(y))).toEqual(new Set([1, 3]));
  });

  test('what it refuses', () => {
    const x = ones([2, 3]);
    expect(() => stochasticDepth(scalar(1), key(1), { p: 0.5, train })).toThrow('stochasticDepth: x is [N, ...]');
    expect(() => stochasticDepth(x, undefined, { p: 0.5, train })).toThrow('stochasticDepth: dropout needs a key');
    expect(() => stochasticDepth(x, key(1), { train } as never)).toThrow(
      'stochasticDepth: p must be from 0 to 1, received undefined',
    );
    expect(() => stochasticDepth(x, key(1), { p: 0.5, train, row: true } as never)).toThrow(
      "stochasticDepth: unknown option 'row'",
    );
    expect(() => stochasticDepthLayer({ p: 0.1, rows: true } as never)).toThrow(
      "stochasticDepthLayer: unknown option 'rows'",
    );
    expect(stochasticDepthLayer({ p: 0.1 }).kind).toBe('stochasticDepth');
    expect(() => stochasticDepthLayer({ p: 0.1, mode: 'sample' as never })).toThrow(
      "stochasticDepthLayer: mode must be 'row' or 'batch', received 'sample'",
    );
    expect(() => stochasticDepthLayer({ p: 0.1, mod: 'row' } as never)).toThrow("did you mean 'mode'?");
  });
});
