import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Softsign, softsign, softsignLayer } from './softsign.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = (_: unknown, x: number): number => (x < 0 ? x / (1 - x) : x / (1 + x));
const values = uniform(-4, 4, { avoid: [0] });

export const laws: readonly Laws[] = [
  opLaws(Softsign, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('softsignLayer', { samples: [{ layer: softsignLayer(), inputShape: [2, 3], values }] }),
  elementwiseSearch('softsign', { call: softsign, layer: softsignLayer, formula, avoid: () => [0] }),
];
