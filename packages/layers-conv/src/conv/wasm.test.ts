import { wasmBackend } from '@lemmata/backend-wasm';
import { compile } from '@lemmata/compile';
import { add, cast, maximum, mul, permute, run, sum, tensor, type Tensor } from '@lemmata/tensor';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type ConvAttrs, convolution, inputGradient, weightGradient } from './op.js';
import { convKernels, winogradKernels } from './wasm.js';

const wasm = wasmBackend({ kernels: convKernels, guards: true, threads: 1 });
const plain = wasmBackend({ kernels: convKernels, guards: true, threads: 1, simd: 'plain' });
const two = wasmBackend({ kernels: convKernels, threads: 2 });
afterAll(() => two.stop());

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Small integers, of which sums of products are exact in float32. */
function integers(shape: readonly number[], seed: number): Tensor {
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7919 + seed * 104729) % 15) - 7);
  return tensor(values, { shape });
}

function reals(shape: readonly number[], seed: number): Tensor {
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 12.9898 + seed));
  return tensor(values, { shape });
}

/** Where two tensors differ, in words; null if they do not. A sum of nothing but 0 may have either sign. */
function difference(got: Tensor, expected: Tensor, what: string): string | null {
  if (String(got.shape) !== String(expected.shape)) return `${what}: has shape ${got.shape}, not ${expected.shape}`;
  const [a, b] = [got.dataSync(), expected.dataSync()];
  const at = b.findIndex((y, i) => a[i] !== y);
  return at < 0 ? null : `${what}: element ${at} is ${a[at]}, expected ${b[at]}`;
}

interface Case {
  readonly attrs: ConvAttrs;
  readonly x: Tensor;
  readonly w: Tensor;
  /** Of the output's shape. */
  readonly y: Tensor;
}

type Op = (c: Case, x: Tensor, w: Tensor, y: Tensor) => Tensor;
const OPS: Readonly<Record<string, Op>> = {
  convolution: ({ attrs }, x, w) => convolution(x, w, attrs),
  inputGradient: ({ attrs, x: { shape } }, _x, w, y) => inputGradient(y, w, attrs, shape.slice(2)),
  weightGradient: ({ attrs, w: { shape } }, x, _w, y) => weightGradient(x, y, attrs, shape.slice(2)),
};

