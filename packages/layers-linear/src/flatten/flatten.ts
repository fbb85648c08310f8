import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { formatValue, normalizeAxis, OptionError, unknownOptions } from '@lemmata/shape';
import { Abstract, flatten } from '@lemmata/tensor';

export { flatten } from '@lemmata/tensor';

export interface FlattenOptions {
  /** The first axis that is merged, the batch counted as axis 0. Default 1. */
  readonly startAxis?: number;
  /** The last axis that is merged. Default −1, the last. */
  readonly endAxis?: number;
}

/**
 * Neighbouring axes as one, in row-major order: by default all but the batch, so that a 2×2 image becomes a column of 4.
 *
 * @throws OptionError for unknown options, and where the batch would be merged; ShapeError for axes that are not there.
 */
export function flattenLayer(options: FlattenOptions = {}): Layer<Empty, Empty> {
  unknownOptions('flattenLayer', options, ['startAxis', 'endAxis']);
  const { startAxis = 1, endAxis = -1 } = options;
  const wrong = Object.entries({ startAxis, endAxis }).filter(([, axis]) => !Number.isInteger(axis));
  if (wrong.length > 0)
    throw new OptionError(
      'flattenLayer',
      wrong.map(([name, axis]) => `${name} must be an integer, received ${formatValue(axis)}`),
    );
  return functionLayer(
    'flatten',
    (x) => flatten(x, startAxis, endAxis),
    (shape) => {
      if (normalizeAxis('flatten', startAxis, shape.length + 1) === 0) {
        throw new OptionError('flatten', [`startAxis must not be the batch, axis 0; received ${startAxis}`]);
      }
      const x = new Abstract().tensor({ shape: [1, ...shape], dtype: 'float32' });
      return flatten(x, startAxis, endAxis).shape.slice(1);
    },
  );
}
