import {
  add,
  apply,
  broadcastTo,
  cast,
  div,
  flip,
  mul,
  neg,
  permute,
  run,
  scalar,
  slice,
  stopGradient,
  sub,
  sum,
  tensor,
  zeros,
  type OpDef,
  type Tensor,
} from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { grad, valueAndGrad, vjp } from './gradient.js';

const f64 = (values: any): Tensor => tensor(values, { dtype: 'float64' });

describe('grad', () => {
  test('of a polynomial, to third order by nesting', () => {
    const f = (x: Tensor): Tensor => mul(mul(x, x), mul(x, x));
    const x = f64(3);
    expect(grad(f)(x).item()).toBe(108);
    expect(grad(grad(f))(x).item()).toBe(108);
    expect(grad(grad(grad(f)))(x).item()).toBe(72);
  });

  test('a captured outer variable keeps its own derivative (nesting without confusion)', () => {
    // d/dx [x · d/dy (x + y)] = 1; confusing the two levels gives 2.
    const outer = grad((x: Tensor) => mul(x, grad((y: Tensor) => add(x, y))(f64(1))));
    expect(outer(f64(1)).item()).toBe(1);
  });

  test('E8: a tensor used twice accumulates, an unused one gets zeros', () => {
    const grads = grad((p: { a: Tensor; b: Tensor }) => sum(mul(p.a, p.a)))({
      a: tensor([1, 2]),
      b: tensor([5, 6, 7]),
    });
    expect(grads.a.toArray()).toEqual([2, 4]);
    expect(grads.b.toArray()).toEqual([0, 0, 0]);
  });

  test('E7: broadcast operands get the sum over what they were repeated along', () => {
    const grads = grad((p: { row: Tensor; one: Tensor; x: Tensor }) => sum(mul(add(p.x, p.row), p.one)))({
      x: tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      row: tensor([[1, 1, 1]]),
      one: scalar(2),
    });
    expect(grads.row.toArray()).toEqual([[4, 4, 4]]);
    expect(grads.one.item()).toBe(27);
    expect(grads.x.shape).toEqual([2, 3]);
  });

  test('E8: what is taken as a constant is not recorded', () => {
    const g = grad((x: Tensor) => sum(mul(stopGradient(mul(x, x)), x)))(f64([2, 3]));
    expect(g.toArray()).toEqual([4, 9]);
  });

  test('E9: views pass gradients to what they show: slices, transposes, repeats, reversed and empty ones', () => {
    const x = f64([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const weights = f64([
      [1, 10],
      [100, 1000],
    ]);
    const of = (f: (x: Tensor) => Tensor): unknown => grad((t: Tensor) => sum(f(t)))(x).toArray();
    expect(of((t) => mul(slice(t, [[null], [1, 3]]), weights))).toEqual([
      [0, 1, 10],
      [0, 100, 1000],
    ]);
    expect(of((t) => mul(slice(permute(t, [1, 0]), [[1, 3]]), weights))).toEqual([
      [0, 1, 100],
      [0, 10, 1000],
    ]);
    expect(
      of((t) =>
        mul(
          broadcastTo(
            slice(t, [
              [0, 1],
              [0, 2],
            ]),
            [2, 2],
          ),
          weights,
        ),
      ),
    ).toEqual([
      [101, 1010, 0],
      [0, 0, 0],
    ]);
    expect(of((t) => mul(slice(flip(t, -1), [[null], [0, 2]]), weights))).toEqual([
      [0, 10, 1],
      [0, 1000, 100],
    ]);
    expect(of((t) => slice(t, [[0, 0]]))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(of((t) => sum(mul(t, t), { axis: -1, keepdims: true }))).toEqual([
      [2, 4, 6],
      [8, 10, 12],
    ]);
  });

  test('E9: what a gradient needs is as it was, whatever becomes of the array that it came from', () => {
    const source = Float64Array.of(1, 2, 3);
    const { pullback } = vjp((x: Tensor) => mul(x, x), tensor(source));
    source.fill(100);
    expect(pullback(f64([1, 1, 1]))[0].toArray()).toEqual([2, 4, 6]);
  });

  test('an argument other than the first', () => {
    expect(grad((_: Tensor, y: Tensor) => mul(y, y), { argument: 1 })(scalar(1) as never, scalar(4)).item()).toBe(8);
  });
});

describe('valueAndGrad', () => {
  test('returns value, aux and gradients; aux carries no gradient', () => {
    const step = valueAndGrad((w: Tensor, x: Tensor) => {
      const y = mul(w, x);
      return [sum(mul(y, y)), { y }] as const;
    });
    const { value, aux, grads } = step(tensor([1, 2]), tensor([3, 4]));
    expect(value.item()).toBe(73);
    expect(aux.y.toArray()).toEqual([3, 8]);
    expect(grads.toArray()).toEqual([18, 64]);
  });

  test('E8: refuses a loss that is not a scalar, an integer parameter, an asynchronous function', () => {
    expect(() => valueAndGrad((x: Tensor) => x)(tensor([1, 2]))).toThrow(
      /loss must be a floating-point scalar, received float32\[2\]/,
    );
    expect(() => valueAndGrad((x: Tensor) => sum(x))(tensor([1, 2], { dtype: 'int32' }))).toThrow(
      /only floating-point tensors have gradients, received int32\[2\]/,
    );
    expect(() => valueAndGrad((async (x: Tensor) => sum(x)) as never)(tensor([1]) as never)).toThrow();
  });

  test('a tensor that escapes by closure says so when it is touched', () => {
    let escaped: Tensor | undefined;
    grad((x: Tensor) => {
      escaped = mul(x, x);
      return sum(x);
    })(tensor([1, 2]));
    expect(() => add(escaped!, 1)).toThrow(/add: an input was made inside a function whose gradient has been taken/);
  });

  test('run inside a gradient frees nothing that the gradient needs', () => {
    const g = grad((x: Tensor) => run((y: Tensor) => sum(mul(mul(y, y), y)), x))(tensor([1, 2]));
    expect(g.toArray()).toEqual([3, 12]);
  });

  test('integer results on the way are constants', () => {
    const g = grad((x: Tensor) => sum(mul(x, cast(cast(x, 'int32'), 'float32'))))(tensor([1.5, 2.5]));
    expect(g.toArray()).toEqual([1, 2]);
  });
});

describe('what has no gradient', () => {
  test('a loss that does not depend on its argument has a gradient of zeros', () => {
    const { value, grads } = valueAndGrad((_: Tensor, y: Tensor) => sum(y))(tensor([1, 2]), tensor([3, 4]));
    expect([value.item(), grads.toArray()]).toEqual([7, [0, 0]]);
  });

  const opaque = (vjp?: OpDef['vjp']): OpDef => ({
    name: 'opaque',
    infer: (_attrs, x) => [x!],
    reference: (_attrs, [x], [y]) => y!.data.set(x!.data),
    ...(vjp && { vjp }),
  });

  test('an op without one says so where it meets what is differentiated, unless its input is a constant there', () => {
    const of = (x: Tensor): Tensor => sum(apply(opaque(), {}, [x])[0]!);
    expect(() => grad(of)(tensor([1, 2]))).toThrow(
      'opaque is not differentiable, and its input depends on what is differentiated; take stopGradient of the input if that is meant',
    );
    expect(grad((x: Tensor) => sum(mul(x, of(stopGradient(x)))))(tensor([1, 2])).toArray()).toEqual([3, 3]);
  });

  test('an op whose gradient has another shape than its input is named', () => {
    const wrong = opaque((_attrs, [up]) => [sum(up!)]);
    expect(() => grad((x: Tensor) => sum(apply(wrong, {}, [x])[0]!))(tensor([1, 2]))).toThrow(/opaque/);
  });
});

describe('vjp', () => {
  test('as many upstream gradients as there are results', () => {
    const { pullback } = vjp((a: Tensor) => [a, neg(a)], tensor([1]));
    expect(() => pullback([tensor([1])])).toThrow(
      'pullback: expected 2 upstream gradients, as the value has tensors, received 1',
    );
  });

  test('a result given twice gets both upstream gradients, and a constant passes none on', () => {
    const { pullback } = vjp(
      (a: Tensor) => {
        const twice = mul(a, 2);
        return [twice, twice, tensor([5])];
      },
      tensor([1]),
    );
    expect(pullback([tensor([1]), tensor([10]), tensor([100])])[0].toArray()).toEqual([22]);
  });

  test('E8: pulls back any upstream, any number of times, to every argument', () => {
    const { value, pullback } = vjp((a: Tensor, b: Tensor) => [mul(a, b), sub(a, b)], tensor([1, 2]), tensor([3, 4]));
    expect(value.map((t) => t.toArray())).toEqual([
      [3, 8],
      [-2, -2],
    ]);
    for (let i = 0; i < 2; i++) {
      const [da, db] = pullback([tensor([1, 10]), tensor([100, 1000])]);
      expect(da.toArray()).toEqual([103, 1040]);
      expect(db.toArray()).toEqual([1 - 100, 20 - 1000]);
    }
    expect(() => pullback([tensor([1, 1, 1]), tensor([1, 1])])).toThrow(/upstream 0 must be float32\[2\]/);
  });

  test('chain rule: d/dt f(x(t)) = df/dx · dx/dt', () => {
    const x = (t: Tensor): Tensor => div(1, add(1, mul(t, t)));
    const f = (v: Tensor): Tensor => mul(neg(v), mul(v, v));
    const t = f64(0.7);
    const direct = grad((s: Tensor) => f(x(s)))(t).item();
    expect(direct).toBeCloseTo(grad(f)(x(t)).item() * grad(x)(t).item(), 14);
  });

  test('a broadcast zero upstream works like any other', () => {
    const { pullback } = vjp((a: Tensor) => broadcastTo(a, [2, 2]), tensor([1, 2]));
    expect(pullback(zeros([2, 2]))[0].toArray()).toEqual([0, 0]);
  });
});
