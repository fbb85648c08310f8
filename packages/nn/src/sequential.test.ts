import { OptionError, ShapeError } from '@lemmata/shape';
import { add, key, matmul, mul, randomNormal, tensor, type Tensor } from '@lemmata/tensor';
import { toRecord } from '@lemmata/tree';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  functionLayer,
  infer,
  inLayer,
  type Layer,
  normal,
  type ParamsOf,
  parallel,
  recomputed,
  residual,
  sequential,
} from './index.js';

/** [in] → [out], and a state that counts its calls. */
function dense(out: number): Layer<{ readonly weight: Tensor }, { readonly calls: Tensor }> {
  return {
    kind: 'dense',
    init(key, inputShape) {
      if (inputShape.length !== 1) throw new ShapeError('dense', [{ rule: 'the input is [in]', received: inputShape }]);
      return {
        params: { weight: normal()(key, [inputShape[0]!, out]) },
        state: { calls: tensor(0) },
        outputShape: [out],
      };
    },
    apply: ({ weight }, { calls }, x) => [matmul(x, weight), { calls: add(calls, 1) }],
  };
}
/** Adds noise drawn from its key. */
const noise: Layer<{}, {}> = {
  kind: 'noise',
  init: (_key, outputShape) => ({ params: {}, state: {}, outputShape }),
  apply: (_params, state, x, { key }) => [add(x, randomNormal(key!, x.shape)), state],
};
const double = functionLayer('double', (x) => mul(x, 2));
const x = tensor([
  [1, 2, 3],
  [-1, 0, 1],
]);
const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};

