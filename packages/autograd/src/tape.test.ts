import {
  apply,
  cast,
  Eager,
  mul,
  neg,
  ReferenceBackend,
  run,
  sin,
  sum,
  tensor,
  type OpDef,
  type Tensor,
} from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { grad, graph, recompute, Tape, vjp } from './index.js';

const f64 = (values: any): Tensor => tensor(values, { dtype: 'float64' });
const x = f64([1, 2]);

/** Gives its input, and its input as integers, which have no gradient; counts how often it is gone back through. */
function pair(): { op: OpDef; calls: unknown[] } {
  const calls: unknown[] = [];
  const op: OpDef = {
    name: 'pair',
    infer: (_attrs, a) => [a, { shape: a.shape, dtype: 'int32' }],
    reference: (_attrs, [a], [y, n]) => {
      y!.data.set(a!.data);
      n!.data.set(a!.data);
    },
    vjp(_attrs, upstream) {
      calls.push(upstream.map((up) => up?.toArray() ?? up));
      return [upstream[0]!];
    },
  };
  return { op, calls };
}

/** Has no gradient. */
const opaque: OpDef = {
  name: 'opaque',
  infer: (_attrs, a) => [{ shape: a.shape, dtype: 'float64' }],
  reference: (_attrs, [a], [y]) => y!.data.set(a!.data),
};

describe('a tape', () => {
  test('goes back through nothing for a result that is a constant, though constants were made on the way', () => {
    const { op, calls } = pair();
    const loss = (a: Tensor): Tensor => {
      apply(op, {}, [a]);
      return f64(5);
    };
    expect(grad(loss)(x).toArray()).toEqual([0, 0]);
    const { pullback } = vjp((a: Tensor) => [loss(a), apply(op, {}, [a])[1]!], x);
    expect(pullback([f64(1), tensor([1, 1], { dtype: 'int32' })])[0].toArray()).toEqual([0, 0]);
    expect(calls).toEqual([]);
    expect(() => graph(loss, [x])).toThrow('graph: the result does not depend on the arguments');
    expect(calls).toEqual([]);
  });

  test('passes the gradient of an argument that is the result', () => {
    expect(grad((a: Tensor) => a)(f64(3)).item()).toBe(1);
    const { pullback } = vjp((a: Tensor) => a, x);
    expect(pullback(f64([5, 7]))[0].toArray()).toEqual([5, 7]);
    const { nodes, output } = graph((a: Tensor) => a, [x]);
    expect(nodes[output]!.upstream!.toArray()).toEqual([1, 1]);
  });

  test('takes what follows from integers alone for a constant', () => {
    const { op } = pair();
    const loss = (a: Tensor): Tensor => sum(mul(a, apply(opaque, {}, [apply(op, {}, [a])[1]!])[0]!));
    expect(grad(loss)(x).toArray()).toEqual([1, 2]);
  });

  test('tells its tensors from those of the tape around it', () => {
    // The inner result is x², of the outer tape, and bears the number that y² has on the inner one.
    const inner = (outer: Tensor): Tensor =>
      grad((y: Tensor) => {
        mul(y, y);
        return mul(outer, outer);
      })(f64(3));
    expect(grad((outer: Tensor) => mul(outer, inner(outer)))(f64(2)).item()).toBe(0);
  });

  test('is named where a tensor of it cannot be read, and where inputs live on two backends', () => {
    let freed = x;
    run((a: Tensor) => {
      freed = mul(a, 2);
      return a;
    }, x);
    expect(String(new Tape().track(freed))).toMatch(/^Tensor float64\[2\] \(gradient tape: .*free/);
    const [here, there] = [0, 1].map(() =>
      new Eager(new ReferenceBackend(), 1).fromValues({ shape: [], dtype: 'float64' }, Float64Array.of(1)),
    );
    expect(() => grad((a: Tensor, b: Tensor) => mul(a, b))(here!, there!)).toThrow(
      'valueAndGrad: its inputs live on two backends',
    );
  });
});

describe('a composite', () => {
  const twice: OpDef = {
    name: 'twice',
    infer: (_attrs, a) => [a, a, { shape: a.shape, dtype: 'int32' }, a],
    define: (_attrs, a) => [mul(a, 2), a, apply(pair().op, {}, [a])[1]!, f64([8, 9])],
  };

  test('is recorded by its definition', () => {
    expect(grad((a: Tensor) => sum(apply(twice, {}, [a])[0]!))(x).toArray()).toEqual([2, 2]);
  });

  test('or whole, with the gradients of those results that have one', () => {
    const through = (i: number): unknown => {
      const f = (a: Tensor): Tensor => sum(mul(a, cast(apply(twice, {}, [a])[i]!, 'float64')));
      const { nodes } = graph(f, [x], { whole: [twice] });
      expect(nodes.map(({ name }) => name)).toContain('twice');
      return nodes[0]!.upstream!.toArray();
    };
    expect([0, 1, 2, 3].map(through)).toEqual([
      [4, 8],
      [2, 4],
      [1, 2],
      [8, 9],
    ]);
  });

  test('whole inside of the gradient of a gradient', () => {
    const square: OpDef = { name: 'square', infer: (_attrs, a) => [a], define: (_attrs, a) => [mul(a, a)] };
    const slope = (a: Tensor): Tensor =>
      graph((b: Tensor) => apply(square, {}, [b])[0]!, [a], { whole: [square] }).nodes[0]!.upstream!;
    expect(grad(slope)(f64(3)).item()).toBe(2);
  });
});

describe('what runs again', () => {
  test('is given its arguments under another name, and what it captured under its own', () => {
    const outer = new Tape();
    const [a, b, w] = [f64(2), f64(3), f64(5)].map((t) => outer.track(t)) as [Tensor, Tensor, Tensor];
    grad((p: readonly [Tensor, Tensor]) => recompute((u: Tensor, v: Tensor) => mul(mul(sin(u), v), w))(...p))([a, b]);
    const again = outer.records.filter(({ op }) => op.name === 'again');
    expect(again.map(({ inputIds }) => inputIds)).toEqual([[0], [1]]);
  });

  test('is one node of a graph, with what it passes on', () => {
    const { nodes } = graph((a: Tensor) => neg(recompute((u: Tensor) => mul(u, u))(a)), [x]);
    const node = nodes.find(({ op }) => op?.recompute !== undefined)!;
    expect(node.upstream!.toArray()).toEqual([-1, -1]);
    expect(node.downstream.map((t) => t!.toArray())).toEqual([[-2, -4]]);
  });
});

test('a local gradient is asked of the op for that input and that result alone', () => {
  const asked: unknown[] = [];
  const product: OpDef = {
    name: 'product',
    infer: (_attrs, a) => [a, a],
    reference: (_attrs, [a, b], [y, z]) =>
      a!.data.forEach((v: number, i: number) => (z!.data[i] = y!.data[i] = v * b!.data[i]!)),
    vjp(_attrs, upstream, [a, b], _outputs, wants) {
      asked.push([...wants, upstream[1]]);
      return [wants[0] ? mul(upstream[0]!, b!) : null, wants[1] ? mul(upstream[0]!, a!) : null];
    },
  };
  const { nodes } = graph((a: Tensor, b: Tensor) => apply(product, {}, [a, b])[0]!, [f64([2]), f64([3])]);
  expect(nodes[2]!.local.map((t) => t!.toArray())).toEqual([[[3]], [[2]]]);
  expect(asked).toEqual([
    [true, true, null],
    [true, false, null],
    [false, true, null],
  ]);
});
