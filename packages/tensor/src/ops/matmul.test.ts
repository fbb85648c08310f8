import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradientError, pullBack, secondOrderError } from '../../test/gradient.js';
import {
  distance,
  everyIndex,
  integer,
  integerView,
  randomFrom,
  randomView,
  reader,
  shuffled,
  valuesOf,
} from '../../test/values.js';
import { ones, tensor, zeros } from '../create.js';
import type { DType } from '../spec.js';
import type { Tensor } from '../tensor.js';
import { bmm, dot, einsum, gemm, Matmul, matmul, mul, narrow, outer, select, sum, transpose } from './index.js';

/** By the definition, on [..., M, K] and [..., K, N] whose leading axes broadcast. */
function naive(a: Tensor, b: Tensor): { shape: number[]; values: number[] } {
  const rank = Math.max(a.rank, b.rank);
  const batch = Array.from({ length: rank - 2 }, (_, i) => {
    const sizes = [a, b].map((t) => t.shape[i - rank + t.rank] ?? 1);
    return sizes[0] === 1 ? sizes[1] : sizes[0];
  });
  const [m, k] = a.shape.slice(-2);
  const shape = [...batch, m, b.shape[b.rank - 1]];
  const [x, y] = [a, b].map((t) => {
    const at = reader(t);
    return (lead: number[], i: number, j: number): number =>
      at([...lead.slice(lead.length - (t.rank - 2)).map((n, axis) => (t.shape[axis] === 1 ? 0 : n)), i, j]);
  });
  const values = everyIndex(shape).map((index) => {
    const [i, j] = index.slice(-2);
    let total = 0;
    for (let d = 0; d < k; d++) total += x(index.slice(0, -2), i, d) * y(index.slice(0, -2), d, j);
    return total;
  });
  return { shape, values };
}

const size = fc.integer({ min: 0, max: 9 });
const dtypes = fc.constantFrom<DType>('float64', 'float32', 'int32');

