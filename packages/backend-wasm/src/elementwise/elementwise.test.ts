import {
  apply,
  broadcastTo,
  call,
  cast,
  castTo,
  elementwise,
  input,
  maximum,
  minimum,
  permute,
  run,
  SCALAR_FUNCTIONS,
  scalarOp,
  slice,
  tensor,
  type DType,
  type ScalarFnName,
  type Tensor,
} from '@lemmata/tensor';
import { contiguousStrides, type Shape } from '@lemmata/shape';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Placed } from '../placed.js';
import { wasmBackend } from '../wasm.js';
import { fitted } from './fit.js';
import { elementwiseProgram, elementwiseStage } from './kernel.js';

const wasm = wasmBackend({ guards: true });
const plain = wasmBackend({ guards: true, simd: 'plain' });
const names = Object.keys(SCALAR_FUNCTIONS) as ScalarFnName[];

/** The unit in the last place of float32 at a value. */
function ulp(x: number): number {
  const size = Math.abs(x);
  return size < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(size)) - 23);
}

/** Bounds in ulp, against the exact result, where vector code is not the definition itself. */
const BOUNDS: Partial<Record<ScalarFnName, number>> = {
  exp: 2,
  expm1: 2,
  log: 2,
  log1p: 2,
  rsqrt: 2,
  oneMinusSquare: 2,
  tanh: 3,
  sigmoid: 3,
  softplus: 3,
  erf: 3,
  erfc: 6,
};

/** 361 pairs of these. */
const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  NaN,
  Infinity,
  -Infinity,
  2 ** -149,
  -(2 ** -130),
  3e38,
  -3e38,
  88.8,
  -104,
  1e-8,
  2 ** 31,
  -(2 ** 31),
  7,
  255,
  1 / 3,
];

function inputsOf(dtype: DType, arity: number): Tensor[] {
  const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [a, b]));
  const values = (pick: (pair: number[]) => number): Tensor =>
    cast(tensor(pairs.map(pick), { dtype: 'float64' }), dtype);
  return [values(([a]) => a), values(([, b]) => b), values(([a, b]) => a + b)].slice(0, arity);
}

describe('every scalar function is that of the reference', () => {
  for (const dtype of ['float32', 'float64', 'int32', 'bool'] as const) {
    test(`of ${dtype}`, () => {
      const wrong: string[] = [];
      for (const fn of names) {
        const { arity, result } = SCALAR_FUNCTIONS[fn];
        if (
          (result === 'float' && (dtype === 'int32' || dtype === 'bool')) ||
          (result === 'number' && dtype === 'bool')
        )
          continue;
        const inputs = inputsOf(dtype, arity);
        if (result === 'select') inputs[0] = cast(inputs[0], 'bool');
        const op = scalarOp(fn);
        const expected = apply(op, {}, inputs)[0].dataSync();
        for (const backend of [wasm, plain]) {
          const got = apply(
            op,
            {},
            inputs.map((x) => backend.put(x)),
          )[0].dataSync();
          const bound = dtype === 'float32' ? (BOUNDS[fn] ?? 0) : 0;
          expected.forEach((y, i) => {
            const close = bound > 0 && Math.abs(got[i] - y) <= bound * ulp(y);
            if (!close && !Object.is(got[i], y))
              wrong.push(`${fn}(${inputs.map((x) => x.dataSync()[i])}) of ${dtype} is ${y}, received ${got[i]}`);
          });
        }
      }
      expect(wrong).toEqual([]);
    });
  }

  test('approximations keep their bounds over all magnitudes', () => {
    const step = 104729;
    const bits = Uint32Array.from({ length: Math.floor(2 ** 32 / step) }, (_, i) => i * step);
    // And densely where the functions change.
    const near = Float32Array.from({ length: 100_000 }, (_, i) => (i - 50_000) / 4096);
    const x = Float32Array.of(...new Float32Array(bits.buffer), ...near);
    for (const [fn, bound] of Object.entries(BOUNDS) as [ScalarFnName, number][]) {
      const { value } = SCALAR_FUNCTIONS[fn];
      for (const backend of [wasm, plain]) {
        const y = apply(scalarOp(fn), {}, [backend.tensor(x)])[0].dataSync();
        let worst = 0;
        for (let i = 0; i < x.length; i++) {
          const exact = value(x[i]);
          const rounded = Math.fround(exact);
          if (!Number.isFinite(rounded)) {
            if (!Object.is(y[i], rounded)) expect(`${fn}(${x[i]}) is ${y[i]}, expected ${rounded}`).toBe('');
          } else worst = Math.max(worst, Math.abs(y[i] - exact) / ulp(exact));
        }
        expect(worst, fn).toBeLessThanOrEqual(bound);
      }
    }
  });
});

