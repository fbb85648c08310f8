import type { Laws } from '@lemmata/laws';
import { exp } from '@lemmata/tensor';
import { rowLaws } from '../rows.laws.js';
import { LogSoftmax, logSoftmax, logSoftmaxLayer } from './log-softmax.js';

export const laws: readonly Laws[] = rowLaws({
  name: 'logSoftmax',
  op: LogSoftmax,
  call: logSoftmax,
  layer: logSoftmaxLayer,
  value: (v, total) => v - Math.log(total),
  probabilities: exp,
  probability: 'e^(logSoftmax(x)ᵢ)',
});
