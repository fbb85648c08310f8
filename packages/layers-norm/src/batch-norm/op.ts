import { Problems, type Shape, sizeOf } from '@lemmata/shape';
import {
  add,
  apply,
  applyElementwise,
  broadcastTo,
  call,
  div,
  elementwise,
  isFloat,
  mul,
  NO_ATTRS,
  type OpDef,
  reshape,
  rsqrt,
  type Spec,
  square,
  sum,
  type Tensor,
} from '@lemmata/tensor';

export interface BatchNormAttrs {
  /** Added to the variance, under the root. */
  readonly eps: number;
}

/*
 * Each full-size step is one elementwise op, so that nothing as large as x is kept from one to the next: centred values
 * are computed anew rather than stored, forward and backward.
 */

/** (x, mean) → (x − mean)². The mean is taken off first: the mean of squares less its square would lose all digits. */
export const SquaredDeviation: OpDef = elementwise({
  name: 'squaredDeviation',
  expr: (_, x, mean) => {
    const centred = call('sub', x, mean);
    return call('mul', centred, centred);
  },
});

/** (u, x, mean) → u · (x − mean) */
export const TimesDeviation: OpDef = elementwise({
  name: 'timesDeviation',
  linearIn: [0],
  expr: (_, u, x, mean) => call('mul', u, call('sub', x, mean)),
});

/** (x, mean, scale, shift) → (x − mean) · scale + shift */
const Normalise: OpDef = elementwise({
  name: 'normalise',
  expr: (_, x, mean, scale, shift) => call('add', call('mul', call('sub', x, mean), scale), shift),
});

/** (u, x, mean, scale, average, slope) → scale · (u − average − (x − mean) · slope) */
const NormaliseGradient: OpDef = elementwise({
  name: 'normaliseGradient',
  linearIn: [3],
  expr: (_, u, x, mean, scale, average, slope) =>
    call('mul', scale, call('sub', call('sub', u, average), call('mul', call('sub', x, mean), slope))),
});

/**
 * (x, weight, bias) → (y, mean, variance): y = (x − μ) / √(σ² + ε) · weight + bias with the mean μ and the biased variance
 * σ² of each channel over batch and space. A composite that a backend may take whole.
 */
export const BatchNorm: OpDef<BatchNormAttrs> = {
  name: 'batchNorm',
  infer(_attrs, x, weight, bias) {
    const problems = new Problems('batchNorm');
    checkChannels(problems, { x, weight, bias });
    if (x.shape.length >= 2 && countOf(x.shape) === 1) {
      problems.add({
        rule: 'in training each channel needs more than one value, over batch and space, for its variance',
        received: 1,
        hint: 'Use a larger batch, or inference mode with running statistics',
      });
    }
    problems.throwIfAny({ x: x.shape, weight: weight.shape, bias: bias.shape });
    const channels = { shape: weight.shape, dtype: x.dtype };
    return [{ shape: x.shape, dtype: x.dtype }, channels, channels];
  },
  define({ eps }, x, weight, bias) {
    const n = divisor(x.shape);
    const mean = div(sumOfChannels(x), n);
    const variance = div(sumOfChannels(applyElementwise(SquaredDeviation, NO_ATTRS, [x, mean])), n);
    const y = normalise(x, mean, variance, weight, bias, eps);
    return [y, reshape(mean, weight.shape), reshape(variance, weight.shape)];
  },
  vjp({ eps }, [upstream, ofMean, ofVariance], [x, weight], [, mean, variance], wants) {
    const parts: Tensor[] = [];
    let [dWeight, dBias]: (Tensor | null)[] = [null, null];
    if (upstream !== null) {
      const [dx, ...rest] = apply(BatchNormGradient, { eps }, [x, weight, mean, variance, upstream]);
      [dWeight, dBias] = rest;
      parts.push(dx);
    }
    // ∂μ/∂xᵢ = 1/n, ∂σ²/∂xᵢ = 2 (xᵢ − μ)/n.
    const n = divisor(x.shape);
    if (ofMean !== null) parts.push(broadcastTo(perChannel(div(ofMean, n), x.rank), x.shape));
    if (ofVariance !== null) {
      const slope = perChannel(mul(ofVariance, 2 / n), x.rank);
      parts.push(applyElementwise(TimesDeviation, NO_ATTRS, [slope, x, perChannel(mean, x.rank)]));
    }
    return [
      wants[0] && parts.length > 0 ? parts.reduce(add) : null,
      wants[1] ? dWeight : null,
      wants[2] ? dBias : null,
    ];
  },
};