describe('casts', () => {
  test('between all dtypes, of all kinds of values', () => {
    for (const from of ['float32', 'float64', 'int32', 'bool'] as const) {
      const [x] = inputsOf(from, 1);
      for (const to of ['float32', 'float64', 'int32', 'bool'] as const) {
        if (from === to) continue;
        expect(cast(wasm.put(x), to).dataSync(), `${from} to ${to}`).toEqual(cast(x, to).dataSync());
      }
    }
    const far = tensor([2 ** 32 + 5, -(2 ** 32) - 5, 2 ** 53, -(2 ** 40) - 1.5, 1e300], { dtype: 'float64' });
    expect(cast(wasm.put(far), 'int32').dataSync()).toEqual(cast(far, 'int32').dataSync());
  });
});

/** (a + 2b) · c, then whether it exceeds a; in float64 where b is. */
const mixed = elementwise({
  name: 'mixed',
  expr: (_, a, b, c) => {
    const y = call('mul', call('add', a, castTo('float32', call('mul', b, 2))), call('select', c, 1, -3));
    return call('select', call('gt', y, a), call('exp', call('neg', call('abs', y))), y);
  },
});

describe('layouts', () => {
  const axis = fc.record({
    size: fc.integer({ min: 0, max: 5 }),
    kind: fc.constantFrom('dense', 'same', 'flipped', 'skipping'),
  });
  const view = (x: Tensor, kinds: readonly string[]): Tensor => {
    const parts = kinds.map((kind) =>
      kind === 'same'
        ? { start: 0, stop: 1 }
        : kind === 'flipped'
          ? { step: -1 }
          : kind === 'skipping'
            ? { step: 2 }
            : {},
    );
    return slice(x, parts);
  };

  test('any strides, offsets and broadcasts of mixed dtypes equal the reference; tails and small sizes', () => {
    fc.assert(
      fc.property(
        fc.array(axis, { maxLength: 4 }),
        fc.array(axis, { minLength: 4, maxLength: 4 }),
        fc.nat(5),
        fc.boolean(),
        (axes, others, seed, turned) => {
          const shape = axes.map(({ size }) => size);
          const source = (kinds: readonly string[], dtype: DType, salt: number): Tensor => {
            const whole = kinds.map((kind, i) => (kind === 'same' ? 1 : kind === 'skipping' ? 2 * shape[i] : shape[i]));
            const order = turned ? whole.map((_, i) => i).reverse() : whole.map((_, i) => i);
            const size = whole.reduce((a, b) => a * b, 1);
            const values = Float64Array.from({ length: size }, (_, i) => ((i * 37 + seed * 11 + salt) % 23) - 11);
            const x = cast(tensor(values, { shape: order.map((i) => whole[i]) }), dtype);
            return broadcastTo(
              view(
                permute(
                  x,
                  order.map((_, i) => order.indexOf(i)),
                ),
                kinds,
              ),
              shape,
            );
          };
          const kinds = axes.map(({ kind }) => kind);
          const inputs = [
            source(kinds, 'float32', 1),
            source(
              kinds.map((_, i) => others[i].kind),
              'float64',
              2,
            ),
            source(
              kinds.map(() => 'dense'),
              'bool',
              3,
            ),
          ];
          const expected = apply(mixed, {}, inputs)[0].dataSync();
          const wrong: number[] = [];
          const check = (xs: readonly Tensor[]): void => {
            const got = apply(mixed, {}, xs)[0].dataSync();
            wrong.push(...[...got].filter((y, i) => !(Math.abs(y - expected[i]) <= 2 * ulp(expected[i]))));
          };
          check(inputs.map((x) => wasm.put(x)));
          // The same inside a scope, where views share WebAssembly memory.
          run((first: Tensor) => {
            const one = apply(scalarOp('floor'), {}, [first])[0];
            check([one, wasm.put(inputs[1]), wasm.put(inputs[2])]);
            return 0;
          }, wasm.put(inputs[0]));
          expect(wrong).toEqual([]);
          wasm.checkGuards();
        },
      ),
      { numRuns: 80 },
    );
  });

  test('the bits of an element do not depend on its place', () => {
    const x = Float32Array.from({ length: 31 }, (_, i) => Math.sin(i) * 10);
    for (const fn of ['exp', 'log', 'tanh', 'sigmoid', 'erf', 'softplus'] as const) {
      const whole = apply(scalarOp(fn), {}, [wasm.tensor(x)])[0].dataSync();
      for (let start = 0; start < 31; start++) {
        const one = apply(scalarOp(fn), {}, [wasm.tensor(x.slice(start, start + 1))])[0].dataSync();
        expect(one[0]).toBe(whole[start]);
      }
    }
  });

  test('an input that is not read, and a result that is a constant', () => {
    const second = elementwise({ name: 'second', expr: (_, _a, b) => b });
    const seven = elementwise({ name: 'seven', expr: (_, a) => call('add', call('mul', a, 0), 7) });
    const [a, b] = [wasm.tensor([1, 2, 3]), wasm.tensor([4, 5, 6])];
    expect(apply(second, {}, [a, b])[0].toArray()).toEqual([4, 5, 6]);
    expect(apply(seven, {}, [a])[0].toArray()).toEqual([7, 7, 7]);
    expect(input(0)).toEqual({ kind: 'input', index: 0 });
  });
});