describe('sequential', () => {
  const net = sequential({ first: dense(4), twice: double, block: sequential([dense(2), double]) });

  test('names of parameters are the paths of the layers', () => {
    const { params, state, outputShape } = net.init(key(1), [3]);
    expect(Object.keys(toRecord(params))).toEqual(['first.weight', 'block.0.weight']);
    expect(Object.keys(toRecord(state))).toEqual(['first.calls', 'block.0.calls']);
    expect(outputShape).toEqual([2]);
    expect(params.first.weight.shape).toEqual([3, 4]);
  });

  test('types nest', () => {
    const typed = sequential({ first: dense(4), inner: sequential({ second: dense(2) }) });
    expectTypeOf<ParamsOf<typeof typed>>().toEqualTypeOf<{
      readonly first: { readonly weight: Tensor };
      readonly inner: { readonly second: { readonly weight: Tensor } };
    }>();
    const { params } = typed.init(key(1), [3]);
    expectTypeOf(params.inner.second.weight).toEqualTypeOf<Tensor>();
    // @ts-expect-error there is no layer of this name
    expect(params.third).toBeUndefined();
  });

  test('applies one after the other, and hands every state on', () => {
    const { params, state } = net.init(key(1), [3]);
    const [y, next] = net.apply(params, state, x, { train: true });
    const { first, block } = params as any;
    expect(y.toArray()).toEqual(mul(matmul(mul(matmul(x, first.weight), 2), block['0'].weight), 2).toArray());
    const [, third] = net.apply(params, next, x, { train: true });
    expect((third as any).block['0'].calls.item()).toBe(2);
    expect(state.first.calls.item()).toBe(0);
    expect(infer(net, params, state, x).toArray()).toEqual(y.toArray());
    const modes: unknown[] = [];
    const asked: Layer = { ...double, apply: (_p, s, t, { train }) => [(modes.push(train), t), s] };
    infer(asked, {}, {}, x);
    expect(modes).toEqual([false]);
  });

  test('every layer draws from a key of its own, in init and in apply', () => {
    const same = sequential({ a: dense(3), b: dense(3) });
    const { params } = same.init(key(7), [3]);
    expect(params.a.weight.toArray()).not.toEqual(params.b.weight.toArray());
    const two = sequential({ a: noise, b: noise });
    const noisy = (layer: Layer, seed: number): number[][] =>
      layer.apply({}, {}, mul(x, 0), { train: true, key: key(seed) })[0].toArray() as number[][];
    const [one, both] = [noisy(sequential({ a: noise }), 3), noisy(two, 3)];
    // The second noise is not the first again.
    expect(both[0]![0]).not.toBeCloseTo(2 * one[0]![0]!, 5);
    expect(noisy(two, 3)).toEqual(both);
    expect(noisy(two, 4)).not.toEqual(both);
  });

  test('without layers it is the identity', () => {
    const empty = sequential({});
    const { params, state, outputShape } = empty.init(key(0), [3]);
    expect(outputShape).toEqual([3]);
    expect(infer(empty, params, state, x)).toBe(x);
  });

  test('an error names the layer that it comes from, at every depth', () => {
    const image = functionLayer(
      'image',
      (t) => t,
      () => [1, 2, 2],
    );
    const broken = sequential({ first: dense(4), body: sequential({ image, second: dense(2) }) });
    expect(message(() => broken.init(key(0), [3]))).toMatch(
      /^body > second > dense: the input is \[in\] \(received \[1, 2, 2\]\)/,
    );
    const refusing = functionLayer('refusing', () => {
      throw new OptionError('refusing', ['no']);
    });
    expect(message(() => infer(sequential({ a: double, b: refusing }), {} as any, {} as any, x))).toBe(
      'b > refusing: no',
    );
  });

  test('the original error is the cause, and other errors pass as they are', () => {
    const original = new ShapeError('op', [{ rule: 'r' }], { x: [1] });
    const wrap = (error: unknown): unknown => {
      try {
        inLayer('name', () => {
          throw error;
        });
      } catch (caught) {
        return caught;
      }
      return undefined;
    };
    const named = wrap(original) as ShapeError;
    expect(named).toBeInstanceOf(ShapeError);
    expect(named.op).toBe('name > op');
    expect(named.shapes).toEqual({ x: [1] });
    expect(named.cause).toBe(original);
    const other = new TypeError('t');
    expect(wrap(other)).toBe(other);
  });

  test('what is not a layer, and what cannot be a name, is refused where it is written', () => {
    expect(message(() => sequential({ a: (() => x) as any }))).toBe(
      "sequential: 'a' must be a layer, received a function; use the constructor whose name ends in Layer, and call it",
    );
    expect(message(() => sequential([double, undefined as any]))).toBe(
      "sequential: '1' must be a layer, received undefined",
    );
    expect(message(() => sequential({ ['__proto__']: double }))).toMatch(/name '__proto__' is taken by JavaScript/);
    expect(message(() => sequential({ 'a.b': double }))).toMatch(/name 'a\.b' must be neither empty nor contain a dot/);
    expect(message(() => sequential({ conv: double, 0: double }))).toMatch(
      /names are all numbers or none is: JavaScript puts '0' before/,
    );
    expect(message(() => sequential({ conv: double, 0: double, 10: double }))).toMatch(/puts '0', '10' before/);
    for (const names of [
      [3, 0],
      ['conv', '3x'],
    ])
      expect(message(() => sequential(Object.fromEntries(names.map((name) => [name, double]))))).toBe('no error');
    expect(message(() => sequential({ '': double }))).toBe(
      "sequential: the name '' must be neither empty nor contain a dot",
    );
    expect(message(() => (sequential as any)(double, double))).toBe(
      'sequential: layers come in one object, by name, or in one array; received a layer, double',
    );
    expect(message(() => (sequential({ a: double }).apply as any)({}, {}, x))).toBe(
      'apply: the last argument is missing; give { train: false }, or { train: true, key }',
    );
    const { init } = double;
    expect(message(() => sequential({ a: { init } as any }))).toMatch(/'a' must be a layer/);
  });
});

test('a layer that is recomputed is the same layer', () => {
  const layer = dense(2);
  const again = recomputed(layer);
  const { params, state } = again.init(key(1), [3]);
  const run = (each: typeof layer) => each.apply(params, state, x, { train: true });
  expect(again.kind).toBe('dense');
  expect(run(again)[0].toArray()).toEqual(run(layer)[0].toArray());
  expect(run(again)[1].calls.item()).toBe(1);
});

