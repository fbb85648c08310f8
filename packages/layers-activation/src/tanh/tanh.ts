import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { tanh } from '@lemmata/tensor';
import { checkNumbers, type NoOptions } from '../options.js';

export { Tanh, tanh } from '@lemmata/tensor';

/** `tanh` as a layer: (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
export function tanhLayer(options: NoOptions = {}): Layer<Empty, Empty> {
  checkNumbers('tanhLayer', options, []);
  return functionLayer('tanh', tanh);
}
