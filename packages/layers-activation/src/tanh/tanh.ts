import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { tanh } from '@lemmata/tensor';

export { Tanh, tanh } from '@lemmata/tensor';

/** `tanh` as a layer: (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
export function tanhLayer(): Layer<Empty, Empty> {
  return functionLayer('tanh', tanh);
}
