import fc from 'fast-check';
import { compile } from '@lemmata/compile';
import { add, exp, matmul, mul, ones, permute, run, sum, tensor, zeros, type Tensor } from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import { wasmBackend } from '../wasm.js';
import { Heap } from './heap.js';
import { classBytes, LINE, sizeClass } from './size-class.js';

describe('size classes', () => {
  test('a block is large enough, the smallest of its kind, and at most a quarter too large', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 }), (bytes) => {
        const kind = sizeClass(bytes);
        const size = classBytes(kind);
        expect(size).toBeGreaterThanOrEqual(bytes);
        expect(size % LINE).toBe(0);
        if (kind > 0) expect(classBytes(kind - 1)).toBeLessThan(Math.max(bytes, 1));
        expect(size).toBeLessThanOrEqual(1.25 * bytes + LINE);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('heap', () => {
  for (const shared of [true, false]) {
    test(`blocks do not overlap, are aligned and come back (${shared ? 'shared' : 'unshared'})`, () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.boolean()), { maxLength: 60 }), (steps) => {
          const heap = new Heap({ shared, maximumBytes: 2 ** 20 });
          const blocks: { at: number; bytes: number }[] = [];
          for (const [bytes, free] of steps) {
            if (free && blocks.length > 0) {
              const { at, bytes: size } = blocks.splice(bytes % blocks.length, 1)[0];
              heap.give(at, size);
              continue;
            }
            const at = heap.take(bytes, 'x')!;
            expect(at % 64).toBe(0);
            expect(at).toBeGreaterThan(0);
            for (const other of blocks)
              expect(at + Math.max(bytes, 1) <= other.at || other.at + Math.max(other.bytes, 1) <= at).toBe(true);
            blocks.push({ at, bytes });
          }
          blocks.forEach(({ at, bytes }) => heap.give(at, bytes));
          expect(heap.takenBytes).toBe(0);
        }),
        { numRuns: 30 },
      );
    });
  }

  test('grows in place, and views over earlier memory stay good', () => {
    const heap = new Heap({ shared: true, maximumBytes: 2 ** 28 });
    const first = new Float32Array(heap.current, heap.take(16, 'x')!, 4);
    first.fill(7);
    const before = heap.current;
    heap.take(2 ** 27, 'large');
    expect(heap.current.byteLength).toBeGreaterThan(2 ** 27);
    expect([...first]).toEqual([7, 7, 7, 7]);
    expect(heap.owns(before) && heap.owns(heap.current)).toBe(true);
    expect(heap.owns(new ArrayBuffer(8))).toBe(false);
  });

  test('takes from larger blocks when nothing else is left, and says when there is nothing', () => {
    const heap = new Heap({ shared: true, maximumBytes: 2 ** 20 });
    const large = heap.take(900_000, 'x')!;
    expect(heap.take(200_000, 'x')).toBeNull();
    heap.give(large, 900_000);
    expect(heap.take(200_000, 'x')).not.toBeNull();
    expect(heap.take(200_000, 'x')).not.toBeNull();
    expect(() => new Heap({ shared: true, maximumBytes: 2 ** 33 })).toThrow(
      'maximumBytes lies between 64 KiB and 4 GiB, received 8589934592',
    );
  });

  test('guards notice writes before and behind a block', () => {
    for (const offset of [-64, -61, -1, 10, 11, 12, 13, 63, 64, 127]) {
      const heap = new Heap({ shared: true, maximumBytes: 2 ** 20, guards: true });
      const at = heap.take(10, 'relu')!;
      heap.checkGuards();
      new Uint8Array(heap.current)[at + offset] = 1;
      const what = `${offset < 0 ? 'before' : 'behind'} the 10 bytes of relu was written to, at byte ${offset}`;
      expect(() => heap.checkGuards()).toThrow(what);
      expect(() => heap.give(at, 10)).toThrow(what);
    }
  });

  test('guards are NaN, and notice one that was read elsewhere, be it in another guard', () => {
    const heap = new Heap({ shared: true, maximumBytes: 2 ** 20, guards: true });
    const [first, second] = [heap.take(16, 'x')!, heap.take(16, 'y')!];
    const floats = new Float32Array(heap.current);
    expect([...floats.subarray(first / 4 - 16, first / 4 + 32)].every(Number.isNaN)).toBe(true);
    for (const from of [first / 4 - 1, first / 4, first / 4 + 4]) {
      const words = new Uint32Array(heap.current);
      const was = words[second / 4 + 4];
      words[second / 4 + 4] = words[from];
      expect(() => heap.checkGuards()).toThrow('behind the 16 bytes of y was written to, at byte 16');
      words[second / 4 + 4] = was;
      heap.checkGuards();
    }
  });
});

