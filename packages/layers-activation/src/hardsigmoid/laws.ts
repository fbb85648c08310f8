import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Hardsigmoid, hardsigmoid, hardsigmoidLayer } from './hardsigmoid.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = (_: unknown, x: number): number => Math.min(Math.max(x + 3, 0), 6) / 6;
const values = uniform(-5, 5, { avoid: [-3, 3] });

export const laws: readonly Laws[] = [
  opLaws(Hardsigmoid, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('hardsigmoidLayer', { samples: [{ layer: hardsigmoidLayer(), inputShape: [2, 3], values }] }),
  elementwiseSearch('hardsigmoid', { call: hardsigmoid, layer: hardsigmoidLayer, formula, avoid: () => [-3, 3] }),
];
