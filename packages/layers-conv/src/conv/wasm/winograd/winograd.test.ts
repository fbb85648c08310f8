import { wasmBackend } from '@lemmata/backend-wasm';
import { compile } from '@lemmata/compile';
import { noise } from '@lemmata/laws';
import { add, mul, run, sum, tensor, type Spec, type Tensor } from '@lemmata/tensor';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Convolution, ConvolutionInputGradient, ConvolutionWeightGradient } from '../../op.js';
import { convKernels } from '../../wasm.js';
import { winogradKernels } from './kernels.js';
import { attrsOf, type Case, cases, exactly, fill, operandsOf, SLOTS } from './cases.laws.js';

const TILES = [2, 4] as const;

const shape = (x: readonly [number, number, number, number], filters: number, groups = 1, padding = 1): Case => ({
  images: x[0],
  groups,
  channels: x[1] / groups,
  filters: filters / groups,
  size: [x[2], x[3]],
  padding: [
    [padding, padding],
    [padding, padding],
  ],
  seed: 1,
});

/** Float32 specs of the inputs of the three ops. */
const specsOf = (c: Case): readonly (readonly Spec[])[] => {
  const [x, w, y] = operandsOf(c, (count) => new Float32Array(count)).map(
    (t): Spec => ({ shape: t.shape, dtype: 'float32' }),
  );
  return [
    [x, w],
    [y, w],
    [x, y],
  ];
};

test.each(TILES)('F%i takes all cases of the laws, for every slot', (tile) => {
  const kernels = winogradKernels({ tile });
  expect(kernels.map(({ op }) => op)).toEqual([Convolution, ConvolutionInputGradient, ConvolutionWeightGradient]);
  fc.assert(
    fc.property(cases, (c) => {
      const attrs = [attrsOf(c), { ...attrsOf(c), size: c.size }, { ...attrsOf(c), size: [3, 3] }];
      specsOf(c).forEach((specs, i) => expect(kernels[i].accepts(attrs[i], specs)).toBe(true));
    }),
  );
});

test('convolutions that do not suit are left to other kernels', () => {
  const [forward] = winogradKernels();
  const plain = attrsOf(shape([2, 16, 12, 12], 16));
  const specs = (x: number[], w: number[], dtype: Spec['dtype'] = 'float32'): Spec[] => [
    { shape: x, dtype },
    { shape: w, dtype },
  ];
  expect(forward.accepts(plain, specs([2, 16, 12, 12], [16, 16, 3, 3]))).toBe(true);
  expect(forward.accepts(plain, specs([2, 16, 12, 12], [16, 16, 3, 3], 'float64'))).toBe(false);
  expect(forward.accepts(plain, specs([2, 16, 12, 12], [16, 16, 5, 5]))).toBe(false);
  expect(forward.accepts(plain, specs([2, 3, 12, 12], [16, 3, 3, 3]))).toBe(false);
  expect(forward.accepts(plain, specs([0, 16, 12, 12], [16, 16, 3, 3]))).toBe(false);
  expect(forward.accepts(plain, specs([2, 16, 3, 12], [16, 16, 3, 3]))).toBe(false);
  expect(forward.accepts({ ...plain, groups: 16 }, specs([2, 16, 12, 12], [16, 1, 3, 3]))).toBe(false);
  for (const changed of [{ stride: [2, 1] }, { dilation: [1, 2] }])
    expect(forward.accepts({ ...plain, ...changed }, specs([2, 16, 12, 12], [16, 16, 3, 3]))).toBe(false);
  const line = { stride: [1], dilation: [1], padding: [[1, 1] as const], groups: 1 };
  expect(forward.accepts(line, specs([2, 16, 12], [16, 16, 3]))).toBe(false);
});

test('options that do not exist are refused', () => {
  expect(() => winogradKernels({ tile: 6 as 4 })).toThrow('winogradKernels: tile is 2 or 4, received 6');
  expect(() => winogradKernels({ size: 4 } as object)).toThrow(/winogradKernels.*size/);
});

/** Largest error beside the root mean square. */
function errorOf(
  slot: (typeof SLOTS)[number],
  c: Case,
  got: ArrayLike<number>,
  operands: [Tensor, Tensor, Tensor],
): number {
  const exact = exactly(slot, c, operands);
  const rms = Math.sqrt(exact.reduce((total, v) => total + v * v, 0) / exact.length);
  return exact.reduce((most, v, i) => Math.max(most, Math.abs(v - got[i])), 0) / rms;
}

