import { compile } from '@lemmata/compile';
import {
  add,
  maximum,
  bernoulli,
  key,
  foldIn,
  randomBits,
  splitKey,
  randomUniform,
  AllFinite,
  amax,
  amin,
  apply,
  broadcastTo,
  concat,
  Embed,
  reshape,
  flip,
  logSoftmax,
  matmul,
  permute,
  run,
  slice,
  softmax,
  split,
  sum,
  tensor,
  type DType,
  type Tensor,
} from '@lemmata/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wasmBackend } from '../wasm.js';

const wasm = wasmBackend({ guards: true });
const plain = wasmBackend({ guards: true, simd: 'plain' });

/** Small integers, of which sums and products are exact in every dtype. */
function integers(shape: readonly number[], seed: number, dtype: DType = 'float32'): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: size }, (_, i) => ((i * 7919 + seed * 104729) % 15) - 7);
  return tensor(dtype === 'bool' ? values.map((x) => Number(x > 0)) : values, { shape, dtype });
}

function reals(shape: readonly number[], seed: number): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed) * 10),
    { shape },
  );
}

/** What makes two tensors differ, in bits too; nothing if they do not. */
function difference(got: Tensor, expected: Tensor, what = ''): string {
  if (got.dtype !== expected.dtype || got.shape.join() !== expected.shape.join()) {
    return `${what}: ${got.dtype}[${got.shape}], expected ${expected.dtype}[${expected.shape}]`;
  }
  const [a, b] = [got.dataSync(), expected.dataSync()];
  const at = b.findIndex((y, i) => !Object.is(a[i], y));
  return at < 0 ? '' : `${what}: element ${at} is ${a[at]}, expected ${b[at]}`;
}

const size = fc.integer({ min: 0, max: 20 });

