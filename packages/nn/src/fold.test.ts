import { add, maximum, mul, ones, tensor, type Tensor } from '@lemmata/tensor';
import { paths } from '@lemmata/tree';
import { describe, expect, test } from 'vitest';
import { compose } from './compose.js';
import { fold } from './fold.js';
import { functionLayer, type Layer } from './layer.js';
import { parallel, residual } from './parallel.js';
import { infer, sequential } from './sequential.js';

const f64 = (values: readonly number[]): Tensor => tensor(values, { dtype: 'float64' });
const key = tensor([0, 1], { dtype: 'int32' });

/** weight · x in each channel, and a bias once there is one. */
const gain = (factor = 2): Layer<{ weight: Tensor; bias?: Tensor }, {}> => ({
  kind: 'gain',
  init: (_key, shape) => ({ params: { weight: f64(shape.map(() => factor)) }, state: {}, outputShape: shape }),
  apply: ({ weight, bias }, state, x) => [bias === undefined ? mul(x, weight) : add(mul(x, weight), bias), state],
  absorb: ({ weight, bias }, { scale, shift }) => ({
    layer: gain(factor),
    params: { weight: mul(weight, scale), bias: bias === undefined ? shift : add(mul(bias, scale), shift) },
  }),
});

/** A norm in little: 3 x + its statistic. */
const norm = (): Layer<{}, { shift: Tensor }> => ({
  kind: 'norm',
  init: (_key, shape) => ({ params: {}, state: { shift: f64(shape.map((_, i) => i + 1)) }, outputShape: shape }),
  apply: (_params, state, x) => [add(mul(x, 3), state.shift), state],
  affine: (_params, { shift }) => ({ scale: mul(ones([shift.size], 'float64'), 3), shift }),
});

const relu = (x: Tensor): Tensor => maximum(x, 0);
const positive = functionLayer('relu', relu);

/** Folds, and holds the outcome to what it was; the names of what is left. */
function folded(net: Layer): readonly string[] {
  const { params, state } = net.init(key, [2]);
  const made = fold(net, params, state, [2]);
  const x = tensor(
    [
      [1, -2],
      [-3, 0.5],
      [0, 7],
    ],
    { dtype: 'float64' },
  );
  expect(infer(made.layer, made.params, made.state, x).toArray()).toEqual(infer(net, params, state, x).toArray());
  expect(paths(made.state)).toEqual(paths(made.layer.init(key, [2]).state));
  return [...paths(made.params), ...paths(made.state)];
}

describe('fold', () => {
  test('in a sequence a layer takes in the maps behind it; names stay', () => {
    expect(folded(sequential({ a: gain(), n: norm(), r: positive, b: gain(), n1: norm(), n2: norm() }))).toEqual([
      'a.weight',
      'a.bias',
      'b.weight',
      'b.bias',
    ]);
    expect(folded(sequential([gain(), norm(), positive, gain()]))).toEqual(['0.weight', '0.bias', '3.weight']);
  });

  test('a map with nothing before it stays, and so does one behind what takes none in', () => {
    const net = sequential({ n: norm(), r: positive, m: norm() });
    const { params, state } = net.init(key, [2]);
    expect(Object.keys(fold(net, params, state, [2]).layer.layers!)).toEqual(['n', 'r', 'm']);
  });

  test('inside of others, and behind the last layer of a sequence', () => {
    expect(folded(sequential({ inner: sequential({ a: gain(), n: norm(), b: gain() }), m: norm() }))).toEqual([
      'inner.a.weight',
      'inner.a.bias',
      'inner.b.weight',
      'inner.b.bias',
    ]);
    expect(folded(residual(sequential({ a: gain(), n: norm() }), { shortcut: sequential([gain(3), norm()]) }))).toEqual(
      ['body.a.weight', 'body.a.bias', 'shortcut.0.weight', 'shortcut.0.bias'],
    );
    expect(folded(parallel({ a: sequential([gain(), norm()]), b: norm() }))).toEqual([
      'a.0.weight',
      'a.0.bias',
      'b.shift',
    ]);
    expect(folded(sequential({ empty: sequential({}), n: norm(), inner: sequential([positive]), m: norm() }))).toEqual([
      'n.shift',
      'm.shift',
    ]);
  });

  test('in a graph, where nothing else reads what lies between', () => {
    const layers = () => ({ a: gain(), n: norm(), b: gain(5), m: norm() });
    const chain = compose('chain', layers(), (call, x) => add(call('m', call('b', relu(call('n', call('a', x))))), x));
    expect(folded(chain)).toEqual(['a.weight', 'a.bias', 'b.weight', 'b.bias']);
    const behind = compose('behind', { a: gain(), n: norm(), m: norm(), r: positive, k: norm() }, (call, x) =>
      call('k', call('r', call('m', call('n', call('a', x))))),
    );
    expect(folded(behind)).toEqual(['a.weight', 'a.bias', 'k.shift']);
    // The output of a is read beside its norm: by an op, by a layer, or as the result.
    const byOp = compose('byOp', { a: gain(), n: norm() }, (call, x) => {
      const y = call('a', x);
      return add(call('n', y), y);
    });
    const byLayer = compose('byLayer', { a: gain(), n: norm(), b: gain() }, (call, x) => {
      const y = call('a', x);
      return add(call('n', y), call('b', y));
    });
    expect(folded(byOp)).toEqual(['a.weight', 'n.shift']);
    expect(folded(byLayer)).toEqual(['a.weight', 'b.weight', 'n.shift']);
    const inner = compose('outer', { s: sequential([gain(), norm()]), n: norm() }, (call, x) =>
      call('n', call('s', x)),
    );
    expect(folded(inner)).toEqual(['s.0.weight', 's.0.bias']);
  });

  test('a path through a graph keeps the layers that are left', () => {
    const net = compose('c', { a: gain(), n: norm() }, (call, x) => call('n', call('a', x)), { path: ['a', 'n'] });
    const { params, state } = net.init(key, [2]);
    expect(fold(net, params, state, [2]).layer.path).toEqual(['a']);
  });

  test('what is no affine map with its state is left', () => {
    const without: Layer = { ...norm(), affine: () => null };
    const net = sequential({ a: gain(), n: without });
    const { params, state } = net.init(key, [2]);
    expect(Object.keys(fold(net, params, state, [2]).layer.layers!)).toEqual(['a', 'n']);
    const plain = functionLayer('f', relu);
    expect(fold(plain, {}, {}, [2])).toEqual({ layer: plain, params: {}, state: {} });
  });
});