const axis = fc.record({
  extra: fc.integer({ min: 0, max: 17 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.constantFrom(1, 1, 1, 2, 3),
  dilation: fc.constantFrom(1, 1, 2),
  before: fc.constantFrom(0, 0, 1, 2, 5),
  after: fc.constantFrom(0, 0, 1, 3),
});
const cases = fc
  .record({
    images: fc.constantFrom(1, 2, 3, 8),
    groups: fc.constantFrom(1, 1, 2, 5),
    channels: fc.constantFrom(1, 2, 3, 7),
    filters: fc.constantFrom(1, 2, 5, 6, 7, 16, 19, 25),
    axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
    seed: fc.nat(99),
  })
  .map(({ images, groups, channels, filters, axes, seed }): Case => {
    const size = axes.map(({ extra, kernel, dilation, before, after }) =>
      Math.max(1, (kernel - 1) * dilation + 1 + (axes.length === 3 ? extra % 5 : extra) - before - after),
    );
    // The input may be smaller than the padding, but has to be spanned by the kernel.
    const kernel = axes.map(({ kernel, dilation, before, after }, i) =>
      Math.min(kernel, Math.floor((size[i] + before + after - 1) / dilation) + 1),
    );
    const attrs = {
      stride: axes.map((a) => a.stride),
      dilation: axes.map((a) => a.dilation),
      padding: axes.map((a): [number, number] => [a.before, a.after]),
      groups,
    };
    const x = integers([images, groups * channels, ...size], seed);
    const w = integers([groups * filters, channels, ...kernel], seed + 1);
    return { attrs, x, w, y: integers(convolution(x, w, attrs).shape, seed + 2) };
  });

const describeCase = (name: string, { attrs, x, w }: Case): string =>
  `${name} of ${JSON.stringify([x.shape, w.shape, attrs])}`;

describe.each(Object.entries(OPS))('%s', (name, op) => {
  test('is exact on integers: any rank, stride, dilation, padding, groups', () => {
    fc.assert(
      fc.property(cases, (c) => {
        const expected = op(c, c.x, c.w, c.y);
        for (const backend of [wasm, plain]) {
          const [x, w, y] = [c.x, c.w, c.y].map((t) => backend.put(t));
          expect(x.interpreter.name).toBe('wasm');
          // In a scope every buffer has guard zones, outputs as well.
          const inScope = run(() => op(c, x, w, y));
          expect(difference(inScope, expected, describeCase(name, c))).toBeNull();
          backend.checkGuards();
        }
      }),
      { numRuns: 60 },
    );
  });

  test('an infinity makes what it makes by the definition; in weights, of an input gradient, NaN of more', () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.constantFrom(Infinity, -Infinity), fc.nat(2), (c, place, infinity, which) => {
        const operands = [c.x, c.w, c.y];
        const values = operands[which].dataSync().slice();
        values[place % values.length] = infinity;
        operands[which] = tensor(values, { shape: operands[which].shape });
        const [x, w, y] = operands;
        const expected = op(c, x, w, y).dataSync();
        const padded = name === 'inputGradient' && which === 1;
        for (const backend of [wasm, plain]) {
          const got = op(c, backend.put(x), backend.put(w), backend.put(y)).dataSync();
          const other = expected.findIndex((v, i) =>
            Number.isNaN(got[i]) ? !Number.isNaN(v) && !padded : got[i] !== v,
          );
          expect(
            other,
            `${describeCase(name, c)}: element ${other} is ${got[other]}, expected ${expected[other]}`,
          ).toBe(-1);
        }
      }),
      { numRuns: 60 },
    );
  });

  const shaped = (x: number[], w: number[], attrs: Partial<ConvAttrs>): Case => {
    const rank = x.length - 2;
    const full = {
      stride: Array<number>(rank).fill(1),
      dilation: Array<number>(rank).fill(1),
      padding: Array.from({ length: rank }, (): [number, number] => [0, 0]),
      groups: 1,
      ...attrs,
    };
    const [a, b] = [integers(x, 1), integers(w, 2)];
    return { attrs: full, x: a, w: b, y: integers(convolution(a, b, full).shape, 3) };
  };
  const PAD1: ConvAttrs['padding'] = [
    [1, 1],
    [1, 1],
  ];

  test('networks’ shapes, and sums longer than a block', () => {
    for (const c of [
      shaped([2, 1, 28, 28], [6, 1, 5, 5], {}),
      shaped([2, 6, 14, 14], [16, 6, 5, 5], {}),
      shaped([3, 16, 8, 8], [32, 16, 3, 3], { padding: PAD1, stride: [2, 2] }),
      shaped([3, 16, 8, 8], [32, 16, 1, 1], { stride: [2, 2] }),
      shaped([2, 70, 7, 7], [50, 70, 3, 3], { padding: PAD1 }),
      shaped([2, 40, 9, 5], [30, 40, 1, 1], {}),
      shaped([1, 24, 10, 10], [24, 1, 3, 3], { groups: 24, padding: PAD1 }),
      shaped([1, 24, 10, 10], [24, 1, 3, 3], { groups: 24, padding: PAD1, stride: [2, 2] }),
      // Patches; rows in parts; parts of the kernel that meet nothing; gaps between windows.
      shaped([2, 3, 16, 16], [8, 3, 4, 4], { stride: [4, 4] }),
      shaped([2, 16, 9, 9], [40, 16, 3, 3], { padding: PAD1, stride: [2, 2] }),
      shaped([2, 3, 17, 19], [7, 3, 3, 3], { stride: [3, 2], dilation: [3, 2] }),
      shaped([2, 3, 17, 19], [7, 3, 2, 2], { stride: [3, 5] }),
      // Of the windows of one tile only some in the middle meet a row of the kernel.
      shaped([1, 1, 8, 4], [1, 1, 4, 4], { stride: [3, 1], dilation: [2, 1] }),
      shaped([1, 2, 9, 5], [1, 2, 3, 4], { stride: [1, 1], dilation: [4, 1] }),
      // Blocks of images, of windows and of filters.
      shaped([9, 3, 12, 13], [5, 3, 3, 3], {}),
      shaped([1, 64, 30, 30], [20, 64, 3, 3], { padding: PAD1 }),
      shaped([1, 32, 6, 6], [70, 32, 3, 3], { padding: PAD1 }),
      // Rows too narrow for vectors.
      shaped([5, 30, 2, 3], [50, 30, 3, 3], { padding: PAD1 }),
      shaped([2, 5, 6, 7, 8], [9, 5, 3, 2, 3], { stride: [2, 1, 2] }),
    ]) {
      const [x, w, y] = [c.x, c.w, c.y].map((t) => wasm.put(t));
      expect(difference(op(c, x, w, y), op(c, c.x, c.w, c.y), describeCase(name, c))).toBeNull();
      wasm.checkGuards();
    }
  });

  test('errors stay below k · 2⁻²⁴ · Σ |a| |b|, and NaN is not lost', () => {
    for (const [x, w, attrs] of [
      [[2, 3, 20, 20], [5, 3, 5, 5], {}],
      [[2, 30, 12, 12], [20, 30, 3, 3], { padding: PAD1 }],
    ] as [number[], number[], Partial<ConvAttrs>][]) {
      const c = shaped(x, w, attrs);
      const operands = [reals(c.x.shape, 1), reals(c.w.shape, 2), reals(c.y.shape, 3)];
      const wide = operands.map((t) => cast(t, 'float64')) as [Tensor, Tensor, Tensor];
      const absolute = wide.map((t) => tensor(t.dataSync().map(Math.abs) as Float64Array, { shape: t.shape }));
      const exact = op(c, ...wide).dataSync();
      const bound = op(c, ...(absolute as [Tensor, Tensor, Tensor])).dataSync();
      // No sum is longer than all products over all outputs.
      const terms = (sizeOf(c.y.shape) * sizeOf(c.w.shape.slice(1))) / Math.min(...[c.y, c.w].map((t) => t.size));
      for (const backend of [wasm, plain]) {
        const got = op(c, ...(operands.map((t) => backend.put(t)) as [Tensor, Tensor, Tensor])).dataSync();
        expect(got.findIndex((v, i) => !(Math.abs(v - exact[i]) <= terms * 2 ** -24 * bound[i]))).toBe(-1);
      }
      let spread = 0;
      operands.forEach((t, i) => {
        const spoiled = operands.map((u) => u);
        const values = t.dataSync();
        values[Math.floor(values.length / 2)] = NaN;
        spoiled[i] = tensor(values, { shape: t.shape });
        const expected = op(c, ...(spoiled as [Tensor, Tensor, Tensor])).dataSync();
        const got = op(c, ...(spoiled.map((u) => wasm.put(u)) as [Tensor, Tensor, Tensor])).dataSync();
        if (expected.some(Number.isNaN)) spread++;
        expect(expected.findIndex((v, k) => Number.isNaN(v) && !Number.isNaN(got[k]))).toBe(-1);
      });
      // From the two operands that the op has.
      expect(spread).toBe(2);
    }
  });

  test('without elements', () => {
    for (const c of [shaped([0, 3, 9, 9], [4, 3, 3, 3], {}), shaped([2, 0, 9, 9], [4, 0, 3, 3], {})]) {
      const [x, w, y] = [c.x, c.w, c.y].map((t) => wasm.put(t));
      expect(difference(op(c, x, w, y), op(c, c.x, c.w, c.y), describeCase(name, c))).toBeNull();
    }
  });

  test('the same bits with one thread and with two', async () => {
    const warm = two.tensor(new Float32Array(400_000));
    for (let i = 0; i < 500 && two.workers === 0; i++) {
      mul(warm, sum(warm));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(two.workers).toBe(1);
    for (const c of [
      shaped([8, 1, 28, 28], [6, 1, 5, 5], {}),
      shaped([4, 32, 16, 16], [40, 32, 3, 3], { padding: PAD1 }),
      shaped([4, 32, 16, 16], [40, 32, 3, 3], { padding: PAD1, stride: [2, 2] }),
      shaped([4, 24, 16, 16], [80, 24, 1, 1], {}),
    ]) {
      const operands = [reals(c.x.shape, 1), reals(c.w.shape, 2), reals(c.y.shape, 3)];
      const on = (backend: typeof wasm): ArrayLike<number> =>
        op(c, ...(operands.map((t) => backend.put(t)) as [Tensor, Tensor, Tensor])).dataSync();
      expect(on(two)).toEqual(on(wasm));
    }
  });
});

