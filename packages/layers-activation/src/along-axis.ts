import { functionLayer, type Empty, type Layer } from '@lemmata/nn';
import { formatValue, normalizeAxis, OptionError, unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';

export interface AxisOptions {
  /** The axis of the classes, the batch counted as axis 0. Default 1. */
  readonly axis?: number;
}

/** A function along an axis other than the batch, as a layer. Along the channels every place keeps to itself. */
export function layerAlongAxis(
  name: string,
  f: (x: Tensor, axis: number) => Tensor,
  options: AxisOptions,
): Layer<Empty, Empty> {
  unknownOptions(`${name}Layer`, options, ['axis']);
  const { axis = 1 } = options;
  if (!Number.isSafeInteger(axis))
    throw new OptionError(`${name}Layer`, [`axis must be an integer, received ${formatValue(axis)}`]);
  const axisOf = (inputShape: readonly number[]): number => normalizeAxis(name, axis, inputShape.length + 1);
  const layer = functionLayer(
    name,
    (x) => f(x, axis),
    (shape) => {
      if (axisOf(shape) > 0) return shape;
      throw new OptionError(name, ['axis 0 is the batch: its rows are independent']);
    },
  );
  return { ...layer, window: (shape) => (axisOf(shape) === 1 ? shape.slice(1).map(() => ({ kernel: 1 })) : null) };
}
