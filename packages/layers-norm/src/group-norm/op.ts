import { Problems, type Shape, sizeOf } from '@lemmata/shape';
import {
  add,
  apply,
  applyElementwise,
  broadcastTo,
  call,
  div,
  elementwise,
  mul,
  NO_ATTRS,
  type OpDef,
  reshape,
  rsqrt,
  square,
  sum,
  type Tensor,
} from '@lemmata/tensor';
import { checkChannels, SquaredDeviation, TimesDeviation } from '../batch-norm/op.js';

export interface GroupNormAttrs {
  /** Divides the number of channels. */
  readonly groups: number;
  /** Added to the variance, under the root. */
  readonly eps: number;
}

/** (x, mean, inverse, weight, bias) → (x − mean) · inverse · weight + bias */
const GroupNormalise: OpDef = elementwise({
  name: 'groupNormalise',
  expr: (_, x, mean, inverse, weight, bias) =>
    call('add', call('mul', call('mul', call('sub', x, mean), inverse), weight), bias),
});

/** (u, x, mean, inverse, weight, average, slope) → inverse · (u · weight − average − (x − mean) · slope) */
const GroupNormaliseGradient: OpDef = elementwise({
  name: 'groupNormaliseGradient',
  linearIn: [3],
  expr: (_, u, x, mean, inverse, weight, average, slope) => {
    const centred = call('sub', call('mul', u, weight), average);
    return call('mul', inverse, call('sub', centred, call('mul', call('sub', x, mean), slope)));
  },
});

/**
 * (x [N, C, ...], weight [C], bias [C]) → (y, mean [N, groups], variance [N, groups]): y = (x − μ) / √(σ² + ε) · weight + bias
 * with the mean μ and the biased variance σ² of each group of C / groups consecutive channels of each sample. Layer norm is
 * the case of one group, instance norm that of C. A composite that a backend may take whole.
 */
export const GroupNorm: OpDef<GroupNormAttrs> = {
  name: 'groupNorm',
  infer({ groups }, x, weight, bias) {
    const problems = new Problems('groupNorm');
    checkChannels(problems, { x, weight, bias });
    if (x.shape.length >= 2) checkGroups(problems, groups, x.shape[1]);
    problems.throwIfAny({ x: x.shape, weight: weight.shape, bias: bias.shape });
    const statistics = { shape: [x.shape[0], groups], dtype: x.dtype };
    return [{ shape: x.shape, dtype: x.dtype }, statistics, statistics];
  },
  define({ groups, eps }, x, weight, bias) {
    const [n, parts] = [divisor(x.shape, groups), split(x, groups)];
    const mean = div(sumOfGroups(parts), n);
    const variance = div(sumOfGroups(applyElementwise(SquaredDeviation, NO_ATTRS, [parts, mean])), n);
    const [gain, shift] = [weight, bias].map((t) => perChannel(t, groups));
    const y = applyElementwise(GroupNormalise, NO_ATTRS, [parts, mean, rsqrt(add(variance, eps)), gain, shift]);
    const statistics = [x.shape[0], groups];
    return [reshape(y, x.shape), reshape(mean, statistics), reshape(variance, statistics)];
  },
  vjp({ groups, eps }, [upstream, ofMean, ofVariance], [x, weight], [, mean, variance], wants) {
    const parts: Tensor[] = [];
    let [dWeight, dBias]: (Tensor | null)[] = [null, null];
    if (upstream !== null) {
      const [dx, ...rest] = apply(GroupNormGradient, { groups, eps }, [x, weight, mean, variance, upstream]);
      [dWeight, dBias] = rest;
      parts.push(dx);
    }
    // ∂μ/∂xᵢ = 1/n, ∂σ²/∂xᵢ = 2 (xᵢ − μ)/n.
    const n = divisor(x.shape, groups);
    const whole = split(x, groups);
    if (ofMean !== null) parts.push(reshape(broadcastTo(perGroup(div(ofMean, n)), whole.shape), x.shape));
    if (ofVariance !== null) {
      const slope = perGroup(mul(ofVariance, 2 / n));
      parts.push(reshape(applyElementwise(TimesDeviation, NO_ATTRS, [slope, whole, perGroup(mean)]), x.shape));
    }
    return [
      wants[0] && parts.length > 0 ? parts.reduce(add) : null,
      wants[1] ? dWeight : null,
      wants[2] ? dBias : null,
    ];
  },
};

