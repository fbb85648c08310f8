import {
  expectClose,
  floats,
  functionOp,
  type Law,
  type Laws,
  type NdArray,
  opLaws,
  uniform,
  searchLaws,
} from '@lemmata/laws';
import { div, mul, norm, type Tensor } from '@lemmata/tensor';
import { draw, type Drawn, seeds } from '../family.laws.js';
import { normalize, type NormalizeOptions } from './normalize.js';
import { normalizeCall, normalizeSearch } from './search.laws.js';

/** Along one axis, element by element. */
function oracle({ p = 2, axis = 1, eps = 1e-12 }: NormalizeOptions, { shape, data }: NdArray): NdArray {
  const at = axis as number;
  const inner = shape.slice(at + 1).reduce((a, b) => a * b, 1);
  return {
    shape,
    data: Array.from(data, (v, i) => {
      const first = i - (Math.floor(i / inner) % shape[at]) * inner;
      let total = 0;
      for (let k = 0; k < shape[at]; k++) total += Math.abs(data[first + k * inner]) ** p;
      return v / Math.max(total ** (1 / p), eps);
    }),
  };
}

const values = uniform(-2, 2, { avoid: [0] });

const asFunction: Laws = opLaws(
  functionOp('normalize', (options: NormalizeOptions, x: Tensor) => normalize(x, options)),
  {
    samples: [
      { attrs: {}, inputs: [floats([2, 3], values)] },
      { attrs: { p: 1, axis: 2 }, inputs: [floats([2, 2, 3], values)] },
      { attrs: { p: 3, axis: 0, eps: 20 }, inputs: [floats([4], values)] },
    ],
    invalid: [
      { attrs: { axis: 2 }, inputs: [floats([2, 3])], throws: /axis/ },
      { attrs: { eps: 0 }, inputs: [floats([2, 3])], throws: /eps must be a finite number above 0/ },
      { attrs: { p: -1 }, inputs: [floats([2, 3])], throws: /p must be a number of at least 0/ },
    ],
    oracle,
  },
);

const direction: Law<(x: Tensor) => Tensor, Drawn> = {
  name: 'a positive factor changes nothing',
  statement: 'A vector and its double have the same direction.',
  formula: 'f(a x) = f(x), a > 0',
  subject: (x) => normalize(x),
  cases: seeds,
  mutants: [
    { name: 'the square of the norm divides', plant: (f) => (x) => div(f(x), norm(x, { axis: 1, keepdims: true })) },
  ],
  holds(f, { seed }) {
    const x = draw([3, 4], seed);
    const a = 0.5 + (seed % 9);
    expectClose({ what: `f(${a} x)`, shape: x.shape, source: 'f(x)' }, f(mul(x, a)).dataSync(), f(x).dataSync(), {
      relative: 1e-12,
      absolute: 1e-12,
    });
  },
};

/** Of the function. */
export const laws: readonly Laws[] = [
  asFunction,
  searchLaws('normalize', normalizeCall, normalizeSearch),
  { subject: 'normalize', laws: [direction] },
];
