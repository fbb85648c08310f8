import { expect, test } from 'vitest';
import { tensor } from './create.js';
import { Eager, eagerValue } from './eager.js';
import { add, mul } from './ops/arithmetic.js';
import { broadcastTo } from './ops/broadcast-to.js';
import { reshape } from './ops/reshape.js';
import { exp } from './ops/exponential.js';
import { ReferenceBackend } from './reference/backend.js';
import { run } from './scope.js';
import type { Tensor } from './tensor.js';

const alive = (t: Tensor): boolean => eagerValue(t).storage.data !== null;
const x = tensor([1, 2, 3]);

test('run frees what was made inside and keeps what is returned, in any tree', () => {
  const made: Tensor[] = [];
  const result = run((a) => {
    const [b, c, d] = [add(a, 1), add(a, 2), add(a, 3)];
    made.push(b, c, d);
    return { first: b, rest: [{ d }], text: 'x', none: undefined, nothing: null };
  }, x);
  expect(made.map(alive)).toEqual([true, false, true]);
  expect(result.first.toArray()).toEqual([2, 3, 4]);
  expect(result.rest[0].d.toArray()).toEqual([4, 5, 6]);
  expect(alive(x)).toBe(true);
});

test('touching an escaped tensor throws, naming the reader and the op that made it', () => {
  let escaped: Tensor = x;
  run((a) => void (escaped = exp(a)), x);
  const text =
    'this tensor was made by exp inside a scope that has ended, and its memory is free; return it from the scope';
  expect(() => add(escaped, 1)).toThrow(`add: ${text}`);
  expect(() => reshape(escaped, [3, 1])).toThrow(`reshape: ${text}`);
  expect(() => escaped.dataSync()).toThrow(`data: ${text}`);
});

test('a view that is returned keeps its memory; a view of an outer tensor never owns it', () => {
  const kept = run((a) => reshape(add(a, 1), [3, 1]), x);
  expect(kept.toArray()).toEqual([[2], [3], [4]]);
  const outer = run((a) => reshape(a, [1, 3]), x);
  expect(eagerValue(outer).storage).toBe(eagerValue(x).storage);
  run((a) => void broadcastTo(reshape(a, [1, 3]), [2, 3]), x);
  expect(x.toArray()).toEqual([1, 2, 3]);
});

test('a view of an outer scope survives the inner one and dies with its own', () => {
  let base: Tensor = x;
  run((a) => {
    base = add(a, 1);
    const view = run((b) => reshape(b, [3, 1]), base);
    expect(view.toArray()).toEqual([[2], [3], [4]]);
    expect(alive(base)).toBe(true);
  }, x);
  expect(alive(base)).toBe(false);
});

test('nested: what an inner scope returns belongs to the outer one', () => {
  const made: Tensor[] = [];
  const result = run((a) => {
    const inner = run((b) => {
      const [c, d] = [add(b, 1), add(b, 2)];
      made.push(c, d);
      return c;
    }, a);
    expect(made.map(alive)).toEqual([true, false]);
    return mul(inner, 10);
  }, x);
  expect(made.map(alive)).toEqual([false, false]);
  expect(result.toArray()).toEqual([20, 30, 40]);
});

test('a throw frees everything, nested scopes included, and leaves no scope open', () => {
  const made: Tensor[] = [];
  const fail = (): void =>
    run((a) => {
      made.push(add(a, 1));
      run((b) => {
        made.push(add(b, 1));
        throw new Error('inside');
      }, a);
    }, x);
  expect(fail).toThrow('inside');
  expect(made.map(alive)).toEqual([false, false]);
  expect(alive(add(x, 1))).toBe(true);
  const after = add(x, 5);
  run((a) => void add(a, 1), x);
  expect(after.toArray()).toEqual([6, 7, 8]);
});

test('an error that is caught inside ends only the scope that it left', () => {
  const result = run((a) => {
    const before = add(a, 1);
    try {
      run((b) => {
        add(b, 1);
        throw new Error('inside');
      }, a);
    } catch {
      // The outer computation goes on.
    }
    return mul(before, 2);
  }, x);
  expect(result.toArray()).toEqual([4, 6, 8]);
});

test('an asynchronous function is refused, by type and when run, and what it made is freed', () => {
  let made: Tensor = x;
  const text =
    'run: the function is asynchronous; a scope frees its tensors when the function returns, so it must be synchronous: await outside of it';
  expect(() =>
    // @ts-expect-error a promise is no result of a scope
    run(async (a: Tensor) => {
      made = add(a, 1);
      return made;
    }, x),
  ).toThrow(text);
  expect(alive(made)).toBe(false);
});

test('a returned tree that cannot be read closes the scope all the same', () => {
  let made: Tensor = x;
  class Odd {}
  const attempt = (): unknown =>
    run((a) => {
      made = add(a, 1);
      return { odd: new Map([[new Odd(), made]]) } as never;
    }, x);
  try {
    attempt();
  } catch {
    // Refusing is as good as passing over it.
  }
  expect(alive(made)).toBe(false);
  expect(alive(add(x, 1))).toBe(true);
});

test('equal steps reuse memory: live bytes are flat over 1,000 iterations', () => {
  const backend = new ReferenceBackend();
  const eager = new Eager(backend, 1);
  let weight = eager.fromValues({ shape: [64], dtype: 'float32' }, new Float32Array(64).fill(1));
  const input = eager.fromValues({ shape: [64], dtype: 'float32' }, new Float32Array(64).fill(0.5));
  const buffers = new Set<unknown>();
  const spare: number[] = [];
  for (let i = 0; i < 1000; i++) {
    weight = run(
      (w, v) => {
        const steps = [mul(w, v), add(w, v)];
        for (const t of steps) buffers.add(eagerValue(t).storage.data);
        return add(mul(steps[0], 0.5), mul(steps[1], 0.5));
      },
      weight,
      input,
    );
    spare.push(backend.memory.spareBytes);
  }
  expect(buffers.size).toBeLessThan(12);
  expect(new Set(spare.slice(10)).size).toBe(1);
  expect(spare[999]).toBeLessThanOrEqual(8 * 256);
});

test('memory of a size that is no longer used is let go', () => {
  const backend = new ReferenceBackend();
  const eager = new Eager(backend, 1);
  const step = (n: number): void => {
    run((v) => void add(add(v, 1), 1), eager.fromValues({ shape: [n], dtype: 'float32' }, new Float32Array(n)));
  };
  for (let n = 100; n < 200; n++) step(n);
  // What the last step took: two sums, and the number 1 twice.
  expect(backend.memory.spareBytes).toBe(2 * 4 * 199 + 2 * 4);
});

test('memory that is used again is not that of a tensor that was kept', () => {
  const keep: Tensor[] = [];
  for (let i = 0; i < 20; i++) keep.push(run((a) => add(add(a, i), 0), x));
  expect(keep.map((t) => t.dataSync()[0])).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});
