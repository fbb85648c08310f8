import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Relu, relu, reluLayer } from './relu.js';
import { elementwiseSearch } from '../search.laws.js';

/** Differences need values away from the kink. */
const formula = (_: unknown, x: number): number => Math.max(0, x);
const values = uniform(-2, 2, { avoid: [0] });

export const laws: readonly Laws[] = [
  opLaws(Relu, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('reluLayer', { samples: [{ layer: reluLayer(), inputShape: [2, 3], values }] }),
  elementwiseSearch('relu', { call: relu, layer: reluLayer, formula, avoid: () => [0] }),
];
