import type { Laws } from '@lemmata/laws';
import { rowLaws } from '../rows.laws.js';
import { Softmax, softmax, softmaxLayer } from './softmax.js';

export const laws: readonly Laws[] = rowLaws({
  name: 'softmax',
  op: Softmax,
  call: softmax,
  layer: softmaxLayer,
  value: (v, total) => Math.exp(v) / total,
  probabilities: (y) => y,
  probability: 'softmax(x)ᵢ',
});
