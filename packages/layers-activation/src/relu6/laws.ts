import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Relu6, relu6, relu6Layer } from './relu6.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = (_: unknown, x: number): number => Math.min(Math.max(x, 0), 6);
const values = uniform(-2, 8, { avoid: [0, 6] });

export const laws: readonly Laws[] = [
  opLaws(Relu6, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('relu6Layer', { samples: [{ layer: relu6Layer(), inputShape: [2, 3], values }] }),
  elementwiseSearch('relu6', { call: relu6, layer: relu6Layer, formula, avoid: () => [0, 6] }),
];
