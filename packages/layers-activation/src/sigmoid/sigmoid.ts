import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { sigmoid } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

export { Sigmoid, sigmoid } from '@lemmata/tensor';

/** `sigmoid` as a layer: 1 / (1 + e⁻ˣ). */
export function sigmoidLayer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('sigmoidLayer', options, []);
  return functionLayer('sigmoid', sigmoid);
}