describe('parallel and residual', () => {
  test('concat joins along the channels, and adds their numbers up', () => {
    const layer = parallel({ a: dense(2), b: dense(3) });
    const { params, state, outputShape } = layer.init(key(1), [3]);
    expect(outputShape).toEqual([5]);
    expect(Object.keys(toRecord(params))).toEqual(['a.weight', 'b.weight']);
    const [y, next] = layer.apply(params, state, x, { train: true });
    const [a, b] = [matmul(x, params.a.weight).toArray(), matmul(x, params.b.weight).toArray()] as number[][][];
    expect(y.toArray()).toEqual(a!.map((row, i) => [...row, ...b![i]!]));
    expect(next.b.calls.item()).toBe(1);
  });

  test('another axis, also counted from the back', () => {
    const wide = functionLayer('id', (t) => t);
    expect(parallel({ a: wide, b: wide }, { axis: 2 }).init(key(0), [3, 4]).outputShape).toEqual([3, 8]);
    expect(parallel({ a: wide, b: wide }, { axis: -1 }).init(key(0), [3, 4]).outputShape).toEqual([3, 8]);
    expect(message(() => parallel({ a: wide, b: wide }, { axis: -3 }).init(key(0), [3, 4]))).toMatch(
      /not joined along the batch/,
    );
  });

  test('sum adds', () => {
    const layer = parallel({ a: double, b: double, c: double }, { join: 'sum' });
    expect(infer(layer, layer.init(key(0), [3]).params, {} as any, x).toArray()).toEqual(mul(x, 6).toArray());
  });

  test('residual is body plus input, or body plus shortcut', () => {
    const plain = residual(double);
    expect(plain.layers!['shortcut']!.kind).toBe('identity');
    expect(infer(plain, plain.init(key(0), [3]).params, { body: {}, shortcut: {} }, x).toArray()).toEqual(
      mul(x, 3).toArray(),
    );
    const projected = residual(dense(2), { shortcut: dense(2) });
    const { params, state, outputShape } = projected.init(key(0), [3]);
    expect(outputShape).toEqual([2]);
    expect(Object.keys(toRecord(params))).toEqual(['body.weight', 'shortcut.weight']);
    expect(infer(projected, params, state, x).toArray()).toEqual(
      add(matmul(x, params.body.weight), matmul(x, params.shortcut.weight)).toArray(),
    );
    expectTypeOf(params.shortcut.weight).toEqualTypeOf<Tensor>();
  });

  test('branches draw from keys of their own', () => {
    const { params } = parallel({ a: dense(3), b: dense(3) }).init(key(7), [3]);
    expect(params.a.weight.toArray()).not.toEqual(params.b.weight.toArray());
  });

  test('shapes that cannot be joined are refused, by init and by apply', () => {
    expect(message(() => residual(dense(2)).init(key(0), [3]))).toMatch(
      /^residual: outputs that are added have equal shapes \(received \[\[2\], \[3\]\]\)\. Give a shortcut .*\n {2}shapes: body \[2\], shortcut \[3\]$/,
    );
    expect(
      message(() =>
        parallel(
          {
            a: double,
            b: functionLayer(
              'flat',
              (t) => t,
              () => [3],
            ),
          },
          { axis: 2 },
        ).init(key(0), [3, 4]),
      ),
    ).toMatch(
      /^parallel: outputs that are joined differ along axis 2 alone \(received \[3\], expected \[3, 4\]\)\. Give the branches the same strides, and padding that keeps the size\.\n/,
    );
    expect(
      message(() => parallel({ a: dense(2), b: dense(2), c: dense(3) }, { join: 'sum' }).init(key(0), [3])),
    ).toMatch(
      /^parallel: outputs that are added have equal shapes \(received \[\[2\], \[2\], \[3\]\]\)\. Make the shapes equal\.\n/,
    );
    expect(message(() => parallel({ a: dense(2) }, { axis: 2 }).init(key(0), [3]))).toMatch(/^parallel: /);
    const rows = (n: number): Layer =>
      functionLayer(
        'rows',
        (t) => t,
        () => [n, 4],
      );
    expect(message(() => parallel({ a: rows(3), b: rows(2) }, { axis: 2 }).init(key(0), [1]))).toMatch(
      /^parallel: outputs that are joined differ along axis 2 alone \(received \[2, 4\], expected \[3, 4\]\)/,
    );
    const one = dense(1);
    // [N, 1] + [N, 3] would broadcast.
    expect(
      message(() =>
        infer(
          residual(one),
          { body: one.init(key(0), [3]).params, shortcut: {} },
          { body: { calls: tensor(0) }, shortcut: {} },
          x,
        ),
      ),
    ).toMatch(/^residual: outputs that are added have equal shapes/);
  });

  test('options are checked', () => {
    expect(message(() => parallel({}))).toMatch(/^parallel: there must be at least one layer/);
    expect(message(() => parallel({ a: double }, { jion: 'sum' } as any))).toMatch(
      /^parallel: unknown option 'jion'; did you mean 'join'/,
    );
    expect(message(() => parallel({ a: double }, { join: 'mean' as any }))).toMatch(
      /^parallel: join is 'concat' or 'sum', received 'mean'/,
    );
    for (const axis of [0, 1.5])
      expect(message(() => parallel({ a: double }, { axis }))).toBe(
        `parallel: axis is an integer other than 0, the batch; received ${axis}`,
      );
    expect(message(() => parallel({ a: double }, { join: 'sum', axis: 1 }))).toBe(
      "parallel: axis belongs to join: 'concat'; a sum has none",
    );
    expect(message(() => residual(double, { skip: double } as any))).toMatch(/^residual: unknown option 'skip'/);
  });
});
