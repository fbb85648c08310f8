import { wasmBackend } from '@lemmata/backend-wasm';
import { compile } from '@lemmata/compile';
import { apply, type OpDef, run, tensor, type Tensor } from '@lemmata/tensor';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { AveragePool, AveragePoolGradient } from '../average-pool/op.js';
import { averagePoolKernels } from '../average-pool/wasm.js';
import { MaxPool, type MaxPoolAttrs, Pick, Unpool } from '../max-pool/op.js';
import { maxPoolKernels } from '../max-pool/wasm.js';

const kernels = [...maxPoolKernels, ...averagePoolKernels];
const wasm = wasmBackend({ kernels, guards: true, threads: 1 });
const two = wasmBackend({ kernels, threads: 2 });
afterAll(() => two.stop());

function values(shape: readonly number[], of: (i: number) => number): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => of(i)),
    { shape },
  );
}
/** Small integers, of which many are equal. */
const integers = (shape: readonly number[], seed: number): Tensor =>
  values(shape, (i) => (((i + seed) * 7919) % 12) - 6);

const axis = fc
  .record({
    size: fc.integer({ min: 1, max: 23 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.constantFrom(1, 1, 2),
    before: fc.nat(2),
    after: fc.nat(2),
  })
  .map(({ size, kernel, stride, dilation, before, after }) => {
    const most = Math.floor(kernel / 2);
    const padding: [number, number] = [Math.min(before, most), Math.min(after, most)];
    return { size: Math.max(size, (kernel - 1) * dilation + 1), kernel, stride, dilation, padding };
  });
const cases = fc.record({
  images: fc.integer({ min: 0, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  ceil: fc.boolean(),
  seed: fc.nat(50),
});

const on = (op: Parameters<typeof apply>[0], attrs: object, operands: readonly Tensor[]): Tensor[] =>
  run(() =>
    apply(
      op,
      attrs,
      operands.map((t) => wasm.put(t)),
    ),
  );
const arrays = (tensors: readonly Tensor[]): unknown[] =>
  tensors.map((t) => [t.shape, [...t.dataSync()].map((x) => x + 0)]);

test('max pooling, its indices, unpool and pick agree with the reference', () => {
  fc.assert(
    fc.property(cases, ({ images, channels, axes, ceil, seed }) => {
      const size = axes.map((a) => a.size);
      const attrs = {
        kernel: axes.map((a) => a.kernel),
        stride: axes.map((a) => a.stride),
        dilation: axes.map((a) => a.dilation),
        padding: axes.map((a) => a.padding),
        ceil,
      };
      const x = integers([images, channels, ...size], seed);
      const expected = apply(MaxPool, attrs, [x]) as [Tensor, Tensor];
      expect(arrays(on(MaxPool, attrs, [x]))).toEqual(arrays(expected));
      const indices = expected[1];
      const y = integers(indices.shape, seed + 1);
      expect(arrays(on(Unpool, { size }, [y, indices]))).toEqual(arrays(apply(Unpool, { size }, [y, indices])));
      expect(arrays(on(Pick, {}, [x, indices]))).toEqual(arrays(apply(Pick, {}, [x, indices])));
      wasm.checkGuards();
    }),
    { numRuns: 80 },
  );
});

test('average pooling agrees with the reference; its gradient within the rounding of its shares and sums', () => {
  fc.assert(
    fc.property(
      cases,
      fc.boolean(),
      fc.constantFrom(null, null, 3, 0.1),
      ({ images, channels, axes, ceil, seed }, countIncludePad, divisor) => {
        const size = axes.map((a) => a.size);
        const attrs = {
          kernel: axes.map((a) => a.kernel),
          stride: axes.map((a) => a.stride),
          dilation: axes.map(() => 1),
          padding: axes.map((a) => a.padding),
          ceil,
          countIncludePad,
          divisor,
        };
        const x = integers([images, channels, ...size], seed);
        expect(arrays(on(AveragePool, attrs, [x]))).toEqual(arrays(apply(AveragePool, attrs, [x])));
        const [{ shape: outputShape }] = apply(AveragePool, attrs, [x]);
        const y = integers(outputShape, seed + 1);
        const [got] = on(AveragePoolGradient, { ...attrs, size }, [y]);
        const [expected] = apply(AveragePoolGradient, { ...attrs, size }, [y]);
        const [total] = apply(AveragePoolGradient, { ...attrs, size }, [values(y.shape, () => 6)]);
        const [a, b, most] = [got, expected, total].map((t) => t.dataSync()) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        // Each element lies in at most 4 windows along an axis: so many shares are rounded, and added up.
        const bound = (i: number): number => (4 ** size.length + 1) * 2 ** -24 * Math.abs(most[i]);
        expect(a.findIndex((v, i) => !(Math.abs(v - b[i]) <= bound(i)))).toBe(-1);
        wasm.checkGuards();
      },
    ),
    { numRuns: 80 },
  );
});

test('NaN is the largest, with its index; the first of equals is taken', () => {
  const attrs: MaxPoolAttrs = { kernel: [2], stride: [2], dilation: [1], padding: [[0, 0]], ceil: false };
  const x = tensor([[[1, NaN, NaN, 2, 3, 3, -Infinity, -Infinity, NaN, NaN]]], { dtype: 'float32' });
  expect(arrays(on(MaxPool, attrs, [x]))).toEqual(arrays(apply(MaxPool, attrs, [x])));
  const average = { ...attrs, countIncludePad: true, divisor: null };
  expect(arrays(on(AveragePool, average, [x]))).toEqual(arrays(apply(AveragePool, average, [x])));
});

test('an index outside of its plane is refused as the reference refuses it, also in a compiled function', () => {
  for (const wrong of [4, -1, 2 ** 30]) {
    const indices = tensor([[[0, wrong, 7]]], { dtype: 'int32' });
    const calls: [OpDef<any>, object, Tensor][] = [
      [Unpool, { size: [4] }, tensor([[[1, 2, 3]]])],
      [Pick, {}, tensor([[[1, 2, 3, 4]]])],
    ];
    for (const [op, attrs, x] of calls) {
      const expected = `${op.name}: index ${wrong} lies outside a plane of 4 elements`;
      expect(() => apply(op, attrs, [x, indices])).toThrow(expected);
      expect(() => on(op, attrs, [x, indices])).toThrow(expected);
      const compiled = compile((x: Tensor, indices: Tensor) => apply(op, attrs, [x, indices])[0]);
      expect(() => compiled(wasm.put(x), wasm.put(indices))).toThrow(expected);
      const good = tensor([[[0, 1, 2]]], { dtype: 'int32' });
      expect(compiled(wasm.put(x), wasm.put(good)).dataSync()).toEqual(apply(op, attrs, [x, good])[0].dataSync());
    }
    wasm.checkGuards();
  }
});

test('the same bits with one thread and with two', async () => {
  const attrs: MaxPoolAttrs = {
    kernel: [3, 3],
    stride: [2, 2],
    dilation: [1, 1],
    padding: [
      [1, 1],
      [1, 1],
    ],
    ceil: false,
  };
  const x = values([16, 16, 20, 20], (i) => Math.sin(i));
  const bits = (backend: typeof wasm): unknown[] => {
    const [y, indices] = apply(MaxPool, attrs, [backend.put(x)]);
    const average = { ...attrs, countIncludePad: true, divisor: null, size: [20, 20] };
    const results = [
      y,
      ...apply(Unpool, { size: [20, 20] }, [y, indices]),
      ...apply(AveragePoolGradient, average, [y]),
    ];
    return results.map((t) => t.dataSync());
  };
  const expected = bits(wasm);
  for (let i = 0; i < 500 && two.workers === 0; i++) {
    bits(two);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(two.workers).toBe(1);
  expect(bits(two)).toEqual(expected);
});
