import { add, mul, square, sub, type Tensor } from '@lemmata/tensor';

/** A loss of two parameters, and where to start. */
export interface Surface {
  readonly title: string;
  /** Elementwise: the height above places x, y of any one shape. */
  readonly height: (x: Tensor, y: Tensor) => Tensor;
  readonly start: readonly [x: number, y: number];
  readonly minima: readonly (readonly [x: number, y: number])[];
  /** Reached when the height is below it. */
  readonly goal: number;
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
}

/** Steep across and flat along: curvatures of 40 and 1. */
const ravine: Surface = {
  title: 'A ravine: ½ x² + 20 y²',
  height: (x, y) => add(mul(0.5, square(x)), mul(20, square(y))),
  start: [-9, 1.6],
  minima: [[0, 0]],
  goal: 1e-3,
  x: [-10.5, 5],
  y: [-2.4, 2.4],
};

/** The floor of the valley is bent. Source: Rosenbrock 1960, https://doi.org/10.1093/comjnl/3.3.175, with 5 in place of 100. */
const valley: Surface = {
  title: 'A bent valley: (1 − x)² + 5 (y − x²)²',
  height: (x, y) => add(square(sub(1, x)), mul(5, square(sub(y, square(x))))),
  start: [-1.4, 0.6],
  minima: [[1, 1]],
  goal: 1e-3,
  x: [-2, 2],
  y: [-1, 2.6],
};

/** Starts beside the ridge that leads down to the saddle point at 0, 0: there the gradient all but vanishes. */
const saddle: Surface = {
  title: 'A saddle: ½ x² − ½ y² + ¼ y⁴',
  height: (x, y) => add(sub(mul(0.5, square(x)), mul(0.5, square(y))), mul(0.25, square(square(y)))),
  start: [-1.8, 1e-4],
  minima: [
    [0, 1],
    [0, -1],
  ],
  goal: -0.249,
  x: [-2.2, 1.4],
  y: [-1.5, 1.5],
};

export const SURFACES: Readonly<Record<'ravine' | 'valley' | 'saddle', Surface>> = { ravine, valley, saddle };
