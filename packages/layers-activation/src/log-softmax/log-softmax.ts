import type { Empty, Layer } from '@lemmata/nn';
import { logSoftmax } from '@lemmata/tensor';
import { type AxisOptions, layerAlongAxis } from '../along-axis.js';

export { LogSoftmax, logSoftmax } from '@lemmata/tensor';

export type LogSoftmaxOptions = AxisOptions;

/** `logSoftmax` along an axis, as a layer: xᵢ − ln Σⱼ e^xⱼ. */
export function logSoftmaxLayer(options: LogSoftmaxOptions = {}): Layer<Empty, Empty> {
  return layerAlongAxis('logSoftmax', logSoftmax, options);
}
