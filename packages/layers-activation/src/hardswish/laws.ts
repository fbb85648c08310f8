import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Hardswish, hardswish, hardswishLayer } from './hardswish.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = (_: unknown, x: number): number => (x * Math.min(Math.max(x + 3, 0), 6)) / 6;
const values = uniform(-5, 5, { avoid: [-3, 3] });

export const laws: readonly Laws[] = [
  opLaws(Hardswish, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('hardswishLayer', { samples: [{ layer: hardswishLayer(), inputShape: [2, 3], values }] }),
  elementwiseSearch('hardswish', { call: hardswish, layer: hardswishLayer, formula, avoid: () => [-3, 3] }),
];
