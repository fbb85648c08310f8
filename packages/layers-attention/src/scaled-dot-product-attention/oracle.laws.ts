import type { NdArray } from '@lemmata/laws';
import { bernoulli, key } from '@lemmata/tensor';

/** All indices of a shape, the last axis fastest. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}

/** The element at an index whose leading axes may be those that `x` is broadcast to. */
export function at(x: NdArray, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length);
  return x.data[own.reduce((flat, i, axis) => flat * x.shape[axis] + (x.shape[axis] === 1 ? 0 : i), 0)];
}

/** An array from its elements. */
export function build(shape: readonly number[], element: (index: number[]) => number): NdArray {
  return { shape, data: indices(shape).map(element) };
}

export function total(n: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += term(i);
  return sum;
}

/** Weights are dropped with probability p; which, a key from this seed says. */
export interface SeededDropout {
  readonly p: number;
  readonly seed: number;
}

/** Factors of weights of this shape: 0 for those that are dropped. */
function factorsOf({ p, seed }: SeededDropout, shape: readonly number[]): (flat: number) => number {
  if (p === 0 || p === 1) return () => 1 - p;
  const mask = bernoulli(key(seed), 1 - p, [...shape]).dataSync();
  return (flat) => mask[flat] / (1 - p);
}

/**
 * Output and weights of attention, one query after the other; `score` is null where a query does not attend. NaN and infinities
 * go through softmax as they are, but what is not attended to is not read.
 */
export function attention(
  batch: readonly number[],
  [L, S, D]: readonly [number, number, number],
  score: (index: readonly number[], i: number, j: number) => number | null,
  value: (index: readonly number[], j: number, d: number) => number,
  dropout: SeededDropout = { p: 0, seed: 0 },
): [output: NdArray, weights: NdArray] {
  const factor = factorsOf(dropout, [...batch, L, S]);
  const rows = indices([...batch, L]).map((index, row) => {
    const scores = Array.from({ length: S }, (_, j) => score(index.slice(0, -1), index.at(-1)!, j));
    const largest = Math.max(...scores.filter((s) => s !== null));
    const powers = scores.map((s) => (s === null ? 0 : Math.exp(s - largest)));
    const sum = powers.reduce((a, b) => a + b, 0);
    // A dropped weight is 0, whatever it was.
    const weigh = (s: number | null, j: number): number =>
      s === null || factor(row * S + j) === 0 ? 0 : (powers[j] / sum) * factor(row * S + j);
    return { index, attended: scores.map((s) => s !== null), weights: scores.map(weigh) };
  });
  const mixed = rows.flatMap(({ index, attended, weights }) =>
    Array.from({ length: D }, (_, d) =>
      total(S, (j) => (attended[j] ? weights[j] * value(index.slice(0, -1), j, d) : 0)),
    ),
  );
  return [
    { shape: [...batch, L, D], data: mixed },
    { shape: [...batch, L, S], data: rows.flatMap(({ weights }) => weights) },
  ];
}