describe('matmul', () => {
  test('exact on small integers: any strides, sizes and broadcast batches, zero included', () => {
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
        fc.integer(),
        dtypes,
        (m, k, n, batch, seed, dtype) => {
          const random = randomFrom(seed);
          const lead = (): number[] => batch.map((b) => (random() < 0.3 ? 1 : b)).slice(random() < 0.3 ? 1 : 0);
          const a = integerView([...lead(), m, k], random, dtype);
          const b = integerView([...lead(), k, n], random, dtype);
          const expected = naive(a, b);
          const y = matmul(a, b);
          expect([y.shape, y.dtype]).toEqual([expected.shape, dtype]);
          expect(valuesOf(y).map((v) => v + 0)).toEqual(expected.values.map((v) => v + 0));
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([
    [97, 98, 260],
    [200, 7, 300],
    [2, 300, 40],
    [300, 2, 40],
    [1, 9300, 3],
    [3, 3, 600],
  ])('%i×%i with %i terms: bit for bit the sum in order, however it is blocked', (m, n, k) => {
    const random = randomFrom(m);
    const make = (count: number): Float64Array => Float64Array.from({ length: count }, () => random() - 0.5);
    const [a, b] = [make(m * k), make(k * n)];
    const c = new Float64Array(m * n + 2).fill(7);
    // A by rows, B by columns, C by columns and one further on.
    gemm(
      m,
      n,
      k,
      { data: a, offset: 0, rowStride: k, columnStride: 1 },
      { data: b, offset: 0, rowStride: 1, columnStride: k },
      { data: c, offset: 1, rowStride: 1, columnStride: m },
    );
    const expected = new Float64Array(m * n + 2).fill(7);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let d = 0; d < k; d++) total += a[i * k + d] * b[j * k + d];
        expected[1 + j * m + i] = total;
      }
    }
    expect(c.every((value, i) => value === expected[i])).toBe(true);
  });

  test('E12: float32 sums are taken in float64', () => {
    const row = tensor([[2 ** 24, 1, 1, 1, 1]]);
    expect(matmul(row, tensor([[1], [1], [1], [1], [1]])).item()).toBe(2 ** 24 + 4);
    expect(
      valuesOf(
        matmul(
          tensor([
            [1, 1, 1],
            [1, 1, 1],
            [1, 1, 1],
          ]),
          tensor([
            [2 ** 24, 0, 0],
            [1, 0, 0],
            [1, 0, 0],
          ]),
        ),
      )[0],
    ).toBe(2 ** 24 + 2);
  });

  test('vectors', () => {
    const random = randomFrom(8);
    const [m, v, w] = [randomView([3, 4], random), randomView([4], random), randomView([3], random)];
    expect(distance(valuesOf(matmul(m, v)), valuesOf(sum(mul(m, v), { axis: 1 })))).toBeLessThan(1e-15);
    expect(matmul(w, m).shape).toEqual([4]);
    expect(matmul(v, v).shape).toEqual([]);
    expect(matmul(randomView([2, 5, 3, 4], random), v).shape).toEqual([2, 5, 3]);
    expect(matmul(w, randomView([2, 3, 5], random)).shape).toEqual([2, 5]);
    expect(matmul(zeros([0]), zeros([0])).item()).toBe(0);
    expect(dot(tensor([1, 2, 3]), tensor([4, 5, 6])).item()).toBe(32);
    expect(outer(tensor([1, 2]), tensor([3, 4, 5])).toArray()).toEqual([
      [3, 4, 5],
      [6, 8, 10],
    ]);
    for (const [a, b] of [
      [m, v],
      [w, m],
      [v, v],
      [randomView([2, 3, 4], random), v],
      [w, randomView([2, 3, 5], random)],
    ]) {
      expect(gradientError(matmul, [a, b], random)).toBeLessThan(1e-8);
    }
  });

  test('bmm is matmul of two batches, and refuses what matmul would broadcast', () => {
    const [a, b] = [
      tensor([[[1, 2]], [[3, 4]]]),
      tensor([
        [[1], [10]],
        [[2], [0]],
      ]),
    ];
    expect(bmm(a, b).toArray()).toEqual([[[21]], [[6]]]);
    expect(bmm(a, b).toArray()).toEqual(matmul(a, b).toArray());
    expect(() => bmm(a, narrow(b, 0, 0, 1))).toThrow('bmm: both batches have as many matrices (received [2, 1])');
    expect(() => bmm(a, a)).toThrow('the last axis of a has 2 elements');
    expect(() => bmm(a, select(b, 0, 0))).toThrow('bmm: both inputs are batches of matrices, with 3 axes');
  });

  test('gradients, twice', () => {
    const random = randomFrom(6);
    for (const [a, b] of [
      [
        [2, 3],
        [3, 2],
      ],
      [
        [2, 2, 3],
        [2, 3, 2],
      ],
      [
        [2, 1, 2, 3],
        [3, 3, 2],
      ],
      [
        [1, 3],
        [2, 3, 2],
      ],
    ]) {
      const xs = [randomView(a, random), randomView(b, random)];
      expect(gradientError(matmul, xs, random)).toBeLessThan(1e-8);
      expect(secondOrderError(matmul, xs, random)).toBeLessThan(1e-7);
    }
  });

  test('E7: a right operand shared by the batch collects the gradients of all', () => {
    const random = randomFrom(1);
    for (const shape of [
      [3, 4],
      [1, 3, 4],
    ]) {
      const xs = [integerView([2, 5, 2, 3], random), integerView(shape, random)];
      const upstream = integerView([2, 5, 2, 4], random);
      const [da, db] = pullBack(matmul, xs, upstream);
      expect(valuesOf(da)).toEqual(naive(upstream, transpose(xs[1])).values);
      const [x, u] = [reader(xs[0]), reader(upstream)];
      const expected = everyIndex([3, 4]).map(([k, n]) =>
        everyIndex([2, 5, 2]).reduce((total, [p, q, m]) => total + x([p, q, m, k]) * u([p, q, m, n]), 0),
      );
      expect([db.shape, valuesOf(db)]).toEqual([shape, expected]);
    }
  });

  test('the adjoint in either input, exactly', () => {
    fc.assert(
      fc.property(size, size, size, fc.integer(), (m, k, n, seed) => {
        const random = randomFrom(seed);
        const [a, b, u] = [
          integerView([2, m, k], random),
          integerView([2, k, n], random),
          integerView([2, m, n], random),
        ];
        const inner = (x: Tensor, y: Tensor): number => sum(mul(x, y)).item();
        const [da, db] = pullBack(matmul, [a, b], u);
        expect(inner(a, da)).toBe(inner(matmul(a, b), u));
        expect(inner(b, db)).toBe(inner(matmul(a, b), u));
      }),
      { numRuns: 40 },
    );
  });

  test('only the gradient that is wanted is computed', () => {
    const [a, b, u] = [zeros([2, 3]), zeros([3, 2]), zeros([2, 2])];
    for (const wants of [
      [true, false],
      [false, true],
    ]) {
      expect(Matmul.vjp!({}, [u], [a, b], [u], wants).map((g) => g !== null)).toEqual(wants);
    }
    expect(Matmul.vjp!({}, [null], [a, b], [u], [true, true])).toEqual([null, null]);
  });

  test('dtypes', () => {
    expect(matmul(tensor([[true, true]]), tensor([[true], [true]])).toArray()).toEqual([[2]]);
    expect(matmul(tensor(new Int32Array([1, 2])), tensor([0.5, 0.25])).dtype).toBe('float32');
    expect(matmul(zeros([1, 1]), zeros([1, 1], 'float64')).dtype).toBe('float64');
    expect(
      valuesOf(
        matmul(
          tensor([
            [NaN, 0],
            [1, 1],
          ]),
          tensor([
            [0, 0],
            [Infinity, 0],
          ]),
        ),
      ),
    ).toEqual([NaN, NaN, Infinity, 0]);
  });

  test.each<[string, () => unknown, string]>([
    [
      'inner sizes',
      () => matmul(zeros([2, 3]), zeros([4, 5])),
      'matmul: the last axis of a has 3 elements, but the axis of b that it is multiplied along has 4. Use [..., M, K] · [..., K, N]; transpose(b) if b is [..., N, K].\n  shapes: a [2, 3], b [4, 5]',
    ],
    ['vectors', () => matmul(zeros([3]), zeros([4])), 'the last axis of a has 3 elements'],
    ['scalars', () => matmul(zeros([]), zeros([4])), 'matmul: a scalar has no rows or columns. Use mul to scale.'],
    ['batches', () => matmul(zeros([2, 1, 3]), zeros([3, 3, 1])), 'matmul: sizes 2 and 3 do not broadcast'],
    ['dot', () => dot(zeros([1, 3]), zeros([3])), "dot: both inputs must be vectors (received '[1, 3] and [3]')."],
    ['outer', () => outer(zeros([]), zeros([3])), 'outer: both inputs must be vectors'],
  ])('refuses %s', (_, f, message) => {
    expect(f).toThrow(message);
  });
});

