import { expectClose, floats, layerLaws, type Law, type Laws, type NdArray, opLaws, uniform } from '@lemmata/laws';
import type { Layer } from '@lemmata/nn';
import { add, mul, type OpDef, sum, tensor, type Tensor } from '@lemmata/tensor';
import * as fc from 'fast-check';
import { rowSearch } from './search.laws.js';

/** Softmax or its logarithm, along an axis. */
export interface RowActivation {
  readonly name: string;
  readonly op: OpDef<{ readonly axis: number }>;
  readonly call: (x: Tensor, axis?: number) => Tensor;
  readonly layer: (options?: { readonly axis?: number }) => Layer<any, any>;
  /** What becomes of v in a row whose exponentials add up to `total`. */
  readonly value: (v: number, total: number) => number;
  /** Results as probabilities: as a function, and in a formula. */
  readonly probabilities: (y: Tensor) => Tensor;
  readonly probability: string;
}

interface Case {
  readonly values: readonly number[];
  readonly shift: number;
}

const rows = (values: readonly number[]): Tensor => tensor(values, { shape: [2, 3], dtype: 'float64' });
const cases = fc.record({
  values: uniform(-4, 4)(6),
  shift: fc.integer({ min: -900, max: 900 }).filter((c) => Math.abs(c) > 1),
});

type Call = RowActivation['call'];

const shiftLaw = ({ name, call }: RowActivation): Law<Call, Case> => ({
  name: 'a shift of a row changes nothing',
  statement:
    'Adding the same number to all logits of a row leaves the result as it is, also where exponentials would overflow.',
  formula: `${name}(x + c) = ${name}(x)`,
  subject: call,
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
});

const unitLaw = ({ call, probabilities, probability }: RowActivation): Law<Call, Case> => ({
  name: 'a row is a distribution',
  statement: 'The probabilities of a row sum to 1.',
  formula: `Σᵢ ${probability} = 1`,
  subject: call,
  cases,
  mutants: [
    { name: 'results 0.1 % too large', plant: (f) => (x, axis) => mul(f(x, axis), 1.001) },
    { name: 'along the other axis', plant: (f) => (x) => f(x, 0) },
  ],
  holds(f, { values }) {
    const total = sum(probabilities(f(rows(values))), { axis: -1 });
    expectClose({ what: 'sums of rows', shape: [2], source: 'probability' }, total.dataSync(), [1, 1], {
      relative: 0,
      absolute: 1e-14,
    });
  },
});

/** Everything that softmax and its logarithm must obey. */
export function rowLaws(activation: RowActivation): readonly Laws[] {
  const { name, op, call, layer, value } = activation;
  return [
    opLaws(op, {
      samples: [
        { attrs: { axis: 1 }, inputs: [floats([2, 3])] },
        { attrs: { axis: 1 }, inputs: [floats([2, 3, 2])] },
        { attrs: { axis: 0 }, inputs: [floats([4])] },
      ],
      invalid: [],
      /** Row by row, without any care for overflow. */
      oracle({ axis }, { shape, data }): NdArray {
        const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
        const total = (i: number): number => {
          const first = i - (Math.floor(i / inner) % shape[axis]) * inner;
          let sum = 0;
          for (let c = 0; c < shape[axis]; c++) sum += Math.exp(data[first + c * inner]);
          return sum;
        };
        return { shape, data: Array.from(data, (v, i) => value(v, total(i))) };
      },
    }),
    layerLaws(`${name}Layer`, {
      samples: [
        { layer: layer(), inputShape: [3] },
        { layer: layer({ axis: -1 }), inputShape: [2, 3] },
      ],
      invalid: [{ layer: layer({ axis: 0 }), inputShape: [3], throws: /axis 0 is the batch/ }],
    }),
    { subject: name, laws: [shiftLaw(activation), unitLaw(activation)] },
    rowSearch(name, call, layer, (row) => {
      const largest = Math.max(...row);
      const total = row.reduce((sum, v) => sum + Math.exp(v - largest), 0);
      return row.map((v) => value(v - largest, total));
    }),
  ];
}
