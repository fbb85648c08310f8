import { type Empty, functionLayer, type Layer } from '@lemmata/nn';
import { formatValue, normalizeAxis, OptionError, type Shape, ShapeError, unknownOptions } from '@lemmata/shape';
import { mul, sigmoid, split, type Tensor } from '@lemmata/tensor';

export interface GluOptions {
  /** The axis that is halved, the batch counted as axis 0. Default 1, the channels. PyTorch's default is the last. */
  readonly axis?: number;
}

/**
 * A gated linear unit: x in two halves a and b along an axis → a · σ(b).
 *
 * @param x [N, 2C, ...]
 * @returns [N, C, ...]
 * @throws ShapeError unless 2 divides the axis.
 *
 * Source: Dauphin et al. 2017, https://arxiv.org/abs/1612.08083
 */
export function glu(x: Tensor, options: GluOptions = {}): Tensor {
  const along = normalizeAxis('glu', checked('glu', options), x.rank);
  const half = halved(x.shape, along, along)[along];
  const [value, gate] = split(x, [half, half], along);
  return mul(value, sigmoid(gate));
}

/** {@link glu} as a layer. */
export function gluLayer(options: GluOptions = {}): Layer<Empty, Empty> {
  const axis = checked('gluLayer', options);
  return functionLayer(
    'glu',
    (x) => glu(x, options),
    (shape) => {
      const along = normalizeAxis('glu', axis, shape.length + 1);
      if (along === 0) throw new OptionError('glu', ['axis 0 is the batch: its rows do not gate each other']);
      return halved(shape, along - 1, along);
    },
  );
}

function checked(op: string, options: GluOptions): number {
  unknownOptions(op, options, ['axis']);
  const { axis = 1 } = options;
  if (!Number.isSafeInteger(axis))
    throw new OptionError(op, [`axis must be an integer, received ${formatValue(axis)}`]);
  return axis;
}

/** The shape with `shape[at]`, axis `axis` of what was given, halved. */
function halved(shape: Shape, at: number, axis: number): number[] {
  if (shape[at] % 2 === 0) return shape.map((n, i) => (i === at ? n / 2 : n));
  throw new ShapeError(
    'glu',
    [
      {
        rule: 'the axis must fall into two halves',
        axis,
        received: shape[at],
        hint: 'Give the layer before it twice as many outputs',
      },
    ],
    { x: shape },
  );
}
