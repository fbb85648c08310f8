import {
  add,
  bernoulli,
  cast,
  div,
  mean,
  mul,
  reshape,
  softmax,
  sqrt,
  sub,
  transpose,
  variance,
  type Tensor,
} from '@lemmata/tensor';
import { describe, expect, test } from 'vitest';
import {
  check,
  dropoutLaws,
  normalisationLaws,
  optimiserLaws,
  runLaw,
  softmaxLaws,
  type Laws,
  type OptimiserLike,
} from '../index.js';

const broken = ({ laws }: Laws): string[] =>
  laws.filter((law) => runLaw(law, { mutants: false }).failure !== null).map(({ name }) => name);

const normalise =
  (axes: readonly number[], correction = 0) =>
  (x: Tensor, eps: number): Tensor =>
    div(
      sub(x, mean(x, { axis: axes, keepdims: true })),
      sqrt(add(variance(x, { axis: axes, keepdims: true, correction }), eps)),
    );
const rms = (x: Tensor, eps: number): Tensor => div(x, sqrt(add(mean(mul(x, x), { axis: [1], keepdims: true }), eps)));

describe('normalisation', () => {
  check(normalisationLaws('batch statistics', { normalise: normalise([0, 2]), shape: [3, 2, 4], axes: [0, 2] }), test);
  check(normalisationLaws('layer statistics', { normalise: normalise([1, 2]), shape: [3, 2, 4], axes: [1, 2] }), test);
  check(normalisationLaws('root mean square', { normalise: rms, shape: [3, 6], axes: [1], centred: false }), test);

  test('N2: the unbiased variance, the wrong axes, a mean that stays are caught', () => {
    const sample = { shape: [3, 2, 4], axes: [0, 2] };
    expect(broken(normalisationLaws('x', { ...sample, normalise: normalise([0, 2], 1) }))).toEqual([
      'zero mean and unit variance',
    ]);
    expect(broken(normalisationLaws('x', { ...sample, normalise: normalise([0, 1]) }))).toEqual([
      'zero mean and unit variance',
      'groups do not see each other',
    ]);
    expect(broken(normalisationLaws('x', { shape: [3, 6], axes: [1], normalise: rms }))).toEqual([
      'zero mean and unit variance',
      'invariant to scale and shift',
    ]);
  });
});

describe('softmax', () => {
  check(
    softmaxLaws('softmax', (x) => softmax(x, -1)),
    test,
  );
  test('along the wrong axis, it is caught', () => {
    expect(broken(softmaxLaws('x', (x) => softmax(x, 0)))).toContain('shares of one');
    expect(broken(softmaxLaws('x', (x) => transpose(softmax(transpose(x), -1))))).toContain('shares of one');
  });
});

const dropout = (x: Tensor, p: number, key: Tensor): Tensor => {
  const kept = cast(bernoulli(key, 1 - p, x.shape), x.dtype);
  return p === 1 ? mul(x, 0) : mul(x, div(kept, 1 - p));
};

describe('dropout', () => {
  check(dropoutLaws('dropout', { dropout }), test);
  check(
    dropoutLaws('columns', {
      dropout: (x, p, key) => {
        const kept = reshape(cast(bernoulli(key, 1 - p, [x.shape[1]]), x.dtype), [1, x.shape[1]]);
        return p === 1 ? mul(x, 0) : mul(x, div(kept, 1 - p));
      },
      together: 40,
    }),
    test,
  );
  test('E11: 0 · ∞ at p = 1 is caught', () => {
    expect(
      broken(
        dropoutLaws('x', { dropout: (x, p, key) => mul(x, div(cast(bernoulli(key, 1 - p, x.shape), x.dtype), 1 - p)) }),
      ),
    ).toEqual(['E11: p = 0 keeps all, p = 1 gives zeros']);
  });
});

const sgd = (rate: number, momentum: number): OptimiserLike<Record<string, Tensor>> => ({
  init: (params) => Object.fromEntries(Object.entries(params).map(([path, t]) => [path, mul(t, 0)])),
  update(grads, state, params) {
    const memory = Object.fromEntries(
      Object.entries(grads).map(([path, g]) => [path, add(mul(state[path], momentum), g)]),
    );
    return [
      Object.fromEntries(Object.entries(params).map(([path, t]) => [path, sub(t, mul(memory[path], rate))])),
      memory,
    ];
  },
});

describe('optimisers', () => {
  check(
    optimiserLaws('gradient descent', {
      optimiser: sgd(0.1, 0),
      closedForm: (lambda, theta, n) => (1 - 0.1 * lambda) ** n * theta,
    }),
    test,
  );
  check(
    optimiserLaws('momentum', {
      optimiser: sgd(0.1, 0.9),
      // (θ, b) ← M (θ, b) with b ← 0.9 b + λ θ, θ ← θ − 0.1 b: powers of a 2 × 2 matrix.
      closedForm(lambda, theta, n) {
        let [x, b] = [theta, 0];
        for (let i = 0; i < n; i++) [x, b] = [(1 - 0.1 * lambda) * x - 0.09 * b, lambda * x + 0.9 * b];
        return x;
      },
    }),
    test,
  );
  test('another rate, or another momentum, is caught', () => {
    expect(
      broken(
        optimiserLaws('x', {
          optimiser: sgd(0.101, 0),
          closedForm: (lambda, theta, n) => (1 - 0.1 * lambda) ** n * theta,
        }),
      ),
    ).toEqual(['closed form on a quadratic']);
    expect(
      broken(
        optimiserLaws('x', {
          optimiser: sgd(0.1, 0.1),
          closedForm: (lambda, theta, n) => (1 - 0.1 * lambda) ** n * theta,
        }),
      ),
    ).toEqual(['closed form on a quadratic']);
  });
});
