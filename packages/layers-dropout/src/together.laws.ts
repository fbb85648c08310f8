import { expectSame, type Law, Violation } from '@lemmata/laws';
import { contiguousStrides, type Shape } from '@lemmata/shape';
import { broadcastTo, key as keyOf, ones, reshape, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';

export type Dropping = (x: Tensor, p: number, key: Tensor) => Tensor;

interface Drawn {
  readonly seed: number;
}

/** What is dropped, is dropped together: along every axis that is not among `axes`. */
export function togetherLaw(subject: Dropping, shape: Shape, axes: readonly number[]): Law<Dropping, Drawn> {
  const strides = contiguousStrides(shape);
  return {
    name: 'dropped together, and apart',
    statement:
      'Elements that differ only in the other axes are dropped together; those that differ in the axes of the mask are not all.',
    formula: `mask = mask(i over axes ${axes.join(', ')})`,
    subject,
    cases: fc.record({ seed: fc.nat(0x7ffffffe) }),
    mutants: [
      {
        name: 'every element on its own',
        plant: (f) => (x, p, key) =>
          reshape(f(reshape(x, [x.size, ...x.shape.map(() => 1)].slice(0, x.rank)), p, key), x.shape),
      },
      {
        name: 'all or none',
        plant: (f) => (x, p, key) =>
          broadcastTo(
            f(
              ones(
                x.shape.map(() => 1),
                'float64',
              ),
              p,
              key,
            ),
            x.shape,
          ),
      },
    ],
    holds(f, { seed }) {
      const y = f(ones(shape, 'float64'), 0.5, keyOf(seed)).dataSync();
      const first = (i: number): number =>
        axes.reduce((at, axis) => at + (Math.floor(i / strides[axis]) % shape[axis]) * strides[axis], 0);
      expectSame(
        { what: 'ones', shape, source: 'first of their group' },
        y,
        y.map((_, i) => y[first(i)]),
      );
      const different = new Set(y).size;
      if (different !== 2) throw new Violation({ what: 'different outputs', received: different, expected: 2 });
    },
  };
}
