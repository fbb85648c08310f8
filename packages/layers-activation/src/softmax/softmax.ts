import { functionLayer, type Empty, type Layer } from '@lemmata/nn';
import { formatValue, normalizeAxis, OptionError, unknownOptions } from '@lemmata/shape';
import { softmax } from '@lemmata/tensor';

export { Softmax, softmax } from '@lemmata/tensor';

export interface SoftmaxOptions {
  /** The axis of the classes, the batch counted as axis 0. Default 1. */
  readonly axis?: number;
}

/** `softmax` along an axis, as a layer: e^xᵢ / Σⱼ e^xⱼ. */
export function softmaxLayer(options: SoftmaxOptions = {}): Layer<Empty, Empty> {
  unknownOptions('softmaxLayer', options, ['axis']);
  const { axis = 1 } = options;
  if (!Number.isSafeInteger(axis))
    throw new OptionError('softmaxLayer', [`axis must be an integer, received ${formatValue(axis)}`]);
  const layer = functionLayer(
    'softmax',
    (x) => softmax(x, axis),
    (shape) => {
      if (normalizeAxis('softmax', axis, shape.length + 1) > 0) return shape;
      throw new OptionError('softmax', ['axis 0 is the batch: its rows are independent']);
    },
  );
  // Along the channels every place keeps to itself.
  return {
    ...layer,
    window: (shape) =>
      normalizeAxis('softmax', axis, shape.length + 1) === 1 ? shape.slice(1).map(() => ({ kernel: 1 })) : null,
  };
}
