import { compile } from '@lemmata/compile';
import { add, apply, mul, tensor, type OpDef, type Tensor } from '@lemmata/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { f32, i32 } from './assembler/index.js';
import { stage, type KernelCode } from './code.js';
import type { WasmKernel } from './kernel.js';
import { wasmBackend } from './wasm.js';

/** y[n, c, i] = 2 · x[n, c, i], and the first element of each channel of the first image. */
const Doubled: OpDef = {
  name: 'doubled',
  infer: (_, x) => [x, { shape: [x.shape[1]], dtype: x.dtype }],
  reference(_, [x], [y, firsts]) {
    const [, channels, plane] = x.shape;
    y.data.forEach((_, i) => (y.data[i] = 2 * x.data[i]));
    for (let c = 0; c < channels; c++) firsts.data[c] = x.data[c * plane];
  },
};

type Field = 'x' | 'y' | 'firsts' | 'images' | 'channels' | 'plane';
type Runs = NonNullable<KernelCode<Field>['runs']>;

/** A unit is one channel, which lies in as many pieces as there are images. */
const pieces: Runs = (f, { images, channels, plane }, unit, run) => {
  f.range(0, images, 1, (image) => {
    const begin = f.let(i32.mul(i32.add(i32.mul(image, channels), unit), plane));
    run(begin, i32.add(begin, plane));
  });
};

/** The kernel, whose code says by `runs` what a unit completes. */
function doubledKernel(runs: Runs | undefined, name: string): WasmKernel {
  const code: KernelCode<Field> = {
    name,
    fields: ['x', 'y', 'firsts', 'images', 'channels', 'plane'],
    ...(runs === undefined ? {} : { runs }),
    build(f, args, begin, end) {
      f.range(begin, end, 1, (unit) => {
        const word = f.let(i32.shl(unit, 2));
        f.do(f32.store(i32.add(args.firsts, word), f32.load(i32.add(args.x, i32.mul(word, args.plane)))));
        pieces(f, args, f.let(unit), (from, to) =>
          f.range(f.let(i32.shl(from, 2)), f.let(i32.shl(to, 2)), 4, (at) => {
            const value = f.let(f32.load(i32.add(args.x, at)));
            f.do(f32.store(i32.add(args.y, at), f32.add(value, value)));
          }),
        );
      });
    },
  };
  return {
    op: Doubled,
    epilogue: true,
    accepts: (_, [x]) => x.dtype === 'float32',
    stages: (_, { inputs: [x], outputs: [y, firsts] }) => {
      const [images, channels, plane] = x.shape;
      const args = { x: x.at, y: y.at, firsts: firsts.at, images, channels, plane };
      return [stage(code, args, channels, 1e5)];
    },
  };
}

const wave = (shape: readonly number[], salt: number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 12.9 + salt)),
    { shape },
  );

/** A chain behind the op: a factor for each channel, an addend for each element, and one that reads the value twice. */
function chain(x: Tensor, factor: Tensor, addend: Tensor): Tensor[] {
  const [y, firsts] = apply(Doubled, {}, [x]);
  const scaled = add(mul(y, factor), addend);
  return [mul(scaled, scaled), firsts];
}

type Backend = ReturnType<typeof wasmBackend>;

/** Whether a compiled chain gives the bits of the eager one, for a shape. */
function exact(wasm: Backend, [images, channels, plane]: readonly [number, number, number]): boolean {
  const args = [wave([images, channels, plane], 1), wave([channels, 1], 2), wave([images, channels, plane], 3)].map(
    (t) => wasm.put(t),
  ) as [Tensor, Tensor, Tensor];
  const compiled = compile(chain);
  const received = compiled(...args).map((t) => t.dataSync());
  expect(String(compiled)).toMatch(/: 1 line,/);
  expect(String(compiled)).toContain('doubled+mul+add+mul');
  wasm.checkGuards();
  return chain(...args).every((t, k) => t.dataSync().every((v, i) => Object.is(v, received[k][i])));
}

const shapes = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 11 }),
);
const one = (kernel: WasmKernel): Backend => wasmBackend({ kernels: [kernel], guards: true, threads: 1 });

describe('an epilogue', () => {
  test('gives the bits of the ops one by one, where the kernel says what it has completed and where it does not', () => {
    for (const [runs, name] of [
      [pieces, 'doubled.pieces'],
      [undefined, 'doubled.whole'],
    ] as const) {
      const wasm = one(doubledKernel(runs, name));
      fc.assert(
        fc.property(shapes, (shape) => {
          expect(exact(wasm, shape)).toBe(true);
        }),
        { numRuns: 40 },
      );
    }
  });

  test('that is applied to other elements than those which are complete is noticed', () => {
    const mutants: Readonly<Record<string, Runs>> = {
      'the last element of each run is left out': (f, args, unit, run) =>
        pieces(f, args, unit, (from, to) => run(from, i32.sub(to, 1))),
      'the first image is taken for all': (f, args, unit, run) =>
        pieces(f, { ...args, images: i32.const(1) }, unit, run),
      'runs are applied twice': (f, args, unit, run) =>
        pieces(f, args, unit, (from, to) => {
          run(from, to);
          run(from, to);
        }),
    };
    for (const [name, runs] of Object.entries(mutants))
      expect(exact(one(doubledKernel(runs, name)), [2, 3, 5]), name).toBe(false);
  });

  test('is not taken where the value is read by another line too, or comes back itself', () => {
    const wasm = one(doubledKernel(pieces, 'doubled.pieces'));
    const both = compile((x: Tensor) => {
      const [y] = apply(Doubled, {}, [x]);
      return [add(y, 1), y];
    });
    const x = wasm.put(wave([2, 2, 3], 1));
    const [sum, y] = both(x).map((t) => [...t.dataSync()]);
    expect(sum).toEqual(y.map((v) => Math.fround(v + 1)));
    expect(String(both)).toMatch(/: 2 lines/);
  });
});