/** (x, weight, mean, variance, u) → the gradients of ⟨u, y⟩ by x, weight and bias, through mean and variance as well. */
export const GroupNormGradient: OpDef<GroupNormAttrs> = {
  name: 'groupNormGradient',
  infer: (_attrs, x, weight) => [x, weight, weight],
  define({ groups, eps }, x, weight, mean, variance, upstream) {
    const n = divisor(x.shape, groups);
    const [parts, u] = [x, upstream].map((t) => split(t, groups));
    const [centre, inverse] = [perGroup(mean), rsqrt(add(perGroup(variance), eps))];
    const gain = perChannel(weight, groups);
    // Over space first: what is left to sum is small.
    const total = sumOfChannels(u);
    const product = sumOfChannels(applyElementwise(TimesDeviation, NO_ATTRS, [u, parts, centre]));
    const average = div(sumOfGroups(mul(total, gain)), n);
    const slope = div(mul(sumOfGroups(mul(product, gain)), square(inverse)), n);
    const operands = [u, parts, centre, inverse, gain, average, slope];
    const dx = applyElementwise(GroupNormaliseGradient, NO_ATTRS, operands);
    const overBatch = (t: Tensor): Tensor => reshape(sum(t, { axis: 0 }), weight.shape);
    return [reshape(dx, x.shape), overBatch(mul(product, inverse)), overBatch(total)];
  },
};

/** Groups that do not divide the channels evenly are refused. */
export function checkGroups(problems: Problems, groups: number, channels: number): void {
  if (!Number.isSafeInteger(groups) || groups < 1 || channels % groups !== 0) {
    problems.add({
      rule: `groups must be a positive integer that divides the ${channels} channels`,
      received: groups,
    });
  }
}

/** Groups of a single value have no variance. */
export function checkSingles(problems: Problems, op: string, shape: Shape, groups: number): void {
  if (groupSize(shape, groups) !== 1) return;
  const [what, hint] =
    op === 'groupNorm'
      ? ['each group', 'Use fewer groups']
      : ['each channel of a sample', 'Use batch norm, or inference mode with running statistics'];
  problems.add({ rule: `${what} needs more than one value for its variance`, received: 1, hint });
}

/** Values that are normalised together. */
function groupSize(shape: Shape, groups: number): number {
  return sizeOf(shape.slice(1)) / groups;
}

/** Sums over no values are 0, and so are their means. */
function divisor(shape: Shape, groups: number): number {
  return Math.max(1, groupSize(shape, groups));
}

/** [N, C, ...spatial] → [N, groups, C / groups, space] */
function split(x: Tensor, groups: number): Tensor {
  const [batch, channels, ...space] = x.shape;
  return reshape(x, [batch, groups, channels / groups, sizeOf(space)]);
}

/** [C] → [1, groups, C / groups, 1] */
function perChannel(t: Tensor, groups: number): Tensor {
  return reshape(t, [1, groups, t.size / groups, 1]);
}

/** [N, groups] → [N, groups, 1, 1] */
function perGroup(t: Tensor): Tensor {
  return reshape(t, [...t.shape, 1, 1]);
}

function sumOfGroups(x: Tensor): Tensor {
  return sum(x, { axis: [2, 3], keepdims: true });
}

/** Over space; without any, x as it is. */
function sumOfChannels(x: Tensor): Tensor {
  return x.shape[3] === 1 ? x : sum(x, { axis: 3, keepdims: true });
}
