import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { sigmoid } from '@lemmata/tensor';

export { Sigmoid, sigmoid } from '@lemmata/tensor';

/** `sigmoid` as a layer: 1 / (1 + e⁻ˣ). */
export function sigmoidLayer(): Layer<Empty, Empty> {
  return functionLayer('sigmoid', sigmoid);
}
