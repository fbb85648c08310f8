import { type Wasm, wasmBackend } from '@lemmata/backend-wasm';
import { compile } from '@lemmata/compile';
import { add, apply, cast, maximum, type OpDef, run, tensor, type Tensor } from '@lemmata/tensor';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { BatchNorm, BatchNormGradient } from './op.js';
import { batchNormKernels } from './wasm.js';

const wasm = wasmBackend({ kernels: batchNormKernels, guards: true, threads: 1 });
const two = wasmBackend({ kernels: batchNormKernels, threads: 2 });
afterAll(() => two.stop());

function reals(shape: readonly number[], seed: number, centre = 0): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, (_, i) => centre + Math.sin(i * 12.9898 + seed * 7.7));
  return tensor(values, { shape });
}

interface Case {
  readonly op: OpDef<{ readonly eps: number }>;
  readonly operands: readonly Tensor[];
}

/** Both ops on x of this shape, the gradient with the statistics that belong to x. */
function casesOf(shape: readonly number[], seed: number, centre: number, eps: number): readonly Case[] {
  const channels = [shape[1]!];
  const [x, weight, bias] = [reals(shape, seed, centre), reals(channels, seed + 1), reals(channels, seed + 2)];
  const [, mean, variance] = apply(BatchNorm, { eps }, [x, weight, bias]) as [Tensor, Tensor, Tensor];
  return [
    { op: BatchNorm, operands: [x, weight, bias] },
    { op: BatchNormGradient, operands: [x, weight, mean, variance, reals(shape, seed + 3)] },
  ];
}

const compute = ({ op, operands }: Case, eps: number, put: (t: Tensor) => Tensor): Tensor[] =>
  run(() => apply(op, { eps }, operands.map(put)));

test('lies within a few roundings of what float64 gives, for any shape', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
      fc.nat(99),
      fc.constantFrom(0, 3, -30),
      fc.constantFrom(1e-5, 0.1),
      (images, channels, spatial, seed, centre, eps) => {
        const shape = [images + Number(images * spatial.reduce((a, b) => a * b, 1) === 1), channels, ...spatial];
        for (const each of casesOf(shape, seed, centre, eps)) {
          const got = compute(each, eps, (t) => wasm.put(t));
          const exact = compute(each, eps, (t) => cast(t, 'float64'));
          wasm.checkGuards();
          got.forEach((t, i) => {
            expect(t.shape).toEqual(exact[i]!.shape);
            const [a, b] = [t.dataSync() as Float32Array, exact[i]!.dataSync() as Float64Array];
            const most = b.reduce((m: number, v) => Math.max(m, Math.abs(v)), 1);
            // The mean is kept in float32. In the gradient one off by half an ulp moves every value of its channel: by
            // |mean| · 2⁻²⁴ / √ε at most.
            const rounded = each.op === BatchNorm ? Number(i === 1) : 1 / Math.sqrt(eps);
            const bound = most * 2 ** -20 + (Math.abs(centre) + 1) * 2 ** -23 * rounded;
            expect(a.findIndex((v, k) => !(Math.abs(v - b[k]!) <= bound))).toBe(-1);
          });
        }
      },
    ),
    { numRuns: 80 },
  );
});

test('statistics of integers are exact', () => {
  const x = tensor(
    Float32Array.from({ length: 96 }, (_, i) => (i * 7) % 16),
    { shape: [4, 3, 8] },
  );
  const ones = [tensor([1, 1, 1]), tensor([0, 0, 0])];
  const [, mean, variance] = apply(
    BatchNorm,
    { eps: 1e-5 },
    [x, ...ones].map((t) => wasm.put(t)),
  );
  const [, expectedMean, expectedVariance] = apply(BatchNorm, { eps: 1e-5 }, [x, ...ones]);
  expect(mean!.dataSync()).toEqual(expectedMean!.dataSync());
  expect(variance!.dataSync()).toEqual(expectedVariance!.dataSync());
});

