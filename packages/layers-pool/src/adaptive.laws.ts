import * as fc from 'fast-check';

/** Shapes of an adaptive pooling, sizes that divide and do not, more outputs than inputs among them. */
export interface AdaptiveSituation {
  readonly x: number[];
  readonly y: number[];
}

const axis = (largest: number) =>
  fc.record({ input: fc.integer({ min: 1, max: largest }), output: fc.integer({ min: 1, max: largest }) });

export const adaptiveSituations: fc.Arbitrary<AdaptiveSituation> = fc
  .record({
    axes: fc.oneof(
      { weight: 2, arbitrary: fc.array(axis(7), { minLength: 1, maxLength: 1 }) },
      { weight: 4, arbitrary: fc.array(axis(4), { minLength: 2, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.array(axis(3), { minLength: 3, maxLength: 3 }) },
    ),
    batch: fc.constantFrom(1, 2, 1, 2, 1, 2, 0),
    channels: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ axes, batch, channels }) => ({
    x: [batch, channels, ...axes.map(({ input }) => input)],
    y: [batch, channels, ...axes.map(({ output }) => output)],
  }));

/**
 * Every window, one index after the other, with the flat indices in the plane that it reads. Along an axis element i belongs to
 * output o if the pieces [i/n, (i+1)/n) and [o/m, (o+1)/m) of the unit interval meet.
 */
export function everyShare(
  input: readonly number[],
  output: readonly number[],
  visit: (window: number, reads: number[]) => void,
): void {
  const meet = (i: number, n: number, o: number, m: number): boolean => i * m < (o + 1) * n && o * n < (i + 1) * m;
  indices(output).forEach((at, window) => {
    const reads: number[] = [];
    indices(input).forEach((i, flat) => {
      if (i.every((ii, a) => meet(ii, input[a], at[a], output[a]))) reads.push(flat);
    });
    visit(window, reads);
  });
}

/** All indices of a shape, the last axis fastest. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}
