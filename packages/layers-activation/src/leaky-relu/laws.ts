import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { LeakyRelu, leakyReluLayer } from './leaky-relu.js';

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
];