test('a mean a thousand times the spread costs no digits of the variance', () => {
  const x = tensor(
    Float32Array.from({ length: 64 }, (_, i) => 4096 + (i % 2)),
    { shape: [2, 1, 32] },
  );
  const [, , variance] = apply(BatchNorm, { eps: 1e-5 }, [wasm.put(x), wasm.tensor([1]), wasm.tensor([0])]);
  expect(variance!.dataSync()[0]).toBe(0.25);
});

test.each([
  [1000, 0.25],
  [-40_000, 1],
  [100, 2 ** -10],
])('N6: values around %d with a spread of %d are normalised to the last digits', (centre, spread) => {
  const shape = [4, 2, 9, 9];
  const x = tensor(
    reals(shape, 1)
      .dataSync()
      .map((v) => centre + spread * v),
    { shape },
  );
  const operands = [x, tensor([1, 0.5]), tensor([0, 2])];
  const attrs = { eps: 0 };
  const [y, , variance] = apply(
    BatchNorm,
    attrs,
    operands.map((t) => wasm.put(t)),
  );
  const [exact, , exactVariance] = apply(
    BatchNorm,
    attrs,
    operands.map((t) => cast(t, 'float64')),
  );
  const [a, b] = [y!, exact!].map((t) => t.dataSync());
  // |y| < 4: a scale, a product and a sum are rounded, each by 2⁻²⁴ of that at most.
  expect(b!.findIndex((v, i) => !(Math.abs(a![i]! - v) <= 4 * 3 * 2 ** -24))).toBe(-1);
  expect(variance!.dataSync()).toEqual(Float32Array.from(exactVariance!.dataSync()));
});

test('NaN spoils its channel and no other', () => {
  const values = reals([3, 4, 5], 1).dataSync();
  values[20 + 2 * 5 + 3] = NaN;
  const operands = [tensor(values, { shape: [3, 4, 5] }), reals([4], 2), reals([4], 3)].map((t) => wasm.put(t));
  for (const t of apply(BatchNorm, { eps: 1e-5 }, operands)) {
    const rows = t.size === 4 ? [...t.dataSync()] : (t.toArray() as number[][][])[0]!.map((row) => row[0]!);
    expect(rows.map(Number.isNaN)).toEqual([false, false, true, false]);
  }
});

test('the same bits with one thread and with two', async () => {
  const big = casesOf([8, 32, 20, 20], 1, 1, 1e-5);
  const bits = (backend: Wasm): ArrayLike<number>[] =>
    big.flatMap((each) => compute(each, 1e-5, (t) => backend.put(t)).map((t) => t.dataSync()));
  const expected = bits(wasm);
  for (let i = 0; i < 500 && two.workers === 0; i++) {
    bits(two);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(two.workers).toBe(1);
  expect(bits(two)).toEqual(expected);
});

test('what follows elementwise runs as its epilogue, with the same bits', () => {
  const block = (x: Tensor, weight: Tensor, bias: Tensor, shortcut: Tensor): Tensor[] => {
    const [y, mean, variance] = apply(BatchNorm, { eps: 1e-5 }, [x, weight, bias]) as [Tensor, Tensor, Tensor];
    return [maximum(add(y, shortcut), 0), mean, variance];
  };
  for (const backend of [wasm, two]) {
    const compiled = compile(block);
    for (const shape of [
      [3, 5, 7],
      [1, 2, 4, 4],
      [4, 3],
      [8, 32, 20, 20],
    ]) {
      const channels = [shape[1]!];
      const operands = [reals(shape, 1), reals(channels, 2), reals(channels, 3), reals(shape, 4)].map((t) =>
        backend.put(t),
      ) as [Tensor, Tensor, Tensor, Tensor];
      const received = compiled(...operands).map((t) => t.dataSync());
      expect(received).toEqual(block(...operands).map((t) => t.dataSync()));
    }
    expect(String(compiled)).toContain(': 1 line,');
  }
  wasm.checkGuards();
});
