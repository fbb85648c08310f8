import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Elu, eluLayer } from './elu.js';

const formula = ({ alpha }: { alpha: number }, x: number): number => (x > 0 ? x : alpha * (Math.exp(x) - 1));
const values = uniform(-3, 2, { avoid: [0] });

export const laws: readonly Laws[] = [
  opLaws(Elu, {
    samples: [{ alpha: 1 }, { alpha: 0.5 }, { alpha: -2 }].map((attrs) => ({
      attrs,
      inputs: [floats([2, 3], values)],
    })),
    invalid: [],
    formula,
  }),
  layerLaws('eluLayer', {
    samples: [eluLayer(), eluLayer({ alpha: 0.5 })].map((layer) => ({ layer, inputShape: [2, 3], values })),
  }),
];
