import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Silu, silu, siluLayer } from './silu.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = (_: unknown, x: number): number => x / (1 + Math.exp(-x));
const values = uniform(-4, 4);

export const laws: readonly Laws[] = [
  opLaws(Silu, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('siluLayer', { samples: [{ layer: siluLayer(), inputShape: [2, 3], values }] }),
  elementwiseSearch('silu', { call: silu, layer: siluLayer, formula }),
];
