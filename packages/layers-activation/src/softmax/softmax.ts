import type { Empty, Layer } from '@lemmata/nn';
import { softmax } from '@lemmata/tensor';
import { type AxisOptions, layerAlongAxis } from '../along-axis.js';

export { Softmax, softmax } from '@lemmata/tensor';

export type SoftmaxOptions = AxisOptions;

/** `softmax` along an axis, as a layer: e^xᵢ / Σⱼ e^xⱼ. */
export function softmaxLayer(options: SoftmaxOptions = {}): Layer<Empty, Empty> {
  return layerAlongAxis('softmax', softmax, options);
}