describe('einsum', () => {
  const sizes: Record<string, number> = { a: 2, b: 3, c: 1, d: 4 };
  const letters = Object.keys(sizes);

  test('against the sum over all names, for random equations of up to three operands', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomFrom(seed);
        const terms = Array.from({ length: integer(random, 1, 3) }, () =>
          Array.from({ length: integer(random, 0, 3) }, () => letters[integer(random, 0, 3)]),
        );
        const names = [...new Set(terms.flat())];
        const output = shuffled(random, names.length)
          .slice(0, integer(random, 0, names.length))
          .map((i) => names[i]);
        const xs = terms.map((term) =>
          integerView(
            term.map((c) => sizes[c]),
            random,
          ),
        );
        const y = einsum(`${terms.map((t) => t.join('')).join(', ')} -> ${output.join('')}`, ...xs);

        const shape = output.map((c) => sizes[c]);
        const expected = new Map(everyIndex(shape).map((k) => [k.join(), 0]));
        for (const point of everyIndex(names.map((c) => sizes[c]))) {
          const at = (c: string): number => point[names.indexOf(c)];
          const key = output.map(at).join();
          expected.set(
            key,
            expected.get(key)! + xs.reduce((product, x, i) => product * reader(x)(terms[i].map(at)), 1),
          );
        }
        expect(y.shape).toEqual(shape);
        expect(valuesOf(y).map((v) => v + 0)).toEqual([...expected.values()].map((v) => v + 0));
      }),
      { numRuns: 150 },
    );
  });

  test('without an output: names that occur once, in alphabetical order', () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(einsum('ba', x).toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(einsum('ij,jk', x, transpose(x)).toArray()).toEqual([
      [14, 32],
      [32, 77],
    ]);
    expect(
      einsum(
        'ii',
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ).item(),
    ).toBe(5);
    expect(einsum('...i,i', x, tensor([1, 1, 1])).toArray()).toEqual([6, 15]);
  });

  test('the ellipsis broadcasts, and is summed where the output has none', () => {
    const random = randomFrom(3);
    const [a, b] = [integerView([2, 1, 3, 2], random), integerView([4, 2, 3], random)];
    const y = einsum('...ij,...jk->...ik', a, b);
    expect([y.shape, valuesOf(y)]).toEqual([[2, 4, 3, 3], naive(a, b).values]);
    expect(valuesOf(einsum('...ij->ij', a))).toEqual(valuesOf(sum(a, { axis: [0, 1] })));
    expect(valuesOf(einsum('i...->...i', a))).toEqual(
      everyIndex([1, 3, 2, 2]).map(([j, k, l, i]) => reader(a)([i, j, k, l])),
    );
    expect(einsum('bi,bi->b', zeros([0, 3]), zeros([0, 3])).shape).toEqual([0]);
  });

  test('gradients, twice', () => {
    const random = randomFrom(12);
    for (const [equation, ...shapes] of [
      ['bij,bjk->bik', [2, 2, 3], [2, 3, 2]],
      ['ii->i', [3, 3]],
      ['ij,ij,j->i', [2, 3], [2, 3], [3]],
      ['...i,i->...', [2, 2, 3], [3]],
    ] as const) {
      const xs = (shapes as readonly (readonly number[])[]).map((shape) => randomView(shape, random));
      const f = (...ts: Tensor[]): Tensor => einsum(equation as string, ...ts);
      expect(gradientError(f, xs, random)).toBeLessThan(1e-8);
      expect(secondOrderError(f, xs, random)).toBeLessThan(1e-7);
    }
  });

  const x = zeros([2, 3]);
  test.each<[string, () => unknown, string]>([
    ['too few tensors', () => einsum('ij,jk', x), "einsum: 2 operands are named, but 1 tensors were given, in 'ij,jk'"],
    ['a rank', () => einsum('ijk', x), "einsum: operand 0 has 2 axes (shape [2, 3]), but 'ijk' names 3; in 'ijk'"],
    [
      'a rank without ellipsis',
      () => einsum('i->i', x),
      "einsum: operand 0 has 2 axes (shape [2, 3]), but 'i' names 1; in 'i->i'",
    ],
    ['an unknown name', () => einsum('ij->ik', x), "einsum: the output names 'k', which no operand has, in 'ij->ik'"],
    ['a name twice', () => einsum('ij->ii', x), "einsum: the output names 'i' twice in 'ij->ii'"],
    [
      'a symbol',
      () => einsum('i1->i', x),
      "einsum: axes are named by letters and '...' once; found '1' of 'i1' in 'i1->i'",
    ],
    ['two arrows', () => einsum('ij->i->j', x), "einsum: '->' occurs twice in 'ij->i->j'"],
    ['sizes', () => einsum('ij,ij->ij', x, zeros([2, 4])), "einsum: axis 'j' has two sizes (received '3 and 4')."],
  ])('refuses %s', (_, f, message) => {
    expect(f).toThrow(message);
  });
});

test('it counts its products: of matrices of ones the sum of the result', () => {
  for (const [a, b] of [
    [
      [2, 3],
      [3, 4],
    ],
    [
      [5, 2, 3],
      [5, 3, 1],
    ],
    [
      [2, 0],
      [0, 4],
    ],
  ] as const) {
    const [x, y] = [ones(a), ones(b)];
    const z = matmul(x, y);
    expect(Matmul.multiplyAdds!({}, [x.spec, y.spec], [z.spec])).toBe(sum(z).item());
  }
});
