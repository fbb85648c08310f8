import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Hardswish, hardswishLayer } from './hardswish.js';

const formula = (_: unknown, x: number): number => (x * Math.min(Math.max(x + 3, 0), 6)) / 6;
const values = uniform(-5, 5, { avoid: [-3, 3] });

export const laws: readonly Laws[] = [
  opLaws(Hardswish, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('hardswishLayer', { samples: [{ layer: hardswishLayer(), inputShape: [2, 3], values }] }),
];