describe.each(TILES)('F%i', (tile) => {
  const kernels = winogradKernels({ tile });
  const guarded = wasmBackend({ kernels, guards: true, threads: 1 });
  const plainSimd = wasmBackend({ kernels, guards: true, threads: 1, simd: 'plain' });
  const two = wasmBackend({ kernels, threads: 2 });
  afterAll(() => two.stop());

  test.each([
    ['14², ragged', shape([2, 20, 14, 14], 24)],
    ['7², ragged', shape([5, 32, 7, 7], 32)],
    ['more channels than a panel of the cache', shape([1, 300, 9, 9], 40)],
    ['more columns than a unit of work', shape([1, 8, 5, 530], 8)],
    ['many blocks of tiles', shape([6, 8, 40, 40], 8)],
    ['groups', shape([2, 48, 10, 11], 24, 3)],
    ['no padding', shape([2, 16, 9, 8], 16, 1, 0)],
    ['more padding than a window', shape([2, 16, 6, 6], 16, 1, 5)],
  ])('stays below its bound with either kind of SIMD: %s', (_, c) => {
    const operands = operandsOf(c, noise);
    for (const backend of [guarded, plainSimd]) {
      const there = operands.map((t) => backend.put(t)) as [Tensor, Tensor, Tensor];
      for (const slot of SLOTS) {
        const got = run(() => fill(slot, c, there)).dataSync();
        backend.checkGuards();
        expect(errorOf(slot, c, got, operands), slot).toBeLessThan(tile === 2 ? 2 ** -17 : 2 ** -15);
      }
    }
  });

  test('the same bits with one thread and with two', async () => {
    const warm = two.tensor(new Float32Array(400_000));
    for (let i = 0; i < 500 && two.workers === 0; i++) {
      mul(warm, sum(warm));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(two.workers).toBe(1);
    for (const c of [shape([8, 32, 16, 16], 32), shape([9, 16, 14, 14], 40), shape([2, 32, 20, 130], 16, 2)]) {
      const operands = operandsOf(c, noise);
      for (const slot of SLOTS) {
        const on = (backend: typeof two): ArrayLike<number> =>
          fill(slot, c, operands.map((t) => backend.put(t)) as [Tensor, Tensor, Tensor]).dataSync();
        expect(on(two)).toEqual(on(guarded));
      }
    }
  });

  test('compiled, with what follows as an epilogue, it gives the bits that it gives eagerly', () => {
    const backend = wasmBackend({ kernels: [...kernels, ...convKernels], guards: true, threads: 1 });
    for (const c of [shape([3, 16, 14, 11], 20), shape([2, 16, 7, 210], 24, 2)]) {
      const operands = operandsOf(c, noise).map((t) => backend.put(t)) as [Tensor, Tensor, Tensor];
      for (const slot of SLOTS) {
        const network = (...given: Tensor[]): Tensor => {
          const value = fill(slot, c, given as [Tensor, Tensor, Tensor]);
          const bias = tensor(noise(value.shape[1], 5), { shape: [value.shape[1], 1, 1], dtype: 'float32' });
          return mul(add(value, bias), 0.5);
        };
        const compiled = compile(network);
        const received = compiled(...operands).dataSync();
        expect(received).toEqual(network(...operands).dataSync());
        expect(String(compiled)).toMatch(/: 1 line,/);
        backend.checkGuards();
      }
    }
  });
});

test('left out, it changes nothing: with it, other convolutions have the bits of the other kernels', () => {
  const both = wasmBackend({ kernels: [...winogradKernels(), ...convKernels], threads: 1 });
  const other = wasmBackend({ kernels: convKernels, threads: 1 });
  const c = shape([2, 4, 12, 12], 16);
  const operands = operandsOf(c, noise);
  for (const slot of SLOTS) {
    const on = (backend: typeof both): ArrayLike<number> =>
      fill(slot, c, operands.map((t) => backend.put(t)) as [Tensor, Tensor, Tensor]).dataSync();
    expect(on(both)).toEqual(on(other));
  }
});