/** (x, weight, mean, variance, u) → the gradients of ⟨u, y⟩ by x, weight and bias, through mean and variance as well. */
export const BatchNormGradient: OpDef<BatchNormAttrs> = {
  name: 'batchNormGradient',
  infer: (_attrs, x, weight) => [x, weight, weight],
  define({ eps }, x, weight, mean, variance, upstream) {
    const n = divisor(x.shape);
    const centre = perChannel(mean, x.rank);
    const inverse = rsqrt(add(perChannel(variance, x.rank), eps));
    const total = sumOfChannels(upstream);
    const product = sumOfChannels(applyElementwise(TimesDeviation, NO_ATTRS, [upstream, x, centre]));
    const scale = mul(inverse, perChannel(weight, x.rank));
    const slope = div(mul(product, square(inverse)), n);
    const dx = applyElementwise(NormaliseGradient, NO_ATTRS, [upstream, x, centre, scale, div(total, n), slope]);
    return [dx, reshape(mul(product, inverse), weight.shape), reshape(total, weight.shape)];
  },
};

/** (x − mean) / √(variance + ε) · weight + bias; all but x have one value a channel. */
export function normalise(
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  weight: Tensor,
  bias: Tensor,
  eps: number,
): Tensor {
  const [centre, spread, gain, shift] = [mean, variance, weight, bias].map((t) => perChannel(t, x.rank));
  return applyElementwise(Normalise, NO_ATTRS, [x, centre, mul(rsqrt(add(spread, eps)), gain), shift]);
}

/** Refuses operands other than x [N, C, ...] and floats [C] of its dtype. */
export function checkChannels(problems: Problems, operands: Readonly<Record<string, Spec>>): void {
  const { x, ...others } = operands;
  if (x.shape.length < 2)
    problems.add({ rule: 'x is [N, C, ...spatial]', received: x.shape, hint: 'Add the batch axis' });
  if (!isFloat(x.dtype))
    problems.add({ rule: 'x must hold float32 or float64', received: x.dtype, hint: 'Convert with cast' });
  for (const [name, { shape, dtype }] of Object.entries(others)) {
    if (x.shape.length >= 2 && (shape.length !== 1 || shape[0] !== x.shape[1])) {
      problems.add({
        rule: `${name} must have one value for each channel of x`,
        received: shape,
        expected: [x.shape[1]],
      });
    }
    if (isFloat(x.dtype) && dtype !== x.dtype) {
      problems.add({
        rule: `${name} must have the dtype of x`,
        received: dtype,
        expected: x.dtype,
        hint: 'Convert with cast',
      });
    }
  }
}

/** Values of a channel, over batch and space. */
export function countOf(shape: Shape): number {
  return sizeOf([shape[0], ...shape.slice(2)]);
}

/** Sums over no values are 0, and so are their means. */
function divisor(shape: Shape): number {
  return Math.max(1, countOf(shape));
}

/** [C] or [1, C, 1, ...] → [1, C, 1, ...], to be broadcast against x. */
function perChannel(t: Tensor, rank: number): Tensor {
  return reshape(t, [1, t.size, ...new Array<number>(rank - 2).fill(1)]);
}

function sumOfChannels(x: Tensor): Tensor {
  return sum(x, { axis: x.shape.map((_, axis) => axis).filter((axis) => axis !== 1), keepdims: true });
}
