import {
  expectClose,
  expectSame,
  floats,
  type Law,
  type Laws,
  noise,
  opLaws,
  type Values,
  Violation,
} from '@lemmata/laws';
import { vjp } from '@lemmata/autograd';
import { apply, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import type { Drawn } from '../family.laws.js';
import { asTensor, indices, made, matrices, product, roots, rotation, solve, turned } from './matrices.laws.js';
import { CovarianceRoots, Lyapunov } from './roots.js';
import { compose, symmetricEigen } from './symmetric-eigen.js';

/** Diagonals in [2, 3] and small elements beside them: definite, symmetric or not. */
const definite =
  (d: number): Values =>
  (size) =>
    fc
      .array(fc.integer({ min: 0, max: 1000 }), { minLength: size, maxLength: size })
      .map((drawn) => drawn.map((v, i) => (Math.floor((i % (d * d)) / d) === i % d ? 2 + v / 1000 : (v - 500) / 1500)));

/** Multiples of the identity: what divides by sums of its eigenvalues is exact. */
const scalar =
  (d: number): Values =>
  (size) =>
    fc.constant(indices(size).map((i) => (Math.floor((i % (d * d)) / d) === i % d ? 0.5 : 0)));

export const rootLaws: Laws = opLaws(CovarianceRoots, {
  samples: [
    { attrs: { eps: 0.1 }, inputs: [floats([3, 3], definite(3))] },
    { attrs: { eps: 1e-3 }, inputs: [floats([2, 2, 2], definite(2))] },
    { attrs: { eps: 1 }, inputs: [floats([1, 1], definite(1))] },
  ],
  invalid: [
    { attrs: { eps: 1 }, inputs: [floats([2, 3])], throws: /covariance must be \[\.\.\., d, d\]/ },
    { attrs: { eps: 1 }, inputs: [{ shape: [2, 2], dtype: 'int32' }], throws: /all float32, or all float64/ },
  ],
  oracle({ eps }, covariance) {
    const d = covariance.shape[covariance.shape.length - 1];
    const both = matrices(covariance, true).map((a) => roots(made(d, (i, j) => a[i][j] + (i === j ? eps : 0))));
    return [0, 1].map((k) => ({ shape: covariance.shape, data: both.flatMap((pair) => pair[k].flat()) }));
  },
  oracleBound: { relative: 1e-10, absolute: 1e-10, reason: 'the oracle inverts 60 matrices one after the other' },
});

export const lyapunovLaws: Laws = opLaws(Lyapunov, {
  samples: [
    { attrs: {}, inputs: [{ ...floats([3, 3], definite(3)), exact: scalar(3) }, floats([3, 3])] },
    { attrs: {}, inputs: [{ ...floats([2, 2, 2], definite(2)), exact: scalar(2) }, floats([2, 2, 2])] },
  ],
  invalid: [
    { attrs: {}, inputs: [floats([2, 2]), floats([3, 3])], throws: /right must have the shape of the first/ },
    { attrs: {}, inputs: [floats([2, 3]), floats([2, 3])], throws: /matrix must be \[\.\.\., d, d\]/ },
  ],
  // S Y + Y S = V, written out as d² equations for the elements of Y.
  oracle(_, matrix, right) {
    const d = matrix.shape[matrix.shape.length - 1];
    const given = matrices(right, false);
    const data = matrices(matrix, true).flatMap((s, m) => {
      const equations = made(d * d, (row, column) => {
        const [i, j, p, q] = [Math.floor(row / d), row % d, Math.floor(column / d), column % d];
        return (j === q ? s[i][p] : 0) + (i === p ? s[q][j] : 0);
      });
      return solve(
        equations,
        given[m].flat().map((v) => [v]),
      ).flat();
    });
    return { shape: right.shape, data };
  },
});

type Gradient = (covariance: Tensor, upstream: Tensor, eps: number) => Tensor;

interface Spectrum extends Drawn {
  readonly values: readonly number[];
}

/** Gradients with 1 / (λᵢ − λⱼ), with what to put where they are equal. */
const byDifferences =
  (atEqual: number): Gradient =>
  (covariance, upstream, eps) => {
    const d = covariance.shape[0];
    const { values, vectors } = symmetricEigen(covariance.dataSync(), d);
    const q = made(d, (i, k) => vectors[i * d + k]);
    const f = (v: number): number => (v + eps) ** -0.5;
    const u = matrices({ shape: [d, d], data: upstream.dataSync() }, true)[0];
    const inner = product(product(turned(q), u), q);
    const scaled = made(d, (i, j) => {
      if (i === j) return inner[i][j] * -0.5 * (values[i] + eps) ** -1.5;
      const gap = values[i] - values[j];
      return inner[i][j] * (Math.abs(gap) < 1e-12 ? atEqual : (f(values[i]) - f(values[j])) / gap);
    });
    return asTensor(product(product(q, scaled), turned(q)));
  };

const stable: Law<Gradient, Spectrum> = {
  name: 'N11: gradients where eigenvalues repeat or vanish',
  statement:
    'In the basis of eigenvectors the gradient of Σ^(−1/2) multiplies by −1 / (√a √b (√a + √b)) for each pair of eigenvalues, also where they are equal, nearly so, or 0 but for ε.',
  formula: 'Q (K ∘ Qᵀ U Q) Qᵀ, Kᵢⱼ = −1 / (√a √b (√a + √b)), a = λᵢ + ε, b = λⱼ + ε',
  subject: (covariance, upstream, eps) => {
    const { pullback } = vjp((t: Tensor) => apply(CovarianceRoots, { eps }, [t])[1], covariance);
    return pullback(upstream)[0];
  },
  cases: [
    [1, 1, 1],
    [2, 2, 0.5],
    [1, 1 + 1e-9, 3],
    [0, 0, 1],
    [1e-12, 1, 1],
    [0, 0, 0],
  ].map((values) => fc.record({ seed: fc.nat(0x7ffffffe), values: fc.constant(values) })),
  mutants: [
    { name: 'differences of equal eigenvalues divide', plant: () => byDifferences(NaN) },
    { name: 'pairs of equal eigenvalues get no gradient', plant: () => byDifferences(0) },
    { name: 'ε is left out', plant: (f) => (covariance, upstream) => f(covariance, upstream, 1e-30) },
  ],
  holds(f, { seed, values }) {
    const eps = 1e-2;
    const q = rotation(seed);
    const drawn = noise(9, seed);
    const inner = made(3, (i, j) => drawn[3 * i + j] + drawn[3 * j + i]);
    const upstream = product(product(q, inner), turned(q));
    const covariance = product(
      product(
        q,
        made(3, (i, j) => (i === j ? values[i] : 0)),
      ),
      turned(q),
    );
    const scaled = made(3, (i, j) => {
      const [a, b] = [Math.sqrt(values[i] + eps), Math.sqrt(values[j] + eps)];
      return -inner[i][j] / (a * b * (a + b));
    });
    const expected = product(product(q, scaled), turned(q)).flat();
    const received = f(asTensor(covariance), asTensor(upstream), eps);
    // K is up to 500 for eigenvalues of 0, and so is an error in Σ.
    expectClose({ what: 'gradient', shape: [3, 3], source: 'Q (K ∘ Qᵀ U Q) Qᵀ' }, received.dataSync(), expected, {
      relative: 1e-9,
      absolute: 1e-9,
    });
  },
};

type Root = (covariance: Float64Array, flip: readonly number[]) => Float64Array;

const signs: Law<Root, Drawn> = {
  name: 'N12: signs of eigenvectors do not matter',
  statement: 'With any eigenvectors negated, Σ^(−1/2) is the same to the bit.',
  formula: 'Σₖ f(λₖ) (−vₖ)(−vₖ)ᵀ = Σₖ f(λₖ) vₖ vₖᵀ',
  subject: (covariance, flip) => {
    const { values, vectors } = symmetricEigen(covariance, 3);
    return compose({ values, vectors: vectors.map((v, i) => v * flip[i % 3]) }, (v) => 1 / Math.sqrt(v));
  },
  cases: fc.record({ seed: fc.nat(0x7ffffffe) }),
  mutants: [
    {
      name: 'eigenvectors on one side only (PCA)',
      plant: () => (covariance, flip) => {
        const { values, vectors } = symmetricEigen(covariance, 3);
        return vectors.map(
          (_, i) =>
            (vectors[(i % 3) * 3 + Math.floor(i / 3)] * flip[Math.floor(i / 3)]) / values[Math.floor(i / 3)] ** 0.5,
        );
      },
    },
  ],
  holds(f, { seed }) {
    const drawn = noise(9, seed);
    const a = made(3, (i, j) => drawn[3 * i + j]);
    const covariance = Float64Array.from(product(a, turned(a)).flat(), (v, i) => v + (i % 4 === 0 ? 0.1 : 0));
    const plain = f(covariance, [1, 1, 1]);
    for (const flip of [
      [-1, 1, 1],
      [1, -1, -1],
      [-1, -1, -1],
    ]) {
      expectSame({ what: `signs ${flip.join()}`, shape: [3, 3], source: 'signs 1, 1, 1' }, f(covariance, flip), plain);
    }
  },
};

const decomposes: Law<(matrix: Float64Array, size: number) => { values: Float64Array; vectors: Float64Array }, Drawn> =
  {
    name: 'eigenvectors are orthonormal and rebuild the matrix',
    statement: 'For symmetric matrices of 1 to 8 rows, of any signs and of any rank.',
    formula: 'VᵀV = I, V diag(λ) Vᵀ = A',
    subject: symmetricEigen,
    cases: fc.record({ seed: fc.nat(0x7ffffffe) }),
    mutants: [
      {
        name: 'one element of a vector is 0.1 % too large',
        plant: (f) => (matrix, size) => {
          const { values, vectors } = f(matrix, size);
          return { values, vectors: vectors.map((v, i) => (i === 0 ? v * 1.001 : v)) };
        },
      },
      {
        name: 'values in another order than vectors',
        plant: (f) => (matrix, size) => {
          const { values, vectors } = f(matrix, size);
          return { values: values.map((_, i) => values[values.length - 1 - i]), vectors };
        },
      },
    ],
    holds(f, { seed }) {
      for (const size of [1, 2, 3, 8]) {
        const drawn = noise(size * size, seed);
        // Of rank 2: most eigenvalues are 0.
        const low = made(size, (i, j) => drawn[i] * drawn[j] - drawn[size - 1 - i] * drawn[size - 1 - j]);
        for (const a of [made(size, (i, j) => drawn[i * size + j] + drawn[j * size + i]), low]) {
          const { values, vectors } = f(Float64Array.from(a.flat()), size);
          const v = made(size, (i, j) => vectors[i * size + j]);
          const bound = { relative: 0, absolute: 1e-13 * size };
          const shape = [size, size];
          const one = made(size, (i, j) => Number(i === j));
          const rebuilt = product(
            product(
              v,
              made(size, (i, j) => (i === j ? values[i] : 0)),
            ),
            turned(v),
          );
          if (values.some(Number.isNaN))
            throw new Violation({ what: 'eigenvalues', received: NaN, expected: 'numbers' });
          expectClose({ what: 'VᵀV', shape, source: 'I' }, product(turned(v), v).flat(), one.flat(), bound);
          expectClose({ what: 'V diag(λ) Vᵀ', shape, source: 'A' }, rebuilt.flat(), a.flat(), bound);
        }
      }
    },
  };

export const spectralLaws: Laws = { subject: 'roots of a covariance', laws: [stable, signs, decomposes] };
