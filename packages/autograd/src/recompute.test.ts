import {
  add,
  Eager,
  exp,
  matmul,
  mul,
  ReferenceBackend,
  sin,
  sum,
  tensor,
  type DType,
  type Storage,
  type Tensor,
} from '@lemmata/tensor';
import { expect, test } from 'vitest';
import { grad, recompute, valueAndGrad, vjp } from './index.js';

const f64 = (values: any): Tensor => tensor(values, { dtype: 'float64' });

test('the function is called once, and its ops run twice', () => {
  let calls = 0;
  const f = recompute((x: Tensor) => {
    calls++;
    return sin(mul(x, x));
  });
  expect(grad(f)(f64(2)).item()).toBe(4 * Math.cos(4));
  expect(calls).toBe(1);
});

test('trees pass in and out; what is not a tensor, an argument and what was captured pass as they are', () => {
  const captured = f64(5);
  const f = recompute(({ a, b }: { a: Tensor; b: readonly Tensor[] }, times: number, name: string) => ({
    y: mul(a, times),
    nested: [b[0]!, captured, name] as const,
  }));
  const [a, b] = [f64(2), f64(3)];
  const { y, nested } = f({ a, b: [b] }, 10, 'x');
  expect(y.item()).toBe(20);
  expect(nested[0]).toBe(b);
  expect(nested[1]).toBe(captured);
  expect(nested[2]).toBe('x');
});

test('outside of a gradient it is the function', () => {
  expect(recompute((x: Tensor) => exp(x))(f64(0)).item()).toBe(1);
});

test('what is captured gets its gradient, also where no argument is differentiated', () => {
  const x = f64([1, 2]);
  const loss = (w: Tensor): Tensor => sum(recompute((x: Tensor) => mul(sin(mul(x, w)), w))(x));
  const plain = (w: Tensor): Tensor => sum(mul(sin(mul(x, w)), w));
  expect(grad(loss)(f64(0.5)).item()).toBe(grad(plain)(f64(0.5)).item());
});

test('an element may be looked at inside', () => {
  const f = recompute((x: Tensor) => {
    const y = mul(x, x);
    return y.item() > 3 && x.item() > 0 ? mul(y, 10) : y;
  });
  expect(grad(f)(f64(2)).item()).toBe(40);
  expect(grad(f)(f64(1)).item()).toBe(2);
});

test('it nests, and further derivatives pass through it', () => {
  const cube = recompute((x: Tensor) => mul(recompute((y: Tensor) => mul(y, y))(x), x));
  expect(grad(cube)(f64(2)).item()).toBe(12);
  expect(grad(grad(cube))(f64(2)).item()).toBe(12);
  expect(grad(grad(grad(cube)))(f64(2)).item()).toBe(6);
  expect(grad(recompute(grad(cube)))(f64(2)).item()).toBe(12);
});

test('a pullback may be called again, and inside of another gradient', () => {
  const { pullback } = vjp(
    recompute((x: Tensor) => sin(mul(x, x))),
    f64(2),
  );
  expect(pullback(f64(1))[0].item()).toBe(4 * Math.cos(4));
  expect(pullback(f64(1))[0].item()).toBe(4 * Math.cos(4));
  expect(grad((up: Tensor) => pullback(up)[0])(f64(1)).item()).toBe(4 * Math.cos(4));
});

test('what does not reach the loss, and what has no gradient, is passed over', () => {
  const f = recompute((x: Tensor, y: Tensor) => [mul(x, 2), mul(y, 3)] as const);
  const { x, y } = grad((p: { x: Tensor; y: Tensor }) => f(p.x, p.y)[0])({ x: f64(1), y: f64(1) });
  expect([x.item(), y.item()]).toEqual([2, 0]);
});

test('an asynchronous function is refused, and so is what leaks out of it', () => {
  expect(() => recompute((async (x: Tensor) => x) as never)(f64(1))).toThrow('recompute: the function is asynchronous');
  let leaked: Tensor | undefined;
  recompute((x: Tensor) => {
    leaked = mul(x, 2);
    return x;
  })(f64(1));
  expect(() => add(leaked!, 1)).toThrow('add: an input was made inside a function that recompute was given');
});

/** Knows how many bytes were alive at once. */
class Metered extends ReferenceBackend {
  peak = 0;
  private made: Storage[] = [];

  override allocate(dtype: DType, length: number, madeBy: string): Storage {
    const storage = super.allocate(dtype, length, madeBy);
    this.made = [...this.made.filter(({ data }) => data !== null), storage];
    this.peak = Math.max(
      this.peak,
      this.made.reduce((bytes, { data }) => bytes + (data?.byteLength ?? 0), 0),
    );
    return storage;
  }
}

test('eagerly too, less is alive at a time', () => {
  const peak = (transform: typeof recompute): number => {
    const backend = new Metered();
    const eager = new Eager(backend, 1);
    const block = transform((x: Tensor, w: Tensor) => {
      let y = x;
      for (let i = 0; i < 8; i++) y = sin(matmul(y, w));
      return y;
    });
    const random = (rows: number): Tensor =>
      eager.fromValues(
        { shape: [rows, 4], dtype: 'float32' },
        Float32Array.from({ length: rows * 4 }, (_, i) => Math.sin(i)),
      );
    valueAndGrad((w: Tensor, x: Tensor) => {
      let y = x;
      for (let i = 0; i < 8; i++) y = block(y, w);
      return sum(y);
    })(random(4), random(256));
    return backend.peak;
  };
  expect(peak(recompute)).toBeLessThan(peak(((f: unknown) => f) as never) / 3);
});