describe('matmul', () => {
  test('is exact on integers: any sizes, transposes, batches, broadcast and strided', () => {
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom('plain', 'turned', 'flipped', 'skipping', 'broadcast'),
        fc.constantFrom('plain', 'turned', 'flipped', 'skipping', 'broadcast'),
        fc.nat(9),
        (m, n, k, b1, b2, wayA, wayB, seed) => {
          const operand = (rows: number, columns: number, way: string, salt: number): Tensor => {
            const batch = [b1, b2];
            switch (way) {
              case 'turned':
                return permute(integers([columns, b2, rows, b1], seed + salt), [3, 1, 2, 0]);
              case 'flipped':
                return flip(integers([...batch, rows, columns], seed + salt), [0, 3]);
              case 'skipping':
                return slice(integers([b1, b2, 2 * rows, 3 * columns], seed + salt), [
                  [],
                  [],
                  [null, null, 2],
                  [null, null, 3],
                ]);
              case 'broadcast':
                return broadcastTo(integers([b2, rows, columns], seed + salt), [...batch, rows, columns]);
              default:
                return integers([...batch, rows, columns], seed + salt);
            }
          };
          const [a, b] = [operand(m, k, wayA, 1), operand(k, n, wayB, 2)];
          const expected = matmul(a, b);
          expect(difference(matmul(wasm.put(a), wasm.put(b)), expected)).toBe('');
          expect(difference(matmul(plain.put(a), plain.put(b)), expected)).toBe('');
          wasm.checkGuards();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('takes what follows elementwise as an epilogue, with the bits of the ops one by one', () => {
    const layer = (x: Tensor, w: Tensor, bias: Tensor): Tensor => maximum(add(matmul(x, w), bias), 0);
    for (const [batch, m, k, n] of [
      [[], 1, 7, 1],
      [[], 64, 120, 84],
      [[], 49, 3, 257],
      [[], 7, 600, 9],
      [[3], 13, 5, 8],
      [[2, 3], 5, 4, 30],
    ] as const) {
      const [x, w, bias] = [reals([...batch, m, k], 1), reals([...batch, k, n], 2), reals([n], 3)].map((t) =>
        wasm.put(t),
      );
      const compiled = compile(layer);
      expect(difference(compiled(x, w, bias), layer(x, w, bias), `${batch} ${m} ${k} ${n}`)).toBe('');
      // Batches that no single stride describes: as many products one after the other.
      if (batch.length === 2) {
        const turned = permute(x, [1, 0, 2, 3]);
        const other = wasm.put(reals([3, 2, k, n], 4));
        expect(difference(compiled(turned, other, bias), layer(turned, other, bias), 'turned')).toBe('');
      }
      expect(String(compiled)).toContain(': 1 line');
      wasm.checkGuards();
    }
  });

  test('a constant right operand is packed once, with the same bits, and again when it is another', () => {
    const cases: [x: Tensor, w: Tensor, v: Tensor, packed: boolean][] = (
      [
        [[7, 9], [9, 11], true],
        [[2, 7, 9], [2, 9, 11], true],
        // Read as they lie.
        [[2, 9], [9, 11], false],
        [[9, 9], [9, 2], false],
      ] as const
    ).map(([x, w, packed]) => [wasm.put(reals(x, 1)), wasm.put(reals(w, 2)), wasm.put(reals(w, 3)), packed]);
    const turned = (t: Tensor): Tensor => permute(wasm.put(reals([11, 5, 6], 4 + t.size)), [1, 2, 0]);
    // Turned round; several runs, which share working memory.
    cases.push([wasm.put(reals([5, 7, 6], 5)), turned(cases[0][0]), turned(cases[0][1]), true]);
    cases.push([
      permute(wasm.put(reals([2, 6, 3, 7], 5)), [0, 2, 3, 1]),
      wasm.put(reals([2, 1, 6, 8], 6)),
      wasm.put(reals([2, 1, 6, 8], 7)),
      false,
    ]);
    for (const [x, w, v, packed] of cases) {
      const product = compile((w: Tensor, x: Tensor) => matmul(x, w), { constant: 1 });
      for (const [given, by] of [
        [w, x],
        [w, add(x, 1)],
        [v, x],
        [w, x],
      ] as const) {
        expect(difference(product(given, by), matmul(by, given), `${x.shape} · ${w.shape}`)).toBe('');
        wasm.checkGuards();
      }
      expect(String(product).includes('made once')).toBe(packed);
    }
  });

  test('sizes around blocks of rows, columns and depth', () => {
    for (const [m, n, k] of [
      [47, 255, 511],
      [48, 256, 512],
      [49, 257, 513],
      [97, 9, 1030],
      [1, 1, 1],
      [6, 8, 1],
    ] as const) {
      const [a, b] = [integers([m, k], 1), integers([k, n], 2)];
      expect(difference(matmul(wasm.put(a), wasm.put(b)), matmul(a, b), `${m}×${n}×${k}`)).toBe('');
    }
  });

  test('few rows or columns: exact on integers, and the layout of an operand changes no bit', () => {
    for (const [m, n, k] of [
      [1, 101, 37],
      [2, 63, 10],
      [3, 50, 41],
      [4, 35, 520],
      [101, 1, 37],
      [63, 2, 10],
      [50, 4, 41],
      [2, 2, 30],
      [1, 8, 3],
    ] as const) {
      const what = `${m}×${n}×${k}`;
      const [a, b] = [integers([2, m, k], 1), integers([2, k, n], 2)];
      expect(difference(matmul(wasm.put(a), wasm.put(b)), matmul(a, b), what)).toBe('');
      const [x, y] = [wasm.put(reals([m, k], 1)), wasm.put(reals([k, n], 2))];
      /** The same matrix, its columns one after the other in memory, or with gaps. */
      const other = (t: Tensor): Tensor[] => [
        permute(wasm.put(tensor(permute(t, [1, 0]).dataSync(), { shape: [t.shape[1], t.shape[0]] })), [1, 0]),
        slice(concat([t, t], 1), [[], [0, t.shape[1]]]),
      ];
      const expected = matmul(x, y);
      for (const p of [x, ...other(x)])
        for (const q of [y, ...other(y)]) expect(difference(matmul(p, q), expected, what)).toBe('');
      wasm.checkGuards();
    }
  });

  test('errors stay below k · 2⁻²⁴ · Σ |a| |b|, and NaN is not lost', () => {
    const [a, b] = [reals([37, 700], 1), reals([700, 41], 2)];
    const exact = matmul(
      tensor(Float64Array.from(a.dataSync()), { shape: a.shape }),
      tensor(Float64Array.from(b.dataSync()), { shape: b.shape }),
    ).dataSync();
    const bound = matmul(
      tensor(Float64Array.from(a.dataSync(), Math.abs), { shape: a.shape }),
      tensor(Float64Array.from(b.dataSync(), Math.abs), { shape: b.shape }),
    ).dataSync();
    for (const backend of [wasm, plain]) {
      const got = matmul(backend.put(a), backend.put(b)).dataSync();
      got.forEach((y, i) => expect(Math.abs(y - exact[i])).toBeLessThanOrEqual(700 * 2 ** -24 * bound[i]));
    }
    const spoiled = a.dataSync();
    spoiled[5 * 700 + 3] = NaN;
    const rows = matmul(wasm.tensor(spoiled, { shape: a.shape }), wasm.put(b)).toArray() as number[][];
    rows.forEach((row, i) => expect(row.every(Number.isNaN)).toBe(i === 5));
  });
});

describe('reductions', () => {
  const axes = fc
    .array(fc.record({ size: fc.integer({ min: 1, max: 19 }), reduced: fc.boolean() }), { minLength: 1, maxLength: 4 })
    .filter((all) => all.reduce((n, { size }) => n * size, 1) <= 4000);

  test('are exact on integers: every dtype, any axes, strided', () => {
    fc.assert(
      fc.property(
        axes,
        fc.constantFrom('float32', 'float64', 'int32', 'bool'),
        fc.constantFrom('plain', 'turned', 'flipped', 'broadcast'),
        fc.nat(9),
        (all, dtype, way, seed) => {
          const shape = all.map(({ size }) => size);
          const axis = all.flatMap(({ reduced }, i) => (reduced ? [i] : []));
          const order = shape.map((_, i) => shape.length - 1 - i);
          const x =
            way === 'turned'
              ? permute(
                  integers(
                    order.map((i) => shape[i]),
                    seed,
                    dtype,
                  ),
                  order,
                )
              : way === 'flipped'
                ? flip(integers(shape, seed, dtype), [0])
                : way === 'broadcast'
                  ? broadcastTo(integers(shape.slice(1), seed, dtype), shape)
                  : integers(shape, seed, dtype);
          for (const reduce of [sum, amax, amin])
            expect(difference(reduce(wasm.put(x), { axis }), reduce(x, { axis }), reduce.name)).toBe('');
          wasm.checkGuards();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of nothing, of NaN, and of many small terms', () => {
    expect(difference(sum(wasm.tensor([], { shape: [0, 3] }), { axis: 0 }), tensor([0, 0, 0]))).toBe('');
    for (const axis of [0, 1]) {
      const x = reals([9, 9], 3).dataSync();
      x[4 * 9 + 6] = NaN;
      for (const reduce of [sum, amax, amin]) {
        const y = reduce(wasm.tensor(x, { shape: [9, 9] }), { axis }).dataSync();
        y.forEach((value, i) => expect(Number.isNaN(value)).toBe(i === (axis === 0 ? 6 : 4)));
      }
    }
    expect(difference(amax(wasm.tensor([-0, 0, -0])), tensor(0))).toBe('');
    expect(
      difference(
        sum(wasm.tensor(new Float32Array(100_000).fill(0.1))),
        sum(tensor(new Float32Array(100_000).fill(0.1))),
      ),
    ).toBe('');
    const x = reals([130, 70], 5);
    for (const axis of [0, 1]) expect(difference(sum(wasm.put(x), { axis }), sum(x, { axis }))).toBe('');
  });
});

describe('softmax', () => {
  const ulp = (x: number): number =>
    Math.abs(x) < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23);

  test('keeps its bounds along every axis', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 21 }),
        fc.integer({ min: 1, max: 11 }),
        fc.nat(2),
        fc.nat(99),
        (a, b, c, axis, seed) => {
          const x = reals([a, b, c], seed);
          const values = x.dataSync();
          const exact = softmax(tensor(Float64Array.from(values), { shape: x.shape }), axis).dataSync();
          const top = broadcastTo(amax(x, { axis, keepdims: true }), x.shape).dataSync();
          const wrong: string[] = [];
          for (const backend of [wasm, plain]) {
            const y = softmax(backend.put(x), axis).dataSync();
            const z = logSoftmax(backend.put(x), axis).dataSync();
            exact.forEach((p, i) => {
              if (!(Math.abs(y[i] - p) <= (6 + 2 * (top[i] - values[i])) * ulp(p)))
                wrong.push(`softmax ${y[i]} should be ${p}`);
              if (!(Math.abs(z[i] - Math.log(p)) <= 2 ** -22 + ulp(Math.log(p))))
                wrong.push(`logSoftmax ${z[i]} should be ${Math.log(p)}`);
            });
          }
          expect(wrong).toEqual([]);
          wasm.checkGuards();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('rows of every length keep their bounds, and a NaN stays in its row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 400 }), fc.nat(), (rows, count, seed) => {
        const values = Float32Array.from(reals([rows, count], seed % 99).dataSync());
        // Equal elements have equal errors, which add up in the sum.
        if (seed % 3 === 0) values.fill(values[0] - (seed % 7), 1, count);
        const [bad, at] = [seed % (rows + 1), seed % count];
        if (bad < rows) values[bad * count + at] = NaN;
        const exact = softmax(tensor(Float64Array.from(values), { shape: [rows, count] })).dataSync();
        for (const backend of [wasm, plain]) {
          const y = softmax(backend.tensor(values, { shape: [rows, count] })).dataSync();
          const wrong = Array.from(exact, (p, i) => {
            const row = Math.floor(i / count);
            if (row === bad) return Number.isNaN(y[i]);
            const top = Math.max(...values.subarray(row * count, (row + 1) * count));
            return Math.abs(y[i] - p) <= (6 + 2 * (top - values[i])) * ulp(p);
          }).indexOf(false);
          expect(wrong).toBe(-1);
        }
        wasm.checkGuards();
      }),
      { numRuns: 60 },
    );
  });

  test('rows and columns with infinities, NaN and large values', () => {
    for (const values of [
      [-Infinity, -Infinity],
      [Infinity, 1],
      [NaN, 1],
      [-Infinity, 3],
      [1e38, -1e38],
      [1000, 999],
      // Beside such a maximum the logarithm of the sum is nothing.
      [1e38, 1e38],
      [2 ** 60, -1, 2 ** 60],
    ]) {
      const columns = values.flatMap((x) => [x, x]);
      for (const [data, shape] of [
        [values, [values.length]],
        [columns, [values.length, 2]],
      ] as const) {
        for (const f of [softmax, logSoftmax]) {
          const expected = f(tensor(data, { shape, dtype: 'float64' }), 0).dataSync();
          f(wasm.tensor(data, { shape }), 0)
            .dataSync()
            .forEach((y, i) => {
              const e = Math.fround(expected[i]);
              if (Number.isFinite(e)) expect(Math.abs(y - e)).toBeLessThanOrEqual(1e-5 + 1e-6 * Math.abs(e));
              else expect(y).toBe(e);
            });
        }
      }
    }
  });
});

describe('moved elements', () => {
  test('concat, split and reshape of any view and the gradient of a slice, in every dtype', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        sizes,
        fc.nat(3),
        fc.constantFrom('float32', 'float64', 'int32', 'bool'),
        fc.boolean(),
        fc.nat(9),
        (shape, at, dtype, turned, seed) => {
          const axis = at % shape.length;
          const order = shape.map((_, i) => shape.length - 1 - i);
          const of = (salt: number): Tensor =>
            turned
              ? permute(
                  integers(
                    order.map((i) => shape[i]),
                    seed + salt,
                    dtype,
                  ),
                  order,
                )
              : integers(shape, seed + salt, dtype);
          const [a, b] = [of(1), of(2)];
          expect(
            difference(concat([wasm.put(a), wasm.put(b), wasm.put(a)], axis), concat([a, b, a], axis), 'concat'),
          ).toBe('');
          expect(difference(reshape(wasm.put(a), [a.size]), reshape(a, [a.size]), 'reshape')).toBe('');
          const size = Math.max(1, Math.floor(shape[axis] / 2));
          const expected = split(a, size, axis);
          split(wasm.put(a), size, axis).forEach((piece, i) =>
            expect(difference(piece, expected[i], 'split')).toBe(''),
          );
          const attrs = {
            shape: shape.map((n) => 2 * n + 3),
            starts: shape.map((n, i) => (i % 2 === 0 ? 1 : 2 * n + 2)),
            steps: shape.map((_, i) => (i % 2 === 0 ? 2 : -1)),
          };
          expect(difference(apply(Embed, attrs, [wasm.put(a)])[0], apply(Embed, attrs, [a])[0], 'embed')).toBe('');
          const block = { shape: shape.map((n) => n + 3), starts: shape.map(() => 2), steps: shape.map(() => 1) };
          expect(
            difference(apply(Embed, block, [wasm.put(a)])[0], apply(Embed, block, [a])[0], 'embed of a block'),
          ).toBe('');
          wasm.checkGuards();
        },
      ),
      { numRuns: 60 },
    );
    const wide = integers([5, 40, 3], 1);
    expect(difference(concat([wasm.put(wide), wasm.put(wide)], 1), concat([wide, wide], 1))).toBe('');
  });
});

