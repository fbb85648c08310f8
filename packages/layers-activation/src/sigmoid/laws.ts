import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Sigmoid, sigmoid, sigmoidLayer } from './sigmoid.js';
import { elementwiseSearch } from '../search.laws.js';

/** By half-angles: ½ + ½ tanh(x / 2). */
const formula = (_: unknown, x: number): number => 0.5 + 0.5 * Math.tanh(x / 2);

export const laws: readonly Laws[] = [
  opLaws(Sigmoid, { samples: [{ attrs: {}, inputs: [floats([2, 3], uniform(-4, 4))] }], invalid: [], formula }),
  layerLaws('sigmoidLayer', { samples: [{ layer: sigmoidLayer(), inputShape: [2, 3] }] }),
  elementwiseSearch('sigmoid', { call: sigmoid, layer: sigmoidLayer, formula }),
];
