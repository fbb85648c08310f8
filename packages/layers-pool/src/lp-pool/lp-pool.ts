import type { Empty, Layer } from '@lemmata/nn';
import { formatValue, OptionError, sizeOf } from '@lemmata/shape';
import { abs, apply, call, elementwise, mul, type OpDef, type Tensor } from '@lemmata/tensor';
import { averagePool } from '../average-pool/op.js';
import { MaxPool } from '../max-pool/op.js';
import { poolLayer } from '../layer.js';
import { batched, checkPoolOptions, type PoolOptions, poolWindow } from '../options.js';

export interface LpPoolOptions extends PoolOptions {
  /** The exponent p, above 0; Infinity for the largest |x|. */
  readonly normType: number;
}

/**
 * The p-norm of each window: (Σ |x|^p)^(1/p). A window that overhangs in ceil mode counts for a full one: its sum is scaled by
 * the elements of a window over those that it has.
 *
 * Where x or the whole window is 0 the gradient is 0. Powers are formed in the dtype of x, whose range they can leave.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @returns `[N, C, H', W']` with H' = ⌊(H + p₀ + p₁ − KH) / s⌋ + 1, or ⌈…⌉ + 1 in ceil mode
 * @example lpPool2d(x, { normType: 2, kernelSize: 3, stride: 2 })
 * @throws ShapeError if no window fits; OptionError for a normType that is not above 0, and unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
 */
export function lpPool2d(x: Tensor, options: LpPoolOptions): Tensor {
  return pooled('lpPool2d', 2, x, options);
}

/** {@link lpPool2d} along one spatial axis: `[N, C, L]` or `[C, L]`. */
export function lpPool1d(x: Tensor, options: LpPoolOptions): Tensor {
  return pooled('lpPool1d', 1, x, options);
}

/** {@link lpPool2d} along three spatial axes: `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function lpPool3d(x: Tensor, options: LpPoolOptions): Tensor {
  return pooled('lpPool3d', 3, x, options);
}

/** {@link lpPool2d} as a layer. */
export function lpPool2dLayer(options: LpPoolOptions): Layer<Empty, Empty> {
  return layer('lpPool2d', 2, options);
}

/** {@link lpPool1d} as a layer. */
export function lpPool1dLayer(options: LpPoolOptions): Layer<Empty, Empty> {
  return layer('lpPool1d', 1, options);
}

/** {@link lpPool3d} as a layer. */
export function lpPool3dLayer(options: LpPoolOptions): Layer<Empty, Empty> {
  return layer('lpPool3d', 3, options);
}

interface Exponent {
  readonly p: number;
}

/** |x|^p, with gradient 0 at 0, where that of |x|^p is undefined or infinite for p ≤ 1. The square is smooth: its second derivative is 2 there too. */
const Power: OpDef<Exponent> = elementwise({
  name: 'lpPool.power',
  expr: ({ p }, x) => (p === 2 ? call('mul', x, x) : unlessZero(x, (y) => call('pow', call('abs', y), p))),
});

/** s^(1/p) for s ≥ 0, with gradient 0 at 0, where that of the root is infinite for p > 1. */
const Root: OpDef<Exponent> = elementwise({
  name: 'lpPool.root',
  expr: ({ p }, s) => unlessZero(s, (y) => (p === 2 ? call('sqrt', y) : call('pow', y, 1 / p))),
});

type Expr = ReturnType<typeof call>;

/** f(x), and a constant 0 where x is 0: there f is not so much as differentiated. */
function unlessZero(x: Expr, f: (x: Expr) => Expr): Expr {
  const zero = call('eq', x, 0);
  return call('select', zero, 0, f(call('select', zero, 1, x)));
}

function layer(kind: string, rank: number, options: LpPoolOptions): Layer<Empty, Empty> {
  checkOptions(kind, options);
  return poolLayer(kind, rank, withoutNorm(options), (x) => pooled(kind, rank, x, options));
}

function pooled(op: string, rank: number, x: Tensor, options: LpPoolOptions): Tensor {
  checkOptions(op, options);
  const p = options.normType;
  return batched(op, rank, x, (input) => {
    const { kernel, stride, dilation, padding, ceil } = poolWindow(op, rank, input.shape, withoutNorm(options));
    const window = { kernel, stride, dilation, padding, ceil };
    if (p === Infinity) return [apply(MaxPool, window, [abs(input)])[0]];
    const powers = apply(Power, { p }, [input])[0];
    // A mean makes up for what overhangs; without that, the sum itself is exact.
    const sums = ceil
      ? mul(averagePool(powers, { ...window, countIncludePad: true, divisor: null }), sizeOf(kernel))
      : averagePool(powers, { ...window, countIncludePad: true, divisor: 1 });
    return [apply(Root, { p }, [sums])[0]];
  })[0];
}

function withoutNorm({ normType: _, ...options }: LpPoolOptions): PoolOptions {
  return options;
}

function checkOptions(op: string, options: LpPoolOptions): void {
  checkPoolOptions(op, options, ['normType']);
  const { normType } = options;
  if (typeof normType === 'number' && normType > 0) return;
  throw new OptionError(op, [`normType must be a number above 0, or Infinity, received ${formatValue(normType)}`]);
}
