import type { Tensor } from '@lemmata/tensor';
import type { Law, Laws, Mutant } from '../law.js';
import { expectClose, Violation } from '../violation.js';
import { draw, mapped, seeds, type Seeded } from './draws.js';

/** Along the last axis of [rows, n]. */
export type Softmax = (x: Tensor) => Tensor;

const SHAPE = [3, 4];
const [ROWS, N] = SHAPE;

/** Softmax, along the last axis of a matrix. */
export function softmaxLaws(name: string, softmax: Softmax): Laws {
  const common = { subject: softmax, cases: seeds, cost: 2 };
  const unnormalised: Mutant<Softmax> = {
    name: 'results 0.1 % too large',
    plant: (f) => (x) => mapped(f(x), (v) => v * 1.001),
  };
  const dependsOnLevel: Mutant<Softmax> = {
    name: 'results depend on the first input',
    plant: (f) => (x) => {
      const level = 1e-3 * x.dataSync()[0];
      return mapped(f(x), (v) => v + level);
    },
  };
  const reversed: Mutant<Softmax> = {
    name: 'the largest input gets the smallest share',
    plant: (f) => (x) => f(mapped(x, (v) => -v)),
  };
  const byPlace: Mutant<Softmax> = {
    name: 'shares depend on the place',
    plant: (f) => (x) => f(mapped(x, (v, i) => v + 0.01 * (i % N))),
  };

  const laws: Law<Softmax, Seeded>[] = [
    {
      ...common,
      name: 'shares of one',
      statement: 'Every result lies between 0 and 1, and those of a row add up to 1.',
      formula: '0 ≤ yᵢ ≤ 1, Σ yᵢ = 1',
      mutants: [unnormalised, dependsOnLevel],
      holds(f, { seed }) {
        const y = f(draw(SHAPE, seed)).dataSync();
        y.forEach((v, i) => {
          if (!(v >= 0 && v <= 1))
            throw new Violation({ what: `share ${i}`, received: v, expected: 'a number from 0 to 1' });
        });
        const sums = Array.from({ length: ROWS }, (_, r) =>
          Array.from(y.slice(r * N, (r + 1) * N)).reduce((t: number, v: number) => t + v, 0),
        );
        expectClose(
          { what: 'sums of the rows', shape: [ROWS] },
          sums,
          sums.map(() => 1),
          { relative: 0, absolute: 1e-12 },
        );
      },
    },
    {
      ...common,
      name: 'shift invariance',
      statement: 'A number added to all of a row changes nothing; 10,000 neither.',
      formula: 'f(x + c) = f(x)',
      mutants: [dependsOnLevel],
      holds(f, { seed }) {
        const x = draw(SHAPE, seed);
        const y = f(x);
        const about = { what: 'f(x + c)', shape: SHAPE, source: 'f(x)' };
        for (const c of [-3, 1e4]) {
          expectClose(about, f(mapped(x, (v) => v + c)).dataSync(), y.dataSync(), {
            relative: 1e-10,
            absolute: 1e-10,
          });
        }
      },
    },
    {
      ...common,
      name: 'order is kept, places do not matter',
      statement: 'A larger input has a larger share, and inputs in another order have their shares in that order.',
      formula: 'xᵢ < xⱼ ⇒ yᵢ < yⱼ, f(P x) = P f(x)',
      mutants: [reversed, byPlace],
      holds(f, { seed }) {
        const x = draw(SHAPE, seed);
        const [data, y] = [x.dataSync(), f(x).dataSync()];
        for (let i = 0; i < N; i++) {
          for (let j = 0; j < N; j++) {
            if (data[i] < data[j] && !(y[i] < y[j]))
              throw new Violation({
                what: `share of ${data[i]} and ${data[j]}`,
                received: `${y[i]} and ${y[j]}`,
                expected: 'ascending',
              });
          }
        }
        const turned = (i: number): number => i - (i % N) + ((i + 1) % N);
        const received = f(mapped(x, (_, i) => data[turned(i)])).dataSync();
        expectClose(
          { what: 'f(P x)', shape: SHAPE, source: 'P f(x)' },
          received,
          y.map((_, i) => y[turned(i)]),
          { relative: 1e-12, absolute: 1e-12 },
        );
      },
    },
  ];
  return { subject: name, laws };
}
