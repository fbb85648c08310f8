import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Mish, mish, mishLayer } from './mish.js';
import { elementwiseSearch } from '../search.laws.js';

/** tanh(ln(1 + w)) = (w² + 2w) / (w² + 2w + 2) for w = eˣ. */
const formula = (_: unknown, x: number): number => {
  const w = Math.exp(x);
  return (x * (w * w + 2 * w)) / (w * w + 2 * w + 2);
};
const values = uniform(-4, 4);

export const laws: readonly Laws[] = [
  opLaws(Mish, { samples: [{ attrs: {}, inputs: [floats([2, 3], values)] }], invalid: [], formula }),
  layerLaws('mishLayer', { samples: [{ layer: mishLayer(), inputShape: [2, 3], values }] }),
  elementwiseSearch('mish', { call: mish, layer: mishLayer, formula: (o, x) => (x > 30 ? x : formula(o, x)) }),
];