describe('lifetimes', () => {
  test('scopes use the same memory again; what leaves them is an array of its own', () => {
    const wasm = wasmBackend({ guards: true, threads: 1 });
    const x = wasm.tensor([1, 2, 3, 4]);
    const step = (): Tensor => run((x: Tensor) => run((y: Tensor) => mul(exp(y), exp(y)), add(x, 1)), x);
    step();
    const first = step();
    const before = wasm.memoryBytes;
    for (let i = 0; i < 1000; i++) step();
    expect(wasm.memoryBytes).toBe(before);
    expect(first.toArray()).toEqual(step().toArray());
  });

  test('what lies outside of scopes is copied once, and its copy goes when a scope no longer reads it', () => {
    const wasm = wasmBackend({ guards: true, threads: 1 });
    const [x, y] = [1, 2].map((value) => wasm.put(tensor(new Float32Array(50_000).fill(value))));
    const total = (...of: Tensor[]): number => run((...of: Tensor[]) => sum(of.reduce(add)).item(), ...of);
    const held = (...of: Tensor[]): number => {
      for (let i = 0; i < 3; i++) expect(total(...of)).toBe(50_000 * of.reduce((n, t) => n + (t === x ? 1 : 2), 0));
      return wasm.memoryBytes;
    };
    const one = held(x, x);
    expect(held(x, y) - one).toBeGreaterThanOrEqual(200_000);
    expect(held(x, x)).toBe(one);
    expect(held(y, y)).toBe(one);
  });

  test('out of memory: what was asked for, what is live, and everything still works', () => {
    const wasm = wasmBackend({ maximumBytes: 2 ** 23, threads: 1 });
    const x = zeros([1000, 1000]);
    expect(() => run((x: Tensor) => add(exp(add(x, 1)), 1), wasm.put(x))).toThrow(
      /no memory for float32\[1000000\] of \w+, 3.8 MiB: 3.8 MiB are live in scopes \(the largest: float32\[1000000\] of add, 3.8 MiB; float32\[1\] of full, 0.000 MiB\), compiled programs and scratch hold [\d.]+ MiB, and the limit is 8.0 MiB; use a smaller batch/,
    );
    // Copies of what was read before, and memory of scopes that ended, make room.
    for (let i = 0; i < 5; i++)
      expect(run((x: Tensor) => sum(exp(x)).item(), wasm.put(zeros([700_000 + i])))).toBe(700_000 + i);
    expect(sum(add(wasm.tensor([1, 2]), 1)).item()).toBe(5);
    expect(sum(wasm.put(tensor(new Float32Array(1000).fill(1)))).item()).toBe(1000);
  });

  test('out of memory in a compiled function and for working memory', () => {
    const wasm = wasmBackend({ maximumBytes: 2 ** 23, threads: 1 });
    const large = wasm.put(zeros([1000, 1000]));
    const f = compile((x: Tensor) => sum(matmul(exp(x), x)));
    expect(() => f(large)).toThrow(/no memory for .* of a compiled program, 3.8 MiB: .* the limit is 8.0 MiB/);
    const small = wasm.put(ones([8, 8]));
    expect(f(small).item()).toBeCloseTo(512 * Math.E, 3);
    expect(() => matmul(large, permute(large, [1, 0]))).toThrow(/no memory for .* the limit is 8.0 MiB/);
    expect(sum(matmul(small, small)).item()).toBe(512);
  });
});
