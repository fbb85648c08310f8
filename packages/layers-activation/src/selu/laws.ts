import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Selu, selu, seluLayer } from './selu.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = (_: unknown, x: number): number =>
  1.0507009873554804934 * (x > 0 ? x : 1.6732632423543772848 * (Math.exp(x) - 1));
const values = uniform(-3, 2, { avoid: [0] });

export const laws: readonly Laws[] = [
  opLaws(Selu, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('seluLayer', { samples: [{ layer: seluLayer(), inputShape: [2, 3], values }] }),
  elementwiseSearch('selu', { call: selu, layer: seluLayer, formula, avoid: () => [0] }),
];
