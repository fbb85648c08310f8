import { add, apply, cast, mul, sum, tensor, type OpDef, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { checkGradient, depth, grad, graph, Tape, valueAndGrad, vjp } from './index.js';

const as = (value: unknown): any => value;
const x = tensor([1, 2]);

test('what is no tensor, or has no gradient, is refused by the name of the function', () => {
  const text = 'expected a tensor or a number, received string; make one with tensor(…)';
  expect(() => valueAndGrad((p: any) => sum(p.a))({ a: as('text') })).toThrow(new TypeError(`valueAndGrad: ${text}`));
  expect(() => vjp((a: Tensor) => a, as('text'))).toThrow(new TypeError(`vjp: ${text}`));
  expect(() => graph((a: Tensor) => a, as(['text']))).toThrow(new TypeError(`graph: ${text}`));
  expect(() => valueAndGrad((p: Tensor) => sum(p))(cast(x, 'int32'))).toThrow(
    new TypeError(
      'gradient: only floating-point tensors have gradients, received int32[2]; pass it as a later argument, or cast it',
    ),
  );
});

test.each<[string, (options: any) => unknown, string]>([
  ['valueAndGrad', (options) => valueAndGrad((a: Tensor) => sum(a), options), 'argument'],
  ['grad', (options) => grad((a: Tensor) => sum(a), options), 'argument'],
  [
    'checkGradient',
    (options) => checkGradient((a) => a, [cast(x, 'float64')], options),
    'step, absolute, relative, seed, coordinates',
  ],
  ['graph', (options) => graph((a: Tensor) => mul(a, 2), [x], options), 'whole, upstream'],
  [
    'depth',
    (options) =>
      depth(
        graph((a: Tensor) => mul(a, 2), [x]),
        options,
      ),
    'counts',
  ],
  ['Tape', (options) => new Tape(options), 'whole'],
])('%s refuses unknown options', (name, make, takes) => {
  expect(() => make(undefined)).not.toThrow();
  expect(() => make({ colour: 1 })).toThrow(`${name}: unknown option 'colour' (it takes ${takes})`);
  expect(() => make(5)).toThrow(`${name}: options are an object with any of ${takes}, received 5`);
});

test('the argument that is differentiated is a number of one that is given', () => {
  for (const make of [valueAndGrad, grad] as ((f: unknown, options: unknown) => unknown)[]) {
    expect(() => make((a: Tensor) => sum(a), { argumnet: 1 })).toThrow("did you mean 'argument'?");
    for (const argument of [-1, 0.5, NaN, '1'])
      expect(() => make((a: Tensor) => sum(a), { argument })).toThrow(
        `${make.name}: argument must be a non-negative integer, received`,
      );
  }
  expect(() => valueAndGrad((a: Tensor) => sum(a), { argument: 1 })(x)).toThrow(
    new TypeError('valueAndGrad: argument 1, counted from 0, is to be differentiated, but 1 were given'),
  );
});

test('a loss must be a scalar of floating point', () => {
  const none = new TypeError('valueAndGrad: the function must return a scalar tensor, or [loss, aux]');
  expect(() => valueAndGrad(() => as(5))(x)).toThrow(none);
  expect(() => valueAndGrad(() => as([5, x]))(x)).toThrow(none);
  const refused = (received: string): TypeError =>
    new TypeError(
      `valueAndGrad: the loss must be a floating-point scalar, received ${received}; reduce it (mean, sum), or use vjp with an upstream gradient`,
    );
  expect(() => valueAndGrad((a: Tensor) => a)(x)).toThrow(refused('float32[2]'));
  expect(() => valueAndGrad((a: Tensor) => cast(sum(a), 'int32'))(x)).toThrow(refused('int32[]'));
});

test('an upstream gradient is like its value', () => {
  const { pullback } = vjp((a: Tensor) => [a, mul(a, a)], x);
  const refused = (i: number, received: string): TypeError =>
    new TypeError(`pullback: upstream ${i} must be float32[2] like the value, received ${received}`);
  expect(() => pullback([tensor([1, 2], { dtype: 'float64' }), x])).toThrow(refused(0, 'float64[2]'));
  expect(() => pullback([x, tensor([1, 2, 3])])).toThrow(refused(1, 'float32[3]'));
});

test('what was made on a tape is of no use when it has ended', () => {
  let escaped: Tensor | undefined;
  const { pullback } = vjp((a: Tensor) => (escaped = mul(a, a)), x);
  expect(() => add(escaped!, 1)).toThrow(
    'add: an input was made inside a function whose gradient has been taken already; return it from that function as aux',
  );
  expect(pullback(tensor([1, 1]))[0].toArray()).toEqual([2, 4]);
  // Reading is no op.
  expect(escaped!.toArray()).toEqual([1, 4]);
});

describe('an op', () => {
  /** Gives its input twice, the second time as integers. */
  const opaque = (more: Partial<OpDef>): OpDef => ({
    name: 'opaque',
    infer: (_attrs, a) => [a, { shape: a.shape, dtype: 'int32' }],
    reference: (_attrs, [a], [y, n]) => {
      y!.data.set(a!.data);
      n!.data.set(a!.data);
    },
    ...more,
  });
  const first = (op: OpDef) => (a: Tensor) => sum(apply(op, {}, [a])[0]!);
  const second = (op: OpDef) => (a: Tensor) => sum(mul(cast(apply(op, {}, [a])[1]!, 'float32'), a));

  test('whose gradient is not like its input is named', () => {
    const wrong =
      (vjp: NonNullable<OpDef['vjp']>): (() => unknown) =>
      () =>
        grad(first(opaque({ vjp })))(x);
    const text = 'opaque: its vjp gave';
    expect(wrong((_attrs, [up]) => [sum(up!)])).toThrow(
      `${text} float32[] as the gradient of input 0, which is float32[2]`,
    );
    expect(wrong((_attrs, [up]) => [cast(up!, 'float64')])).toThrow(
      `${text} float64[2] as the gradient of input 0, which is float32[2]`,
    );
  });

  test('that is not differentiable is refused if any of its results could have a gradient', () => {
    const refused =
      'opaque is not differentiable, and its input depends on what is differentiated; take stopGradient of the input if that is meant';
    expect(() => grad(first(opaque({})))(x)).toThrow(refused);
    expect(() => grad(second(opaque({})))(x)).toThrow(refused);
    const counts = opaque({
      infer: (_attrs, a) => [{ shape: a.shape, dtype: 'int32' }],
      reference: (_attrs, [a], [n]) => n!.data.set(a!.data),
    });
    const loss = (a: Tensor): Tensor => sum(mul(cast(apply(counts, {}, [a])[0]!, 'float32'), a));
    expect(grad(loss)(x).toArray()).toEqual([1, 2]);
  });

  test('gives no gradient for a result of integers, and gets none for one that is not used', () => {
    const ups: unknown[] = [];
    const watched = opaque({
      vjp(_attrs, upstream) {
        ups.push(upstream.map((up) => up?.toArray() ?? null));
        return [upstream[0]!];
      },
    });
    expect(grad(first(watched))(x).toArray()).toEqual([1, 1]);
    expect(ups).toEqual([[[1, 1], null]]);
    expect(grad(second(watched))(x).toArray()).toEqual([1, 2]);
    expect(ups).toHaveLength(1);
  });

  test('is told which gradients are wanted, and one that is not is dropped', () => {
    const seen: unknown[] = [];
    const product: OpDef = {
      name: 'product',
      infer: (_attrs, a) => [a],
      reference: (_attrs, [a, b], [y]) => a!.data.forEach((v: number, i: number) => (y!.data[i] = v * b!.data[i]!)),
      vjp(_attrs, [up], [a, b], _outputs, wants) {
        seen.push(wants);
        return [mul(up!, b!), mul(up!, a!)];
      },
    };
    const of = (a: Tensor, b: Tensor): Tensor => sum(apply(product, {}, [a, b])[0]!);
    expect(grad((a: Tensor) => of(a, tensor([3, 4])))(x).toArray()).toEqual([3, 4]);
    expect(grad((b: Tensor) => of(tensor([5, 6]), b))(x).toArray()).toEqual([5, 6]);
    expect(grad((a: Tensor) => of(a, a))(x).toArray()).toEqual([2, 4]);
    expect(seen).toEqual([
      [true, false],
      [false, true],
      [true, true],
    ]);
  });
});
