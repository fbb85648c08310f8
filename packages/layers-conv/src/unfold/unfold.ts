import type { Empty, Layer } from '@lemmata/nn';
import {
  checkSlidingOptions,
  convGeometry,
  type Padding,
  type PerAxis,
  perAxis,
  Problems,
  type Shape,
  unknownOptions,
} from '@lemmata/shape';
import { asTensor, reshape, type Tensor } from '@lemmata/tensor';
import { Fold, foldWindows, Unfold, type UnfoldAttrs, unfoldWindows } from './op.js';

/** How the window slides. Lists have one entry for each spatial axis. */
export interface UnfoldOptions {
  /** Elements that a window reads. */
  readonly kernelSize: PerAxis;
  /** Elements from one window to the next. Default 1. */
  readonly stride?: PerAxis | undefined;
  /** Zeros around the image, as in a convolution. Default 0. */
  readonly padding?: Padding | undefined;
  /** Elements from one read of a window to the next. Default 1. */
  readonly dilation?: PerAxis | undefined;
}

export interface FoldOptions extends UnfoldOptions {
  /** The spatial sizes of the image that is put together. */
  readonly outputSize: PerAxis;
}

/**
 * What each window of an image reads, as a matrix with a column for each window (im2col): a convolution is its product with
 * the weight as `[O, C · KH · KW]`.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @returns `[N, C · KH · KW, L]`, or `[C · KH · KW, L]`: rows in the order of the weight's axes, windows row by row
 * @throws ShapeError if no window fits; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html
 */
export function unfold2d(x: Tensor, options: UnfoldOptions): Tensor {
  return unfolded('unfold2d', 2, x, options);
}

/** {@link unfold2d} along one spatial axis: x `[N, C, L]` or `[C, L]`. */
export function unfold1d(x: Tensor, options: UnfoldOptions): Tensor {
  return unfolded('unfold1d', 1, x, options);
}

/** {@link unfold2d} along three spatial axes: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function unfold3d(x: Tensor, options: UnfoldOptions): Tensor {
  return unfolded('unfold3d', 3, x, options);
}

/**
 * Images of `outputSize` from what their windows read (col2im): every element is added where {@link unfold2d} with the same
 * options reads it, and those of the padding are dropped. The adjoint of unfold2d, and its inverse where windows neither
 * overlap nor leave anything out.
 *
 * @param x `[N, C · KH · KW, L]`, or for one image `[C · KH · KW, L]`
 * @returns `[N, C, H, W]`, or `[C, H, W]`
 * @throws ShapeError unless L is the number of windows; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Fold.html
 */
export function fold2d(x: Tensor, options: FoldOptions): Tensor {
  return folded('fold2d', 2, x, options);
}

/** {@link fold2d} along one spatial axis. */
export function fold1d(x: Tensor, options: FoldOptions): Tensor {
  return folded('fold1d', 1, x, options);
}

/** {@link fold2d} along three spatial axes. */
export function fold3d(x: Tensor, options: FoldOptions): Tensor {
  return folded('fold3d', 3, x, options);
}

/** {@link unfold2d} as a layer. */
export function unfold2dLayer(options: UnfoldOptions): Layer<Empty, Empty> {
  return unfoldLayer('unfold2d', 2, options);
}

/** {@link unfold1d} as a layer. */
export function unfold1dLayer(options: UnfoldOptions): Layer<Empty, Empty> {
  return unfoldLayer('unfold1d', 1, options);
}

/** {@link unfold3d} as a layer. */
export function unfold3dLayer(options: UnfoldOptions): Layer<Empty, Empty> {
  return unfoldLayer('unfold3d', 3, options);
}

/** {@link fold2d} as a layer. */
export function fold2dLayer(options: FoldOptions): Layer<Empty, Empty> {
  return foldLayer('fold2d', 2, options);
}

/** {@link fold1d} as a layer. */
export function fold1dLayer(options: FoldOptions): Layer<Empty, Empty> {
  return foldLayer('fold1d', 1, options);
}

/** {@link fold3d} as a layer. */
export function fold3dLayer(options: FoldOptions): Layer<Empty, Empty> {
  return foldLayer('fold3d', 3, options);
}

const names = ['kernelSize', 'stride', 'padding', 'dilation'];

function unfolded(op: string, rank: number, x: Tensor, options: UnfoldOptions): Tensor {
  unknownOptions(op, options, names);
  const input = asTensor(x, op);
  const one = input.rank === rank + 1;
  const attrs = unfoldAttrs(op, rank, options, one ? input.shape.slice(1) : input.shape.slice(2), input.shape);
  if (!one) return unfoldWindows(input, attrs);
  const y = unfoldWindows(reshape(input, [1, ...input.shape]), attrs);
  return reshape(y, y.shape.slice(1));
}

function folded(op: string, rank: number, x: Tensor, options: FoldOptions): Tensor {
  unknownOptions(op, options, [...names, 'outputSize']);
  const input = asTensor(x, op);
  const { outputSize, ...sliding } = options;
  const size = perAxis(op, 'outputSize', outputSize, rank, 1);
  const attrs = unfoldAttrs(op, rank, sliding, size);
  if (input.rank !== 2) return foldWindows(input, attrs, size);
  const y = foldWindows(reshape(input, [1, ...input.shape]), attrs, size);
  return reshape(y, y.shape.slice(1));
}

/** Options with every entry written out, for images of these spatial sizes; `input` is what the caller was given. */
function unfoldAttrs(op: string, rank: number, options: UnfoldOptions, size: Shape, input: Shape = size): UnfoldAttrs {
  const problems = new Problems(op);
  if (size.length !== rank)
    problems.add({
      rule: `x must have ${rank + 2} axes [N, C, ...spatial], or ${rank + 1} without N`,
      received: input.length,
    });
  problems.throwIfAny({ x: input });
  const { kernelSize, ...window } = options;
  const weight = [1, 1, ...perAxis(op, 'kernelSize', kernelSize, rank, 1)];
  const { kernel, stride, dilation, padding } = convGeometry(op, { input: [1, 1, ...size], weight, ...window });
  return { kernel, stride, dilation, padding };
}

function unfoldLayer(kind: string, rank: number, options: UnfoldOptions): Layer<Empty, Empty> {
  unknownOptions(kind, options, names);
  checkSlidingOptions(kind, rank, options);
  return {
    kind,
    init(_key, inputShape) {
      const attrs = unfoldAttrs(kind, rank, options, inputShape.slice(1), [1, ...inputShape]);
      const [{ shape }] = Unfold.infer(attrs, { shape: [1, ...inputShape], dtype: 'float32' });
      return { params: {}, state: {}, outputShape: shape.slice(1) };
    },
    apply: (_params, state, x) => [unfolded(kind, rank, x, options), state],
    // The windows have become columns.
    window: () => null,
  };
}

function foldLayer(kind: string, rank: number, options: FoldOptions): Layer<Empty, Empty> {
  unknownOptions(kind, options, [...names, 'outputSize']);
  const { outputSize, ...sliding } = options;
  const size = perAxis(kind, 'outputSize', outputSize, rank, 1);
  const attrs = unfoldAttrs(kind, rank, sliding, size);
  return {
    kind,
    init(_key, inputShape) {
      const [{ shape }] = Fold.infer({ ...attrs, size }, { shape: [1, ...inputShape], dtype: 'float32' });
      return { params: {}, state: {}, outputShape: shape.slice(1) };
    },
    apply: (_params, state, x) => [folded(kind, rank, x, options), state],
    window: () => null,
  };
}
