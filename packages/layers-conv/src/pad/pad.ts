import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, type Shape, ShapeError, unknownOptions } from '@lemmata/shape';
import { Abstract, asTensor, pad, type PadOptions, type Tensor } from '@lemmata/tensor';

export interface SpatialPadOptions extends PadOptions {
  /**
   * Elements around each image: a number for all sides of all spatial axes, or for each axis a number or
   * `[before, after]`, the first axis first. Negative ones are taken away.
   */
  readonly padding: number | readonly (number | readonly [before: number, after: number])[];
}

/**
 * Images with elements around them: a constant (default 0), or with `mode` elements of their own.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @example pad2d(x, { padding: [1, [0, 2]], mode: 'reflect' }) // a row above and below, two columns on the right
 * @throws ShapeError for more than a border has to give, see `pad` of `@lemmata/tensor`; OptionError for an unknown option.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
 */
export function pad2d(x: Tensor, options: SpatialPadOptions): Tensor {
  return padded('pad2d', 2, x, options);
}

/** {@link pad2d} along one spatial axis: x `[N, C, L]` or `[C, L]`. */
export function pad1d(x: Tensor, options: SpatialPadOptions): Tensor {
  return padded('pad1d', 1, x, options);
}

/** {@link pad2d} along three spatial axes: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function pad3d(x: Tensor, options: SpatialPadOptions): Tensor {
  return padded('pad3d', 3, x, options);
}

/** {@link pad2d} as a layer. */
export function pad2dLayer(options: SpatialPadOptions): Layer<Empty, Empty> {
  return layer('pad2d', 2, options);
}

/** {@link pad1d} as a layer. */
export function pad1dLayer(options: SpatialPadOptions): Layer<Empty, Empty> {
  return layer('pad1d', 1, options);
}

/** {@link pad3d} as a layer. */
export function pad3dLayer(options: SpatialPadOptions): Layer<Empty, Empty> {
  return layer('pad3d', 3, options);
}

const names = ['padding', 'mode', 'value'];

function padded(op: string, rank: number, x: Tensor, options: SpatialPadOptions): Tensor {
  const { padding, mode, value } = checked(op, rank, options);
  const t = asTensor(x, op);
  if (t.rank !== rank + 1 && t.rank !== rank + 2) {
    const rule = `x must have ${rank + 2} axes [N, C, ...spatial], or ${rank + 1} without N`;
    throw new ShapeError(op, [{ rule, received: t.rank }], { x: t.shape });
  }
  const spatial = typeof padding === 'number' ? new Array<number>(rank).fill(padding) : padding;
  return pad(t, [...new Array<number>(t.rank - rank).fill(0), ...spatial], { mode, value });
}

function layer(kind: string, rank: number, options: SpatialPadOptions): Layer<Empty, Empty> {
  const { padding } = checked(kind, rank, options);
  const outputShape = (inputShape: Shape): Shape => {
    if (inputShape.length !== rank + 1) {
      const rule = `the input must have ${rank + 1} axes [C, ...spatial]`;
      throw new ShapeError(kind, [{ rule, received: inputShape.length }], { input: inputShape });
    }
    return padded(kind, rank, new Abstract().tensor({ shape: inputShape, dtype: 'float32' }), options).shape;
  };
  return {
    kind,
    init: (_key, inputShape) => ({ params: {}, state: {}, outputShape: outputShape(inputShape) }),
    apply: (_params, state, x) => [padded(kind, rank, x, options), state],
    window(inputShape) {
      outputShape(inputShape);
      const list = typeof padding === 'number' ? new Array<number>(rank).fill(padding) : padding;
      const sides = list.map((width) => (typeof width === 'number' ? ([width, width] as const) : width));
      return sides.flat().some((n) => n < 0) ? null : sides.map((both) => ({ kernel: 1, padding: both }));
    },
  };
}

/** The options, after what no input can make right has thrown. */
function checked(op: string, rank: number, options: SpatialPadOptions): SpatialPadOptions {
  unknownOptions(op, options, names);
  const { padding, mode, value } = options;
  if (typeof padding !== 'number' && !(Array.isArray(padding) && padding.length === rank)) {
    throw new OptionError(op, [
      `padding must be one number, or a number or [before, after] for each of the ${rank} spatial axes, received ${formatValue(padding)}`,
    ]);
  }
  const isWidth = (width: unknown): boolean =>
    Number.isSafeInteger(width) || (Array.isArray(width) && width.length === 2 && width.every(Number.isSafeInteger));
  if (!(typeof padding === 'number' ? [padding] : padding).every(isWidth))
    throw new OptionError(op, [`padding: a width is an integer or [before, after], received ${formatValue(padding)}`]);
  // A scalar has no axes, so that nothing but the mode and the value is looked at.
  pad(new Abstract().tensor({ shape: [], dtype: 'float32' }), [], { mode, value });
  return options;
}
