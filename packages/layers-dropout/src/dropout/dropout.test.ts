import { valueAndGrad, vjp } from '@lemmata/autograd';
import { compile } from '@lemmata/compile';
import { sequential } from '@lemmata/nn';
import { foldIn, key, mul, ones, splitKey, square, sum, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { dropout, dropoutLayer } from './index.js';

const train = true;
const values = (t: Tensor): number[] => [...t.dataSync()];

describe('dropout', () => {
  test('an element is 0 or x / (1 − p)', () => {
    const y = values(dropout(ones([1000]), key(1), { p: 0.2, train }));
    expect([...new Set(y)].sort()).toEqual([0, 1.25]);
  });

  test('E11: p = 0 is the identity and needs no key', () => {
    const x = tensor([1, NaN, -0]);
    expect(dropout(x, null, { p: 0, train })).toBe(x);
  });

  test('E11: p = 1 gives zeros, values and gradient, also of ∞ and NaN', () => {
    const { value, pullback } = vjp((x: Tensor) => dropout(x, null, { p: 1, train }), tensor([1, Infinity, NaN]));
    expect(values(value)).toEqual([0, 0, 0]);
    expect(values(pullback(tensor([1, Infinity, 1]))[0])).toEqual([0, 0, 0]);
  });

  test('E11: inference is the identity, and the mode must be said', () => {
    const x = ones([4]);
    expect(dropout(x, key(1), { p: 0.9, train: false })).toBe(x);
    expect(() => dropout(x, key(1), { p: 0.9 } as never)).toThrow(
      'dropout: train must be true or false, received undefined',
    );
  });

  test('E11: the gradient has the mask of the value', () => {
    const { value, pullback } = vjp((x: Tensor) => dropout(x, key(3), { p: 0.5, train }), ones([64]));
    expect(values(pullback(ones([64]))[0])).toEqual(values(value));
    const both = compile((x: Tensor, k: Tensor) => {
      const { value: y, grads } = valueAndGrad((t: Tensor) => sum(square(dropout(t, k, { p: 0.5, train }))))(x);
      return [y, grads];
    });
    const [loss, grads] = both(ones([64]), key(3));
    const kept = values(value).filter((v) => v > 0).length;
    expect(loss.item()).toBe(4 * kept);
    expect(values(grads)).toEqual(values(value).map((v) => 4 * v));
  });

  test('what is dropped is 0 whatever it was', () => {
    const x = tensor(new Array<number>(100).fill(NaN));
    const y = values(dropout(x, key(1), { p: 0.5, train }));
    expect(y.every((v) => v === 0 || Number.isNaN(v))).toBe(true);
    expect(y.includes(0)).toBe(true);
  });

  test('float64 and no elements', () => {
    expect(dropout(ones([3], 'float64'), key(1), { train }).dtype).toBe('float64');
    expect(dropout(ones([0, 3]), key(1), { train }).shape).toEqual([0, 3]);
  });

  test('what it refuses', () => {
    const x = ones([4]);
    expect(() => dropout(x, null, { train })).toThrow(
      'dropout: dropout needs a key; give the model one: apply(params, state, x, { train: true, key })',
    );
    expect(() => dropout(x, key(1), { p: 1.5, train })).toThrow('dropout: p must be from 0 to 1, received 1.5');
    expect(() => dropout(x, key(1), { p: NaN, train })).toThrow('dropout: p must be from 0 to 1, received NaN');
    expect(() => dropout(x, key(1), { rate: 0.5, train } as never)).toThrow("dropout: unknown option 'rate'");
    expect(dropoutLayer().kind).toBe('dropout');
    expect(() => dropout(x, ones([2]), { train })).toThrow('a key is a tensor int32[2]');
    expect(() => dropout(ones([4], 'int32'), key(1), { train })).toThrow(
      'dropout: x must hold float32 or float64, received int32[4]; convert with cast',
    );
    expect(() => dropoutLayer({ p: -1 })).toThrow('dropoutLayer: p must be from 0 to 1, received -1');
    expect(() => dropoutLayer({ train } as never)).toThrow("dropoutLayer: unknown option 'train'");
  });
});

describe('dropoutLayer', () => {
  test('drops half by default, in training alone', () => {
    const layer = dropoutLayer();
    expect(layer.init(key(0), [3, 4])).toEqual({ params: {}, state: {}, outputShape: [3, 4] });
    const x = ones([3, 4]);
    expect(layer.apply({}, {}, x, { train: false })[0]).toBe(x);
    expect(values(layer.apply({}, {}, x, { train, key: key(5) })[0])).toEqual(
      values(dropout(x, key(5), { p: 0.5, train })),
    );
  });

  test('in sequential a missing key is named', () => {
    const model = sequential({ drop: dropoutLayer() });
    const { params, state } = model.init(key(0), [4]);
    expect(() => model.apply(params, state, ones([1, 4]), { train })).toThrow('drop > dropout: dropout needs a key');
  });

  test('a compiled step with the key in its state drops what eager steps drop, another part each time', () => {
    const model = sequential({ a: dropoutLayer({ p: 0.3 }), b: dropoutLayer({ p: 0.5 }) });
    const step = (k: Tensor, x: Tensor): [Tensor, Tensor] => {
      const [next, own] = splitKey(k, 2);
      return [next, mul(model.apply({ a: {}, b: {} }, { a: {}, b: {} }, x, { train, key: own })[0], 2)];
    };
    const compiled = compile(step, { donate: 1 });
    let [eager, fast] = [key(7), key(7)];
    const seen = new Set<string>();
    for (let i = 0; i < 4; i++) {
      let [y, z]: Tensor[] = [];
      [eager, y] = step(eager, ones([2, 32]));
      [fast, z] = compiled(fast, ones([2, 32]));
      expect(values(z)).toEqual(values(y));
      seen.add(values(y).join());
    }
    expect(seen.size).toBe(4);
    expect(compiled.size).toBe(1);
  });

  test('another key gives another mask, and the same key the same', () => {
    const mask = (k: Tensor): string => values(dropout(ones([64]), k, { train })).join();
    expect(mask(key(1))).toBe(mask(key(1)));
    expect(new Set([0, 1, 2, 3].map((i) => mask(foldIn(key(1), i)))).size).toBe(4);
  });
});