test('minimum and maximum with a constant of any kind, on either side, have the bits of the reference', () => {
  const x = tensor(Float32Array.from({ length: 20_011 }, (_, i) => SPECIAL[i % SPECIAL.length]));
  for (const constant of [2, -1.5, 0, -0, NaN, Infinity])
    for (const f of [minimum, maximum])
      for (const sides of [(v: Tensor) => f(v, constant), (v: Tensor) => f(constant, v)])
        expect(sides(wasm.put(x)).dataSync()).toEqual(sides(x).dataSync());
});

test('results go to another place first where caches do not hold all that is read and written, and it lies apart', () => {
  const program = elementwiseProgram(call('add', input(0), input(1)), ['float32', 'float32'], 'float32', 'add');
  const at = (at: number, shape: Shape): Placed => ({ shape, strides: contiguousStrides(shape), dtype: 'float32', at });
  const far = (a: Placed, b: Placed, out: Placed): boolean =>
    elementwiseStage(program, [a, b], out).code.name.startsWith('elementwise.far');
  const [large, small] = [[3 * 2 ** 20], [2 ** 21]];
  expect(far(at(64, large), at(128, large), at(192, large))).toBe(true);
  expect(far(at(64, small), at(128, small), at(192, small))).toBe(false);
  expect(far(at(64, large), at(192, large), at(192, large))).toBe(false);
  const row = { ...at(64, [2 ** 12, 2 ** 12]), strides: [0, 1] };
  expect(far(row, row, at(192, row.shape))).toBe(false);
});

test('a fitted polynomial is the polynomial itself, and close to a smooth function', () => {
  const cubic = fitted((x) => 1 - 2 * x + 3 * x ** 3, -1, 2, 3);
  [1, -2, 0, 3].forEach((c, i) => expect(cubic[i]).toBeCloseTo(c, 12));
  const sine = fitted(Math.sin, 0, 1, 7);
  for (let x = 0; x <= 1; x += 0.01)
    expect(Math.abs(sine.reduceRight((sum, c) => sum * x + c, 0) - Math.sin(x))).toBeLessThan(1e-9);
});
