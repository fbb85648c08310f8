import { floats, layerLaws, type Laws, opLaws, uniform } from '@lemmata/laws';
import { Tanh, tanh, tanhLayer } from './tanh.js';
import { elementwiseSearch } from '../search.laws.js';

const formula = (_: unknown, x: number): number => Math.expm1(2 * x) / (Math.expm1(2 * x) + 2);

export const laws: readonly Laws[] = [
  opLaws(Tanh, { samples: [{ attrs: {}, inputs: [floats([2, 3], uniform(-4, 4))] }], invalid: [], formula }),
  layerLaws('tanhLayer', { samples: [{ layer: tanhLayer(), inputShape: [2, 3] }] }),
  elementwiseSearch('tanh', {
    call: tanh,
    layer: tanhLayer,
    formula: (o, x) => (Math.abs(x) > 30 ? Math.sign(x) : formula(o, x)),
  }),
];
