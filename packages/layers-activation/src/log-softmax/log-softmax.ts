import { functionLayer, type Empty, type Layer } from '@lemmata/nn';
import { formatValue, normalizeAxis, OptionError, unknownOptions } from '@lemmata/shape';
import { logSoftmax } from '@lemmata/tensor';

export { LogSoftmax, logSoftmax } from '@lemmata/tensor';

export interface LogSoftmaxOptions {
  /** The axis of the classes, the batch counted as axis 0. Default 1. */
  readonly axis?: number;
}

/** `logSoftmax` along an axis, as a layer: xᵢ − ln Σⱼ e^xⱼ. */
export function logSoftmaxLayer(options: LogSoftmaxOptions = {}): Layer<Empty, Empty> {
  unknownOptions('logSoftmaxLayer', options, ['axis']);
  const { axis = 1 } = options;
  if (!Number.isSafeInteger(axis))
    throw new OptionError('logSoftmaxLayer', [`axis must be an integer, received ${formatValue(axis)}`]);
  const layer = functionLayer(
    'logSoftmax',
    (x) => logSoftmax(x, axis),
    (shape) => {
      if (normalizeAxis('logSoftmax', axis, shape.length + 1) > 0) return shape;
      throw new OptionError('logSoftmax', ['axis 0 is the batch: its rows are independent']);
    },
  );
  // Along the channels every place keeps to itself.
  return {
    ...layer,
    window: (shape) =>
      normalizeAxis('logSoftmax', axis, shape.length + 1) === 1 ? shape.slice(1).map(() => ({ kernel: 1 })) : null,
  };
}
