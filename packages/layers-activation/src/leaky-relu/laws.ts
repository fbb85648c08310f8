import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { LeakyRelu, leakyReluLayer, leakyRelu } from './leaky-relu.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = ({ negativeSlope }: { negativeSlope: number }, x: number): number => (x > 0 ? x : negativeSlope * x);
const values = uniform(-2, 2, { avoid: [0] });

export const laws: readonly Laws[] = [
  opLaws(LeakyRelu, {
    samples: [{ negativeSlope: 0.01 }, { negativeSlope: 0.1 }, { negativeSlope: -2 }].map((attrs) => ({
      attrs,
      inputs: [floats([2, 3], values)],
    })),
    invalid: [],
    formula,
  }),
  layerLaws('leakyReluLayer', {
    samples: [leakyReluLayer(), leakyReluLayer({ negativeSlope: 0.1 })].map((layer) => ({
      layer,
      inputShape: [2, 3],
      values,
    })),
  }),
  elementwiseSearch('leakyRelu', {
    call: leakyRelu,
    layer: leakyReluLayer,
    formula: (o, x) => formula({ negativeSlope: 0.01, ...o }, x),
    options: fc.constantFrom({}, { negativeSlope: 0.1 }, { negativeSlope: 0 }, { negativeSlope: -2 }),
    avoid: () => [0],
  }),
];
