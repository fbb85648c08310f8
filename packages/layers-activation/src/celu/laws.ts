import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import * as fc from 'fast-check';
import { Celu, celu, celuLayer } from './celu.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = ({ alpha }: { alpha: number }, x: number): number => (x > 0 ? x : alpha * (Math.exp(x / alpha) - 1));
const values = uniform(-3, 2, { avoid: [0] });

export const laws: readonly Laws[] = [
  opLaws(Celu, {
    samples: [{ alpha: 1 }, { alpha: 0.5 }, { alpha: 3 }].map((attrs) => ({
      attrs,
      inputs: [floats([2, 3], values)],
    })),
    invalid: [],
    formula,
  }),
  layerLaws('celuLayer', {
    samples: [celuLayer(), celuLayer({ alpha: 0.5 })].map((layer) => ({ layer, inputShape: [2, 3], values })),
  }),
  elementwiseSearch('celu', {
    call: celu,
    layer: celuLayer,
    formula: (o, x) => formula({ alpha: 1, ...o }, x),
    options: fc.constantFrom({}, { alpha: 0.5 }, { alpha: 3 }, { alpha: -1.5 }),
    avoid: () => [0],
  }),
];