test('random numbers are those of the reference, bit for bit', () => {
  for (const count of [0, 1, 7, 8, 9, 1000, 4099]) {
    for (const seed of [0, 1, -5, 2 ** 40 + 3]) {
      const [here, there] = [wasm.put(key(seed)), key(seed)];
      expect(difference(randomBits(here, [count]), randomBits(there, [count]), 'bits')).toBe('');
      expect(difference(randomUniform(here, [count]), randomUniform(there, [count]), 'uniform')).toBe('');
      expect(
        difference(
          randomUniform(here, [count], { low: -1, high: 3 }),
          randomUniform(there, [count], { low: -1, high: 3 }),
          'other bounds',
        ),
      ).toBe('');
      for (const n of [0, -1, 2 ** 31, 2 ** 53 - 1])
        expect(difference(foldIn(here, n), foldIn(there, n), `fold ${n}`)).toBe('');
      splitKey(there, 3).forEach((k, i) => expect(difference(splitKey(here, 3)[i], k, `split ${i}`)).toBe(''));
      for (const p of [0, 1e-10, 0.1, 0.5, 1])
        expect(difference(bernoulli(here, p, [count]), bernoulli(there, p, [count]), `p ${p}`)).toBe('');
    }
  }
  wasm.checkGuards();
});

