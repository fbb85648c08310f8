import { contiguousStrides, type Shape } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import type { Law, Laws, Mutant } from '../law.js';
import { expectClose, Violation } from '../violation.js';
import { draw, mapped, seeds, type Seeded } from './draws.js';

/** Normalises without learnt scale and shift. `eps` is added to the variance. */
export type Normalise = (x: Tensor, eps: number) => Tensor;

export interface NormalisationSamples {
  readonly normalise: Normalise;
  /** Of x. Split an axis by reshaping where groups of it are normalised together. */
  readonly shape: Shape;
  /** The axes over which a mean and a variance are taken. */
  readonly axes: readonly number[];
  /** False where the mean stays (RMS norm): the mean square takes the place of the variance. Default true. */
  readonly centred?: boolean;
}

const EPS = 1e-3;

/** Normalisation of any kind: batch, layer, group, instance, RMS. */
export function normalisationLaws(
  name: string,
  { normalise, shape, axes, centred = true }: NormalisationSamples,
): Laws {
  const groups = groupsOf(shape, axes);
  const common = { subject: normalise, cases: seeds, cost: 2 };
  const scaled: Mutant<Normalise> = {
    name: 'results 0.1 % too large',
    plant: (f) => (x, eps) => mapped(f(x, eps), (v) => v * 1.001),
  };
  const shifted: Mutant<Normalise> = {
    name: '0.01 is added',
    plant: (f) => (x, eps) => mapped(f(x, eps), (v) => v + 0.01),
  };
  const unbiased: Mutant<Normalise> = {
    name: 'the variance is divided by n − 1',
    plant: (f) => (x, eps) => mapped(f(x, eps), (v) => v * Math.sqrt(1 - 1 / groups[0].length)),
  };
  const fixedEps: Mutant<Normalise> = { name: 'eps is a constant', plant: (f) => (x) => f(x, EPS) };
  const spread: Mutant<Normalise> = {
    name: 'the results of one group depend on another',
    plant: (f) => (x, eps) => {
      const first = x.dataSync()[0];
      return mapped(f(x, eps), (v) => v + 0.01 * first);
    },
  };

  const moments: Law<Normalise, Seeded> = {
    ...common,
    name: centred ? 'zero mean and unit variance' : 'unit mean square',
    statement: `In every group the ${centred ? 'mean is 0 and the ' : ''}mean square is v / (v + eps), for the biased ${centred ? 'variance' : 'mean square'} v of x in that group.`,
    formula: `${centred ? 'mean y = 0, ' : ''}mean y² = v / (v + ε)`,
    mutants: centred ? [scaled, shifted, unbiased] : [scaled, shifted],
    holds(f, { seed }) {
      const x = draw(shape, seed);
      const y = f(x, EPS).dataSync();
      const data = x.dataSync();
      for (const group of groups) {
        const at = (values: ArrayLike<number>): number[] => group.map((i) => values[i]);
        const centre = centred ? mean(at(data)) : 0;
        const v = mean(at(data).map((value) => (value - centre) ** 2));
        const about = { what: 'mean and mean square of a group', shape: [2], source: 'v / (v + ε)' };
        const received = [centred ? mean(at(y)) : 0, mean(at(y).map((value) => value * value))];
        expectClose(about, received, [0, v / (v + EPS)], { relative: 1e-10, absolute: 1e-10 });
      }
    },
  };
  const invariance: Law<Normalise, Seeded> = {
    ...common,
    name: centred ? 'invariant to scale and shift' : 'invariant to scale',
    statement: `x scaled by a > 0${centred ? ' and shifted' : ''}, with eps scaled by a², gives what x gives.`,
    formula: `f(a x${centred ? ' + b' : ''}, a² ε) = f(x, ε)`,
    mutants: [fixedEps, spread],
    holds(f, { seed }) {
      const x = draw(shape, seed);
      const [a, b] = [0.5 + (seed % 7), centred ? (seed % 11) - 5 : 0];
      const y = f(x, EPS);
      expectClose(
        { what: `f(${a} x + ${b})`, shape: y.shape, source: 'f(x)' },
        f(
          mapped(x, (v) => a * v + b),
          a * a * EPS,
        ).dataSync(),
        y.dataSync(),
        { relative: 1e-9, absolute: 1e-9 },
      );
    },
  };
  const separate: Law<Normalise, Seeded> = {
    ...common,
    name: 'groups do not see each other',
    statement: 'Other values in one group leave the results of all others as they are.',
    formula: 'x = x′ in a group ⇒ f(x) = f(x′) there',
    mutants: [spread],
    holds(f, { seed }) {
      const x = draw(shape, seed);
      const changed = new Set(groups[0]);
      const other = mapped(x, (v, i) => (changed.has(i) ? 3 * v + 1 : v));
      const [y, z] = [f(x, EPS).dataSync(), f(other, EPS).dataSync()];
      y.forEach((v, i) => {
        if (!changed.has(i) && !(Math.abs(v - z[i]) <= 1e-11))
          throw new Violation({ what: `element ${i} of another group`, received: z[i], expected: v });
      });
    },
  };
  return { subject: name, laws: [moments, invariance, ...(groups.length > 1 ? [separate] : [])] };
}

/** The flat indices that are normalised together. */
function groupsOf(shape: Shape, axes: readonly number[]): number[][] {
  const strides = contiguousStrides(shape);
  const groups = new Map<string, number[]>();
  const size = shape.reduce((product, n) => product * n, 1);
  for (let i = 0; i < size; i++) {
    const key = shape.map((n, axis) => (axes.includes(axis) ? '' : Math.floor(i / strides[axis]) % n)).join();
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  return [...groups.values()];
}

function mean(values: readonly number[]): number {
  return values.reduce((total, v) => total + v, 0) / values.length;
}
