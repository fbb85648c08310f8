import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Softsign, softsignLayer } from './softsign.js';

const formula = (_: unknown, x: number): number => (x < 0 ? x / (1 - x) : x / (1 + x));
const values = uniform(-4, 4, { avoid: [0] });

export const laws: readonly Laws[] = [
  opLaws(Softsign, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('softsignLayer', { samples: [{ layer: softsignLayer(), inputShape: [2, 3], values }] }),
];
