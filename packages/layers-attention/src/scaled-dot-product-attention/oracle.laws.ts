import type { NdArray } from '@lemmata/laws';

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

/** Output and weights of attention, one query after the other; `score` is −∞ where a query does not attend. */
export function attention(
  batch: readonly number[],
  [L, S, D]: readonly [number, number, number],
  score: (index: readonly number[], i: number, j: number) => number,
  value: (index: readonly number[], j: number, d: number) => number,
): [output: NdArray, weights: NdArray] {
  const weights = build([...batch, L, S], (index) => {
    const [head, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    const mine = score(head, i, j);
    // Of a key that is not attended to nothing else is asked: the sum may be empty.
    if (mine === -Infinity) return 0;
    return 1 / total(S, (other) => Math.exp(score(head, i, other) - mine));
  });
  const output = build([...batch, L, D], (index) => {
    const [head, i, d] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    return total(S, (j) => {
      const weight = at(weights, [...head, i, j]);
      return weight === 0 ? 0 : weight * value(head, j, d);
    });
  });
  return [output, weights];
}
