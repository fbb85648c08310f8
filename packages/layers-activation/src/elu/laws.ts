import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { Elu, elu, eluLayer } from './elu.js';
import { elementwiseSearch } from '../search.laws.js';

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
  elementwiseSearch('elu', {
    call: elu,
    layer: eluLayer,
    formula: (o, x) => formula({ alpha: 1, ...o }, x),
    options: fc.constantFrom({}, { alpha: 0.5 }, { alpha: 0 }, { alpha: -2 }),
    avoid: () => [0],
  }),
];
