import { type Wasm, wasmBackend } from '@lemmata/backend-wasm';
import { apply, cast, NO_ATTRS, run, tensor, type Tensor } from '@lemmata/tensor';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { crossEntropy } from './cross-entropy.js';
import { SoftmaxCrossEntropy } from './op.js';
import { crossEntropyKernels } from './wasm.js';

const wasm = wasmBackend({ kernels: crossEntropyKernels, guards: true, threads: 1 });
const two = wasmBackend({ kernels: crossEntropyKernels, threads: 2 });
afterAll(() => two.stop());

const values = (shape: readonly number[], of: (i: number) => number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => of(i)),
    { shape },
  );
const losses = (backend: Wasm, z: Tensor, q: Tensor): ArrayLike<number> =>
  run(() => apply(SoftmaxCrossEntropy, NO_ATTRS, [backend.put(z), backend.put(q)]))[0].dataSync();
const expectedOf = (z: Tensor, q: Tensor): ArrayLike<number> =>
  apply(SoftmaxCrossEntropy, NO_ATTRS, [cast(z, 'float64'), cast(q, 'float64')])[0].dataSync();

test('keeps its bound, for any shape', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 13 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
      fc.constantFrom(1, 20),
      fc.nat(99),
      (samples, classes, spatial, scale, seed) => {
        const shape = [samples, classes, ...spatial];
        const z = values(shape, (i) => Math.sin(i * 12.9898 + seed) * scale);
        const q = values(shape, (i) => Math.max(0, Math.sin(i * 7.233 + seed)));
        const exact = expectedOf(z, q);
        const got = losses(wasm, z, q);
        wasm.checkGuards();
        // q is at most 1, and logits lie at most 2 · scale below the largest.
        const bound = classes * (2 ** -22 + 2 * scale * 2 ** -24);
        for (let i = 0; i < exact.length; i++)
          expect(Math.abs(got[i] - exact[i])).toBeLessThanOrEqual(bound + Math.abs(exact[i]) * 2 ** -23);
      },
    ),
    { numRuns: 60 },
  );
});

test('infinite and large logits, NaN, and classes without weight', () => {
  const z = tensor(
    [
      [1000, 999],
      [-Infinity, 3],
      [-Infinity, 3],
      [NaN, 1],
      [0, 0],
    ],
    { dtype: 'float32' },
  );
  const q = tensor([
    [0, 1],
    [0, 1],
    [1, 0],
    [1, 0],
    [0, 0],
  ]);
  const got = Array.from(losses(wasm, z, q));
  expect(got[0]).toBeCloseTo(1.3132616, 6);
  expect(got.slice(1)).toEqual([0, Infinity, NaN, 0]);
});

test('a target that is no class is named with its sample, and the backend goes on', () => {
  const x = wasm.put(values([2, 3, 2], Math.sin));
  const loss = (targets: number[][]): Tensor =>
    run(() => crossEntropy(x, wasm.put(tensor(targets, { dtype: 'int32' })), { ignoreIndex: 7 }));
  for (const bad of [3, -1])
    expect(() =>
      loss([
        [0, 7],
        [1, bad],
      ]),
    ).toThrow(`crossEntropy: target ${bad} of sample 1 is not a class; there are 3, counted from 0 (ignoreIndex is 7)`);
  expect(
    loss([
      [0, 7],
      [1, 2],
    ]).item(),
  ).toBeGreaterThan(0);
});

test('the same bits with one thread and with two', async () => {
  const [z, q] = [values([64, 10, 20, 20], Math.sin), values([64, 10, 20, 20], (i) => Number(i % 7 === 0))];
  const expected = losses(wasm, z, q);
  for (let i = 0; i < 500 && two.workers === 0; i++) {
    losses(two, z, q);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(two.workers).toBe(1);
  expect(losses(two, z, q)).toEqual(expected);
});
