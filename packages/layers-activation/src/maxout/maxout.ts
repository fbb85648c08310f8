import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { formatValue, normalizeAxis, OptionError, type Shape, ShapeError, unknownOptions } from '@lemmata/shape';
import { max, reshape, type Tensor } from '@lemmata/tensor';

export interface MaxoutOptions {
  /** How many neighbours compete for one output. */
  readonly pieces: number;
  /** The axis of the competitors, the batch counted as axis 0. Default 1, the channels. */
  readonly axis?: number;
}

/**
 * The largest of every `pieces` neighbours along an axis: out[c] = max over j < pieces of x[c · pieces + j]. Of equal
 * ones the first wins, and the gradient goes to it alone; NaN among them gives NaN.
 *
 * @param x [N, C · pieces, ...]
 * @returns [N, C, ...]
 * @throws ShapeError unless `pieces` divides the axis.
 *
 * Source: Goodfellow et al. 2013, https://arxiv.org/abs/1302.4389
 */
export function maxout(x: Tensor, options: MaxoutOptions): Tensor {
  const { pieces, axis } = checked('maxout', options);
  const along = normalizeAxis('maxout', axis, x.rank);
  const outputs = divided(x.shape, along, along, pieces);
  return max(reshape(x, [...outputs.slice(0, along + 1), pieces, ...outputs.slice(along + 1)]), along + 1).values;
}

/** {@link maxout} as a layer. Behind a linear layer of C · pieces outputs it is max over j of wⱼᵀx + bⱼ. */
export function maxoutLayer(options: MaxoutOptions): Layer<Empty, Empty> {
  const { pieces, axis } = checked('maxoutLayer', options);
  return functionLayer(
    'maxout',
    (x) => maxout(x, options),
    (shape) => {
      const along = normalizeAxis('maxout', axis, shape.length + 1);
      if (along === 0) throw new OptionError('maxout', ['axis 0 is the batch: its rows do not compete']);
      return divided(shape, along - 1, along, pieces);
    },
  );
}

function checked(op: string, options: MaxoutOptions): Required<MaxoutOptions> {
  unknownOptions(op, options, ['pieces', 'axis']);
  const { pieces, axis = 1 } = options;
  if (!Number.isSafeInteger(pieces) || pieces < 1)
    throw new OptionError(op, [`pieces must be a positive integer, received ${formatValue(pieces)}`]);
  if (!Number.isSafeInteger(axis))
    throw new OptionError(op, [`axis must be an integer, received ${formatValue(axis)}`]);
  return { pieces, axis };
}

/** The shape with `shape[at]`, axis `axis` of what was given, divided by the pieces. */
function divided(shape: Shape, at: number, axis: number, pieces: number): number[] {
  if (shape[at] % pieces === 0) return shape.map((n, i) => (i === at ? n / pieces : n));
  throw new ShapeError(
    'maxout',
    [
      {
        rule: `pieces ${pieces} must divide the axis`,
        axis,
        received: shape[at],
        hint: `Give the layer before it ${pieces} times as many outputs`,
      },
    ],
    { x: shape },
  );
}
