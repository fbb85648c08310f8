import { expectClose, floats, layerLaws, type Law, type Laws, type NdArray, opLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { add, mul, sum, tensor, type Tensor } from '@lemmata/tensor';
import { Softmax, softmax, softmaxLayer } from './softmax.js';
import { rowSearch } from '../search.laws.js';

/** Row by row, without any care for overflow. */
function oracle({ axis }: { readonly axis: number }, { shape, data }: NdArray): NdArray {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const total = (i: number): number => {
    const first = i - (Math.floor(i / inner) % shape[axis]) * inner;
    let sum = 0;
    for (let c = 0; c < shape[axis]; c++) sum += Math.exp(data[first + c * inner]);
    return sum;
  };
  return { shape, data: Array.from(data, (v, i) => Math.exp(v) / total(i)) };
}

type Function = (x: Tensor, axis?: number) => Tensor;
interface Case {
  readonly values: readonly number[];
  readonly shift: number;
}

const rows = (values: readonly number[]): Tensor => tensor(values, { shape: [2, 3], dtype: 'float64' });
const cases = fc.record({
  values: uniform(-4, 4)(6),
  shift: fc.integer({ min: -900, max: 900 }).filter((c) => Math.abs(c) > 1),
});

const shiftLaw: Law<Function, Case> = {
  name: 'a shift of a row changes nothing',
  statement:
    'Adding the same number to all logits of a row leaves the result as it is, also where exponentials would overflow.',
  formula: 'softmax(x + c) = softmax(x)',
  subject: softmax,
  cases,
  mutants: [{ name: 'the shift shows', plant: (f) => (x, axis) => add(f(x, axis), mul(x, 1e-6)) }],
  holds(f, { values, shift }) {
    const [plain, shifted] = [f(rows(values)), f(add(rows(values), shift))];
    // The sum x + c is rounded: to half a unit in the last place of 904, and the derivative is at most 1.
    expectClose({ what: 'shifted', shape: [2, 3], source: 'plain' }, shifted.dataSync(), plain.dataSync(), {
      relative: 0,
      absolute: 1e-12,
    });
  },
};

const unitLaw: Law<Function, Case> = {
  name: 'a row is a distribution',
  statement: 'The probabilities of a row sum to 1.',
  formula: 'Σᵢ softmax(x)ᵢ = 1',
  subject: softmax,
  cases,
  mutants: [
    { name: 'results 0.1 % too large', plant: (f) => (x, axis) => mul(f(x, axis), 1.001) },
    { name: 'along the other axis', plant: (f) => (x) => f(x, 0) },
  ],
  holds(f, { values }) {
    const total = sum(f(rows(values)), { axis: -1 });
    expectClose({ what: 'sums of rows', shape: [2], source: 'probability' }, total.dataSync(), [1, 1], {
      relative: 0,
      absolute: 1e-14,
    });
  },
};

export const laws: readonly Laws[] = [
  opLaws(Softmax, {
    samples: [
      { attrs: { axis: 1 }, inputs: [floats([2, 3])] },
      { attrs: { axis: 1 }, inputs: [floats([2, 3, 2])] },
      { attrs: { axis: 0 }, inputs: [floats([4])] },
    ],
    invalid: [],
    oracle,
  }),
  layerLaws('softmaxLayer', {
    samples: [
      { layer: softmaxLayer(), inputShape: [3] },
      { layer: softmaxLayer({ axis: -1 }), inputShape: [2, 3] },
    ],
    invalid: [{ layer: softmaxLayer({ axis: 0 }), inputShape: [3], throws: /axis 0 is the batch/ }],
  }),
  { subject: 'softmax', laws: [shiftLaw, unitLaw] },
  rowSearch('softmax', softmax, softmaxLayer, (row) => {
    const largest = Math.max(...row);
    const total = row.reduce((sum, v) => sum + Math.exp(v - largest), 0);
    return row.map((v) => Math.exp(v - largest) / total);
  }),
];