test('constant weights are packed once, with the same bits, and again when they are others', () => {
  const [one, pad]: [number[], ConvAttrs['padding'][number]] = [
    [1, 1],
    [1, 1],
  ];
  const attrs: ConvAttrs = { stride: one, dilation: one, padding: [pad, pad], groups: 1 };
  const shapes: [x: number[], w: number[], options: Partial<ConvAttrs>][] = [
    [[2, 9, 10, 11], [10, 9, 3, 3], {}],
    [[2, 9, 10, 11], [10, 9, 3, 3], { stride: [2, 2] }],
    [
      [2, 6, 9, 9],
      [8, 3, 1, 1],
      {
        groups: 2,
        padding: [
          [0, 0],
          [0, 0],
        ],
      },
    ],
    [[2, 5, 3, 3], [7, 5, 3, 3], {}],
    [[2, 4, 9, 9], [4, 1, 3, 3], { groups: 4 }],
    [[8, 8, 7, 8], [9, 8, 3, 3], {}],
  ];
  for (const kernels of [convKernels, [...winogradKernels(), ...convKernels]]) {
    for (const threads of [1, 2]) {
      const backend = wasmBackend({ kernels, threads, guards: true });
      const layers = shapes.map(([x, w, options], i) => {
        const all = { ...attrs, ...options };
        const [a, b] = [0, 10].map((seed) => backend.put(reals(x, seed + i)));
        const weights = [20, 30].map((seed) => backend.put(reals(w, seed + i))) as [Tensor, Tensor];
        const turned = backend.put(reals(w.toReversed(), i));
        const layer = (w: Tensor, x: Tensor): Tensor[] => {
          const y = convolution(x, w, all);
          return [y, inputGradient(y, w, all, x.shape.slice(2)), convolution(x, permute(turned, [3, 2, 1, 0]), all)];
        };
        return { inputs: [a, b] as const, weights, layer };
      });
      // Together in one program, so that what each keeps has to lie somewhere else.
      const network = (ws: readonly Tensor[], xs: readonly Tensor[]): Tensor[] =>
        layers.flatMap(({ layer }, i) => layer(ws[i], xs[i]));
      const compiled = compile(network, { constant: 1 });
      for (const [w, x] of [
        [0, 0],
        [0, 1],
        [1, 1],
        [0, 0],
      ] as const) {
        const ws = layers.map(({ weights }) => weights[w]);
        const xs = layers.map(({ inputs }) => inputs[x]);
        const received = compiled(ws, xs).map((t) => t.dataSync());
        expect(received).toEqual(network(ws, xs).map((t) => t.dataSync()));
        backend.checkGuards();
      }
      // Neither what is read as it lies or put into lanes first, nor small lines that run side by side.
      expect(String(compiled).match(/made once/g)!.length).toBe(9);
      backend.stop();
    }
  }
});

