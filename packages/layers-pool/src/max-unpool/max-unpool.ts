import { perAxis, type PerAxis, Problems, sameShape, type Shape, sizeOf, unknownOptions } from '@lemmata/shape';
import { asTensor, reshape, scatter, type Tensor, zeros } from '@lemmata/tensor';

/** Those of the pooling that is undone. Lists have one entry for each spatial axis. */
export interface MaxUnpoolOptions {
  readonly kernelSize: PerAxis;
  /** Default: kernelSize. */
  readonly stride?: PerAxis | undefined;
  /** Default 0. */
  readonly padding?: PerAxis | undefined;
  /** Sizes of the image, less than a stride from the default, which is (n − 1)s − 2p + k. */
  readonly outputSize?: PerAxis | undefined;
}

/**
 * An image from what a max pooling kept of it: each value at its index, and 0 elsewhere. Where several values have one index,
 * as overlapping windows give, the last in row-major order stays, and it alone has a gradient.
 *
 * @param x `[N, C, H', W']`, or for one image `[C, H', W']`
 * @param indices int32, in the shape of x, flat in the plane, as `maxPool2dWithIndices` gives them
 * @returns `[N, C, H, W]`, or `[C, H, W]`, with H = (H' − 1)s − 2p + KH
 * @throws ShapeError for shapes that do not match, and an outputSize that the pooling cannot have had; RangeError for an index
 * outside of the plane; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 */
export function maxUnpool2d(x: Tensor, indices: Tensor, options: MaxUnpoolOptions): Tensor {
  return unpooled('maxUnpool2d', 2, x, indices, options);
}

/** {@link maxUnpool2d} along one spatial axis. */
export function maxUnpool1d(x: Tensor, indices: Tensor, options: MaxUnpoolOptions): Tensor {
  return unpooled('maxUnpool1d', 1, x, indices, options);
}

/** {@link maxUnpool2d} along three spatial axes. */
export function maxUnpool3d(x: Tensor, indices: Tensor, options: MaxUnpoolOptions): Tensor {
  return unpooled('maxUnpool3d', 3, x, indices, options);
}

function unpooled(op: string, rank: number, x: Tensor, indices: Tensor, options: MaxUnpoolOptions): Tensor {
  unknownOptions(op, options, ['kernelSize', 'stride', 'padding', 'outputSize']);
  const values = asTensor(x, op);
  checkOperands(op, rank, values, indices);
  const lead = values.shape.slice(0, -rank);
  const count = sizeOf(values.shape.slice(-rank));
  const size = imageSize(op, values.shape.slice(-rank), options);
  const planes = [sizeOf(lead), count];
  const image = scatter(
    zeros([planes[0], sizeOf(size)], values.dtype),
    1,
    reshape(indices, planes),
    reshape(values, planes),
  );
  return reshape(image, [...lead, ...size]);
}

function checkOperands(op: string, rank: number, x: Tensor, indices: Tensor): void {
  const problems = new Problems(op);
  if (x.rank !== rank + 1 && x.rank !== rank + 2)
    problems.add({
      rule: `x must have ${rank + 2} axes [N, C, ...spatial], or ${rank + 1} without N`,
      received: x.rank,
    });
  if (!sameShape(x.shape, indices.shape))
    problems.add({ rule: 'indices must have the shape of x', received: indices.shape, expected: x.shape });
  if (indices.dtype !== 'int32') problems.add({ rule: 'indices must be int32', received: indices.dtype });
  problems.throwIfAny({ x: x.shape, indices: indices.shape });
}

function imageSize(op: string, pooled: Shape, options: MaxUnpoolOptions): number[] {
  const { kernelSize, stride = kernelSize, padding = 0, outputSize } = options;
  const rank = pooled.length;
  const problems = new Problems(op);
  const kernels = perAxis(problems, 'kernelSize', kernelSize, rank, 1);
  const strides = perAxis(problems, 'stride', stride, rank, 1);
  const paddings = perAxis(problems, 'padding', padding, rank, 0);
  const sizes = outputSize === undefined ? undefined : perAxis(problems, 'outputSize', outputSize, rank, 1);
  problems.throwIfAny();
  const result = pooled.map((n, axis) => {
    const usual = (n - 1) * strides[axis] - 2 * paddings[axis] + kernels[axis];
    const size = sizes?.[axis] ?? usual;
    if (size < 1 || Math.abs(size - usual) >= strides[axis]) {
      problems.add({
        rule: 'no pooling with these options came from this size',
        axis,
        received: size,
        expected: `${Math.max(1, usual - strides[axis] + 1)} to ${usual + strides[axis] - 1}`,
      });
    }
    return size;
  });
  problems.throwIfAny({ pooled });
  return result;
}
