import { ShapeError } from '@lemmata/shape';
import { add, key, matmul, mul, ones, randomNormal, select, tensor, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { compose } from './compose.js';
import { functionLayer, type Layer } from './layer.js';
import { summary } from './summary.js';

/** Multiplies by one learnt number, and counts its calls in state. */
const scale = (): Layer<{ factor: Tensor }, { calls: number }> => ({
  kind: 'scale',
  init: (k, shape) => ({ params: { factor: randomNormal(k, []) }, state: { calls: 0 }, outputShape: shape }),
  apply: (params, state, x) => [mul(x, params.factor), { calls: state.calls + 1 }],
});

describe('compose', () => {
  const skip = compose('skip', { a: scale(), b: scale() }, (call, x) => add(call('b', call('a', x)), x));

  test('is what its function says, with parameters and state by name and a key for each layer', () => {
    const { params, state, outputShape } = skip.init(key(1), [3]);
    expect(outputShape).toEqual([3]);
    const [a, b] = [params.a.factor.item(), params.b.factor.item()];
    expect(a).not.toBe(b);
    const [y, next] = skip.apply(params, state, tensor([[1, 2, 3]]), { train: true });
    expect(y.dataSync()[1]).toBeCloseTo(2 * a * b + 2, 5);
    expect(next).toEqual({ a: { calls: 1 }, b: { calls: 1 } });
  });

  test('names the layer that cannot take its input, and mistakes of the function', () => {
    const narrow = functionLayer(
      'narrow',
      (x) => x,
      (shape) => {
        throw new ShapeError('narrow', [{ rule: 'never', received: shape }]);
      },
    );
    expect(() => compose('c', { inner: narrow }, (call, x) => call('inner', x)).init(key(0), [2])).toThrow(
      /^inner > narrow: never/,
    );
    const two = { a: scale(), b: scale() };
    expect(() => compose('c', two, (call, x) => call('z' as never, x)).init(key(0), [2])).toThrow(
      "c: there is no layer 'z'; there are a, b",
    );
    expect(() => compose('c', two, (_, x) => x).init(key(0), [2])).toThrow("c: layer 'a', 'b' is never called");
    // Its state would be lost, where forward begins to leave a layer out after init.
    let all = true;
    const fickle = compose('c', two, (call, x) => (all ? call('b', call('a', x)) : call('a', x)));
    const { params, state } = fickle.init(key(0), [2]);
    all = false;
    expect(() => fickle.apply(params, state, ones([1, 2]), { train: false })).toThrow("c: layer 'b' is never called");
    expect(() => compose('c', { a: scale() }, (call, x) => call('a', call('a', x))).init(key(0), [2])).toThrow(
      /called twice/,
    );
  });

  test('what only a batch of one could be added to is refused', () => {
    const drop = functionLayer(
      'drop',
      (x) => select(x, -1, 0),
      (shape) => shape.slice(0, -1),
    );
    const mixed = compose('mixed', { drop }, (call, x) => add(call('drop', x), x));
    expect(() => mixed.init(key(0), [5, 1])).toThrow('add: sizes 2 and 5 do not broadcast');
  });

  test('its function may use tensors of its own, of the type of its input', () => {
    const summed = compose('c', { a: scale() }, (call, x) => matmul(call('a', x), ones([2, 3], x.dtype)));
    expect(summed.init(key(0), [2]).outputShape).toEqual([3]);
  });

  test('unknown options are refused, and a path through what is no layer', () => {
    const composed = (options: object): unknown =>
      compose('c', { a: scale() }, (call, x) => call('a', x), options as never);
    expect(() => composed({ paht: ['a'] })).toThrow("c: unknown option 'paht'; did you mean 'path'");
    expect(() => composed({ path: ['a', 'z'] })).toThrow("c: there is no layer 'z'; there are a");
  });

  test('its summary shows what each layer is given', () => {
    const halve = functionLayer(
      'halve',
      (x) => x,
      ([n]) => [n! / 2],
    );
    const rows = summary(
      compose('c', { s: scale(), h: halve }, (call, x) => call('s', call('h', x))),
      [8],
    ).rows;
    expect(rows.map((row) => [row.name, row.inputShape, row.outputShape])).toEqual([
      ['s', [4], [4]],
      ['h', [8], [4]],
    ]);
  });
});