test('what follows elementwise runs as an epilogue, with the bits of the ops one by one', () => {
  const shapes: readonly [
    images: number,
    channels: number,
    filters: number,
    size: readonly number[],
    groups: number,
  ][] = [
    [2, 3, 7, [9, 11], 1],
    [1, 4, 6, [5, 5], 2],
    [3, 2, 13, [40], 1],
    [1, 1, 5, [28, 28], 1],
    [2, 8, 8, [130, 140], 1],
  ];
  for (const [images, channels, filters, size, groups] of shapes) {
    for (const kernel of [1, 3]) {
      const one = (n: number): number[] => size.map(() => n);
      const attrs: ConvAttrs = {
        stride: one(1),
        dilation: one(1),
        padding: size.map(() => [kernel >> 1, kernel >> 1] as const),
        groups,
      };
      const operands = [
        reals([images, channels, ...size], 1),
        reals([filters, channels / groups, ...one(kernel)], 2),
        reals([filters, ...one(1)], 3),
        reals([images, filters, ...size], 4),
      ];
      const block = (x: Tensor, w: Tensor, bias: Tensor, y: Tensor): Tensor[] => [
        maximum(add(add(convolution(x, w, attrs), bias), y), 0),
        mul(inputGradient(y, w, attrs, size), x),
      ];
      for (const backend of [wasm, two]) {
        const compiled = compile(block);
        const [x, w, bias, y] = operands.map((t) => backend.put(t));
        const received = compiled(x, w, bias, y).map((t) => t.dataSync());
        expect(received).toEqual(block(x, w, bias, y).map((t) => t.dataSync()));
        expect(String(compiled)).toContain(': 2 lines');
      }
      wasm.checkGuards();
    }
  }
});
