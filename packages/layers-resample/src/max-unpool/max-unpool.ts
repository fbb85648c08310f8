import { perAxis, type PerAxis, Problems, sameShape, type Shape, sizeOf, unknownOptions } from '@lemmata/shape';
import { asTensor, reshape, scatter, type Tensor, zeros } from '@lemmata/tensor';

/** Those of the pooling that is undone. Lists have one entry for each spatial axis. */
export interface MaxUnpoolOptions {
  /** Elements that each window of the pooling read along each axis. */
  readonly kernelSize: PerAxis;
  /** Default: kernelSize. */
  readonly stride?: PerAxis | undefined;
  /** Default 0. */
  readonly padding?: PerAxis | undefined;
  /** Spatial sizes of what was pooled, where several lead to the same: within a stride of the default, (n − 1)s − 2p + k. */
  readonly outputSize?: readonly number[] | undefined;
}

/**
 * Undoes max pooling as far as it can be: each maximum goes back to its place, and everything else is 0.
 *
 * Windows that overlap may have found one maximum several times. It is put back once: of elements with one index the last
 * stays, and it alone receives a gradient.
 *
 * @param x [N, C, H', W'], or one image [C, H', W']
 * @param indices int32, of the shape of x: flat in the plane of the result, as `maxPool2dWithIndices` gives them
 * @returns [N, C, H, W]
 * @throws ShapeError for shapes that do not fit and sizes that the pooling cannot have had; RangeError for an index
 * beyond the plane; OptionError for options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 */
export function maxUnpool2d(x: Tensor, indices: Tensor, options: MaxUnpoolOptions): Tensor {
  return unpooled('maxUnpool2d', 2, x, indices, options);
}

/** {@link maxUnpool2d} along one spatial axis: [N, C, L'] or [C, L']. */
export function maxUnpool1d(x: Tensor, indices: Tensor, options: MaxUnpoolOptions): Tensor {
  return unpooled('maxUnpool1d', 1, x, indices, options);
}

/** {@link maxUnpool2d} along three spatial axes: [N, C, D', H', W'] or [C, D', H', W']. */
export function maxUnpool3d(x: Tensor, indices: Tensor, options: MaxUnpoolOptions): Tensor {
  return unpooled('maxUnpool3d', 3, x, indices, options);
}

function unpooled(op: string, rank: number, x: Tensor, indices: Tensor, options: MaxUnpoolOptions): Tensor {
  unknownOptions(op, options, ['kernelSize', 'stride', 'padding', 'outputSize']);
  const [input, places] = [asTensor(x, op), asTensor(indices, op)];
  const problems = new Problems(op);
  if (input.rank !== rank + 1 && input.rank !== rank + 2)
    problems.add({
      rule: `x must have ${rank} spatial axes, [N, C, ...spatial] or [C, ...spatial]`,
      received: input.rank,
    });
  if (places.dtype !== 'int32') problems.add({ rule: 'indices must be int32', received: places.dtype });
  if (!sameShape(places.shape, input.shape))
    problems.add({ rule: 'indices must have the shape of x', received: places.shape, expected: input.shape });
  problems.throwIfAny({ x: input.shape, indices: places.shape });
  const planes = input.shape.slice(0, -rank);
  const pooled = input.shape.slice(-rank);
  const size = unpooledSize(problems, pooled, options, planes.length);
  problems.throwIfAny({ x: input.shape });
  const rows = (t: Tensor): Tensor => reshape(t, [sizeOf(planes), sizeOf(pooled)]);
  const empty = zeros([sizeOf(planes), sizeOf(size)], input.dtype);
  return reshape(scatter(empty, 1, rows(places), rows(input)), [...planes, ...size]);
}

/** Spatial sizes of what was pooled. */
function unpooledSize(problems: Problems, pooled: Shape, options: MaxUnpoolOptions, firstAxis: number): Shape {
  const rank = pooled.length;
  const { kernelSize, stride: given = kernelSize, padding: around = 0, outputSize } = options;
  const kernel = perAxis(problems, 'kernelSize', kernelSize, rank, 1);
  const stride = perAxis(problems, 'stride', given, rank, 1);
  const padding = perAxis(problems, 'padding', around, rank, 0);
  if (problems.reasons.length > 0) return pooled;
  const usual = pooled.map((n, i) => (n - 1) * stride[i] - 2 * padding[i] + kernel[i]);
  if (outputSize === undefined) {
    const axis = usual.findIndex((n) => n < 1);
    if (axis >= 0)
      problems.add({
        rule: 'padding must leave something of what was pooled, (n − 1)s − 2p + k',
        axis: firstAxis + axis,
        received: usual[axis],
        expected: 'at least 1',
      });
    return usual;
  }
  if (!Array.isArray(outputSize) || outputSize.length !== rank) {
    problems.add({ rule: `outputSize must have an entry for each of the ${rank} spatial axes`, received: outputSize });
    return usual;
  }
  outputSize.forEach((n, i) => {
    const [least, most] = [Math.max(1, usual[i] - stride[i] + 1), usual[i] + stride[i] - 1];
    if (!Number.isSafeInteger(n) || n < least || n > most)
      problems.add({
        rule: 'outputSize must be a size that is pooled to that of x',
        axis: firstAxis + i,
        received: n,
        expected: `${least} to ${most}`,
      });
  });
  return outputSize;
}
