import { compile } from '@lemmata/compile';
import {
  abs,
  add,
  amax,
  amin,
  cast,
  div,
  exp,
  flip,
  gt,
  mul,
  permute,
  sub,
  sum,
  tensor,
  type DType,
  type Tensor,
} from '@lemmata/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reductionKernels } from '../kernels/reductions.js';
import type { WasmKernel } from '../kernel.js';
import { wasmBackend, type Wasm } from '../wasm.js';

const wave = (shape: readonly number[], salt: number, dtype: DType): Tensor =>
  cast(
    tensor(
      Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 12.9 + salt) * 9),
      { shape, dtype: 'float64' },
    ),
    dtype,
  );

type Chain = (x: Tensor, y: Tensor) => Tensor;
const chains: Readonly<Record<string, Chain>> = {
  product: (x, y) => mul(x, y),
  'squared distance': (x, y) => mul(sub(x, y), sub(x, y)),
  'of another dtype': (x, y) => cast(gt(x, y), 'float32'),
  'three roundings': (x, y) => div(add(mul(x, 0.1), y), 3),
};
const reductions = { sum, amax, amin };

/** How often a compiled reduction differs from the eager one, in bits; `lines` receives how many it took. */
function differences(wasm: Wasm, f: Chain, args: readonly [Tensor, Tensor], lines?: number): number {
  const [x, y] = args.map((t) => wasm.put(t));
  const compiled = compile(f);
  const [got, expected] = [compiled(x, y).dataSync(), f(x, y).dataSync()];
  wasm.checkGuards();
  if (lines !== undefined) expect(String(compiled)).toMatch(new RegExp(`: ${lines} lines?,`));
  return expected.filter((v, i) => !Object.is(v, got[i])).length;
}

const one = wasmBackend({ guards: true, threads: 1 });

describe('a reduction of an expression', () => {
  test('has the bits of the two ops: any axes and dtypes, broadcast and strided', () => {
    const axes = fc
      .array(fc.record({ size: fc.integer({ min: 1, max: 19 }), reduced: fc.boolean(), broadcast: fc.boolean() }), {
        minLength: 1,
        maxLength: 4,
      })
      .filter((all) => all.reduce((n, { size }) => n * size, 1) <= 4000);
    fc.assert(
      fc.property(
        axes,
        fc.constantFrom('float32', 'float64', 'int32'),
        fc.constantFrom(...Object.keys(chains)),
        fc.constantFrom('sum', 'amax', 'amin'),
        fc.constantFrom('plain', 'turned', 'flipped'),
        (all, dtype, chain, reduce, way) => {
          const shape = all.map(({ size }) => size);
          const axis = all.flatMap(({ reduced }, i) => (reduced ? [i] : []));
          const order = shape.map((_, i) => shape.length - 1 - i);
          const y = wave(
            all.map(({ size, broadcast }) => (broadcast ? 1 : size)),
            2,
            dtype as DType,
          );
          const x = wave(way === 'turned' ? [...shape].reverse() : shape, 1, dtype as DType);
          const f: Chain = (a, b) => {
            const view = way === 'turned' ? permute(a, order) : way === 'flipped' ? flip(a, [0]) : a;
            return reductions[reduce as 'sum'](chains[chain](view, b), { axis });
          };
          expect(differences(one, f, [x, y])).toBe(0);
        },
      ),
      { numRuns: 120 },
    );
  });

  test('is one line where that pays, with the bits of any number of threads', () => {
    const two = wasmBackend({ guards: true, threads: 2 });
    const [x, m, g] = [
      [64, 32, 11, 13],
      [1, 32, 1, 1],
      [64, 32, 11, 13],
    ].map((shape, i) => wave(shape, i, 'float32'));
    const channels: Chain = (a, b) => sum(mul(sub(a, b), a), { axis: [0, 2, 3] });
    const rows: Chain = (a, b) => sum(mul(sub(a, b), 0.1), { axis: 3 });
    const all: Chain = (a, b) => sum(mul(a, b));
    for (const wasm of [one, two]) {
      expect(differences(wasm, channels, [x, m], 1)).toBe(0);
      expect(differences(wasm, rows, [x, m], 1)).toBe(0);
      expect(differences(wasm, all, [x, g], 1)).toBe(0);
      expect(differences(wasm, (a, b) => amax(abs(sub(a, b))), [x, g], 1)).toBe(0);
      // Down columns, of a function that takes long, of many calls for one sum, and of a value that is read twice.
      expect(differences(wasm, (a, b) => sum(mul(a, b), { axis: 0 }), [x, g], 2)).toBe(0);
      expect(differences(wasm, (a, b) => sum(exp(sub(a, b)), { axis: 3 }), [x, m], 2)).toBe(0);
      expect(differences(wasm, (a, b) => sum(chains['three roundings'](mul(sub(a, b), a), b)), [x, m], 2)).toBe(0);
      const twice: Chain = (a, b) => {
        const both = mul(a, b);
        return add(sum(both), amax(both));
      };
      expect(differences(wasm, twice, [x, g], 4)).toBe(0);
    }
    for (const f of [channels, rows, all]) {
      const [a, b] = [one, two].map((wasm) => compile(f)(wasm.put(x), wasm.put(f === all ? g : m)).dataSync());
      expect(a).toEqual(b);
    }
    two.stop();
  });

  test('in another order, or of other elements, is noticed', () => {
    const mutant = (change: NonNullable<WasmKernel['prologue']>['stage']): Wasm => {
      const kernels = reductionKernels.map(
        (kernel): WasmKernel => ({
          ...kernel,
          prologue: { ...kernel.prologue!, stage: change },
        }),
      );
      return wasmBackend({ kernels, guards: true, threads: 1 });
    };
    const stageOf = reductionKernels[0].prologue!.stage;
    const f: Chain = (a, b) => sum(mul(a, b), { axis: 1 });
    const args = [wave([17, 23], 1, 'float32'), wave([17, 1], 2, 'float32')] as const;
    expect(differences(mutant(stageOf), f, args)).toBe(0);
    const mutants: Readonly<Record<string, NonNullable<WasmKernel['prologue']>['stage']>> = {
      'inputs change places': (attrs, program, inputs, out) =>
        stageOf(attrs, program, [inputs[0], { ...inputs[1], at: inputs[0].at }], out),
      'the first row of a broadcast counts for all': (attrs, program, inputs, out) =>
        stageOf(attrs, program, [inputs[0], { ...inputs[1], strides: [0, 0] }], out),
      'the last of a row is left out': (attrs, program, inputs, out) =>
        stageOf(
          attrs,
          program,
          inputs.map((view) => ({ ...view, shape: [17, 22] })),
          out,
        ),
    };
    for (const [name, change] of Object.entries(mutants))
      expect(differences(mutant(change), f, args), name).toBeGreaterThan(0);
  });
});