test('one number that is not finite is found wherever it stands, and the largest and smallest finite ones are none', () => {
  const asked = (inputs: readonly Tensor[]): boolean =>
    apply(
      AllFinite,
      {},
      inputs.map((t) => wasm.put(t)),
    )[0].item() === 1;
  for (const dtype of ['float32', 'float64'] as const) {
    const edge = dtype === 'float32' ? [3.4028234663852886e38, 1e-45] : [Number.MAX_VALUE, Number.MIN_VALUE];
    for (const length of [1, 2, 3, 4, 5, 8, 11]) {
      for (let at = 0; at < length; at++) {
        const values = Array.from({ length }, (_, i) => edge[i % 2] * (i % 3 === 0 ? -1 : 1));
        const of = (value: number): Tensor => tensor(values.with(at, value), { dtype });
        expect(asked([of(0), of(1)])).toBe(true);
        for (const bad of [NaN, Infinity, -Infinity]) {
          expect(asked([of(bad)])).toBe(false);
          expect(asked([of(0), permute(tensor([values, values.with(at, bad)], { dtype }), [1, 0])])).toBe(false);
          expect(asked([of(bad), of(0)])).toBe(false);
        }
      }
    }
  }
  expect(asked([integers([3], 1, 'int32'), integers([0], 1)])).toBe(true);
  wasm.checkGuards();
});

test('inside a scope everything stays in WebAssembly memory, and what is returned leaves it', () => {
  const [a, b] = [wasm.put(integers([12, 9], 1)), wasm.put(integers([9, 10], 2))];
  const y = run((a: Tensor, b: Tensor) => sum(matmul(a, b), { axis: 1 }), a, b);
  expect(difference(y, sum(matmul(integers([12, 9], 1), integers([9, 10], 2)), { axis: 1 }))).toBe('');
});
