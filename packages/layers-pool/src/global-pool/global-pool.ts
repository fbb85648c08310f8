import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, Problems, type Shape, unknownOptions } from '@lemmata/shape';
import { apply, asTensor, mean, reshape, type Spec, type Tensor } from '@lemmata/tensor';
import { AdaptiveMaxPool } from '../adaptive-max-pool/op.js';
import { checkFloat } from '../averages.js';
import { checkNumbers } from '../largest.js';

export interface GlobalPoolOptions {
  /** Keep the spatial axes, with size 1. Default false. */
  readonly keepdims?: boolean | undefined;
}

/**
 * The mean of each channel over the image.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @returns `[N, C]`, or `[C]`; with `keepdims` `[N, C, 1, 1]`, or `[C, 1, 1]`
 * @throws ShapeError for another number of axes, or an axis without elements; OptionError for unknown options.
 *
 * Source: https://arxiv.org/abs/1312.4400 (section 3.2)
 */
export function globalAvgPool2d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return pooled('globalAvgPool2d', 2, average, x, options);
}

/** {@link globalAvgPool2d} along one spatial axis: `[N, C, L]` or `[C, L]`. */
export function globalAvgPool1d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return pooled('globalAvgPool1d', 1, average, x, options);
}

/** {@link globalAvgPool2d} along three spatial axes: `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function globalAvgPool3d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return pooled('globalAvgPool3d', 3, average, x, options);
}

/**
 * The largest element of each channel of the image; of equal ones the first gets the gradient, and NaN gives NaN. Shapes as
 * in {@link globalAvgPool2d}; channels there must be.
 */
export function globalMaxPool2d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return pooled('globalMaxPool2d', 2, largest, x, options);
}

/** {@link globalMaxPool2d} along one spatial axis: `[N, C, L]` or `[C, L]`. */
export function globalMaxPool1d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return pooled('globalMaxPool1d', 1, largest, x, options);
}

/** {@link globalMaxPool2d} along three spatial axes: `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function globalMaxPool3d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return pooled('globalMaxPool3d', 3, largest, x, options);
}

/** {@link globalAvgPool2d} as a layer. */
export function globalAvgPool2dLayer(options: GlobalPoolOptions = {}): Layer<Empty, Empty> {
  return layer('globalAvgPool2d', 2, average, options);
}

/** {@link globalAvgPool1d} as a layer. */
export function globalAvgPool1dLayer(options: GlobalPoolOptions = {}): Layer<Empty, Empty> {
  return layer('globalAvgPool1d', 1, average, options);
}

/** {@link globalAvgPool3d} as a layer. */
export function globalAvgPool3dLayer(options: GlobalPoolOptions = {}): Layer<Empty, Empty> {
  return layer('globalAvgPool3d', 3, average, options);
}

/** {@link globalMaxPool2d} as a layer. */
export function globalMaxPool2dLayer(options: GlobalPoolOptions = {}): Layer<Empty, Empty> {
  return layer('globalMaxPool2d', 2, largest, options);
}

/** {@link globalMaxPool1d} as a layer. */
export function globalMaxPool1dLayer(options: GlobalPoolOptions = {}): Layer<Empty, Empty> {
  return layer('globalMaxPool1d', 1, largest, options);
}

/** {@link globalMaxPool3d} as a layer. */
export function globalMaxPool3dLayer(options: GlobalPoolOptions = {}): Layer<Empty, Empty> {
  return layer('globalMaxPool3d', 3, largest, options);
}

interface Reduction {
  /** Refuses what cannot be reduced. */
  check(op: string, x: Spec): void;
  /** x `[N, C, ...spatial]` to `[N, C, 1, …]`. */
  reduce(rank: number, x: Tensor): Tensor;
}

const average: Reduction = {
  check: checkFloat,
  reduce: (rank, x) => mean(x, { axis: Array.from({ length: rank }, (_, i) => i + 2), keepdims: true }),
};

const largest: Reduction = {
  check: checkNumbers,
  reduce: (rank, x) => apply(AdaptiveMaxPool, { output: new Array<number>(rank).fill(1) }, [x])[0],
};

function pooled(op: string, rank: number, reduction: Reduction, x: Tensor, options: GlobalPoolOptions): Tensor {
  checkOptions(op, options);
  const t = asTensor(x, op);
  const one = t.rank === rank + 1;
  const shape = pooledShape(op, rank, t.shape, options, one ? 1 : 2);
  const batch = one ? reshape(t, [1, ...t.shape]) : t;
  reduction.check(op, batch.spec);
  return reshape(reduction.reduce(rank, batch), shape);
}

function layer(kind: string, rank: number, reduction: Reduction, options: GlobalPoolOptions): Layer<Empty, Empty> {
  checkOptions(kind, options);
  return {
    kind,
    init(_key, inputShape) {
      const outputShape = pooledShape(kind, rank, inputShape, options, 1);
      reduction.check(kind, { shape: [1, ...inputShape], dtype: 'float32' });
      return { params: {}, state: {}, outputShape };
    },
    apply: (_params, state, x) => [pooled(kind, rank, reduction, x, options), state],
    window: () => null,
  };
}

/** Shape of the result, for an input with so many axes before the spatial ones. */
function pooledShape(
  op: string,
  rank: number,
  input: Shape,
  { keepdims }: GlobalPoolOptions,
  before: number,
): number[] {
  const problems = new Problems(op);
  if (input.length !== before + rank) {
    const axes = before === 1 ? '[C, ...spatial]' : '[N, C, ...spatial]';
    problems.add({ rule: `input must have ${before + rank} axes ${axes}`, received: input.length });
  }
  input.forEach((n, axis) => {
    if (axis >= before && n === 0) problems.add({ rule: 'an axis without elements has no mean and no maximum', axis });
  });
  problems.throwIfAny({ input });
  return [...input.slice(0, before), ...(keepdims ? new Array<number>(rank).fill(1) : [])];
}

function checkOptions(op: string, options: GlobalPoolOptions): void {
  unknownOptions(op, options, ['keepdims']);
  const { keepdims = false } = options;
  if (typeof keepdims === 'boolean') return;
  throw new OptionError(op, [`keepdims must be true or false, received ${formatValue(keepdims)}`]);
}
