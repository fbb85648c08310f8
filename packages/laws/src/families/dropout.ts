import { vjp } from '@lemmata/autograd';
import type { Shape } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { keyOf } from '../layer/layer-case.js';
import type { Law, Laws, Mutant } from '../law.js';
import { expectClose, expectSame, Violation } from '../violation.js';
import { draw, float64, mapped, seeds, type Seeded } from './draws.js';

/** In training: elements dropped with probability p, the others scaled. */
export type Dropout = (x: Tensor, p: number, key: Tensor) => Tensor;

export interface DropoutSamples {
  readonly dropout: Dropout;
  /** Of x. Default [40, 50]. */
  readonly shape?: Shape;
  /** Elements that are dropped together. Default 1: each on its own. */
  readonly together?: number;
}

/** Inverted dropout: kept elements are divided by 1 − p. */
export function dropoutLaws(name: string, { dropout, shape = [40, 50], together = 1 }: DropoutSamples): Laws {
  const common = { subject: dropout, cases: seeds, cost: 5 };
  const unscaled: Mutant<Dropout> = {
    name: 'kept elements are not scaled',
    plant: (f) => (x, p, key) => mapped(f(x, p, key), (v) => v * (1 - p)),
  };
  const wrongRate: Mutant<Dropout> = {
    name: 'p is the probability to keep',
    plant: (f) => (x, p, key) => f(x, 1 - p, key),
  };
  const anotherMask: Mutant<Dropout> = {
    name: 'the gradient has another mask',
    plant: (f) => {
      let calls = 0;
      return (x, p) => f(x, p, keyOf(calls++));
    },
  };
  const laws: Law<Dropout, Seeded>[] = [
    {
      ...common,
      name: 'dropped or scaled',
      statement: 'Every element is 0 or x / (1 − p), and the gradient has the same mask and scale.',
      formula: 'yᵢ ∈ {0, xᵢ / (1 − p)}, ∂y/∂x = y / x',
      mutants: [unscaled, wrongRate, anotherMask],
      holds(f, { seed }) {
        const [p, key] = [0.2 + 0.1 * (seed % 3), keyOf(seed)];
        const x = mapped(draw(shape, seed), (v) => v + Math.sign(v) * 0.1);
        const { value, pullback } = vjp((t: Tensor) => f(t, p, key), x);
        const [data, y] = [x.dataSync(), value.dataSync()];
        const allowed = y.map((v, i) => (v === 0 ? 0 : data[i] / (1 - p)));
        expectClose({ what: 'kept elements', shape, source: 'x / (1 − p)' }, y, allowed, {
          relative: 1e-12,
          absolute: 0,
        });
        const again = f(x, p, key).dataSync();
        expectSame({ what: 'a second call with the same key', shape }, again, y);
        const [gradient] = pullback(
          float64(
            shape,
            y.map(() => 1),
          ),
        );
        expectClose(
          { what: 'gradient', shape, source: 'y / x' },
          gradient.dataSync(),
          y.map((v, i) => v / data[i]),
          { relative: 1e-12, absolute: 1e-15 },
        );
      },
    },
    {
      ...common,
      name: 'p of them are dropped',
      statement: 'The fraction of elements that is 0 lies within five standard deviations of p.',
      formula: '|dropped / n − p| ≤ 5 √(p (1 − p) / n)',
      mutants: [wrongRate],
      holds(f, { seed }) {
        const p = 0.2 + 0.1 * (seed % 2);
        const y = f(
          mapped(draw(shape, seed), () => 1),
          p,
          keyOf(seed),
        ).dataSync();
        const dropped = y.filter((v) => v === 0).length / y.length;
        const bound = 5 * Math.sqrt((p * (1 - p) * together) / y.length);
        if (!(Math.abs(dropped - p) <= bound))
          throw new Violation({
            what: 'fraction dropped',
            received: dropped,
            expected: p,
            error: Math.abs(dropped - p),
            bound,
          });
      },
    },
    {
      ...common,
      name: 'E11: p = 0 keeps all, p = 1 gives zeros',
      statement: 'With p = 0 nothing changes; with p = 1 value and gradient are 0, not 0 · ∞.',
      formula: 'f(x, 0) = x, f(x, 1) = 0',
      mutants: [
        {
          name: 'p = 1 is scaled by 1 / 0',
          plant: (right) => (x, p, key) => (p === 1 ? mapped(x, () => NaN) : right(x, p, key)),
        },
        {
          name: 'p = 0 drops the first element',
          plant: (right) => (x, p, key) => mapped(right(x, p, key), (v, i) => (i === 0 ? 0 : v)),
        },
      ],
      holds(f, { seed }) {
        const x = draw(shape, seed);
        expectSame({ what: 'output for p = 0', shape }, f(x, 0, keyOf(seed)).dataSync(), x.dataSync());
        const { value, pullback } = vjp((t: Tensor) => f(t, 1, keyOf(seed)), x);
        const zeros = new Float64Array(x.size);
        expectSame({ what: 'output for p = 1', shape }, value.dataSync(), zeros, 'number');
        expectSame({ what: 'gradient for p = 1', shape }, pullback(x)[0].dataSync(), zeros, 'number');
      },
    },
  ];
  return { subject: name, laws };
}
