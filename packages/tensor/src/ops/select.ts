import { OptionError, unknownOptions } from '@lemmata/shape';
import { asTensor, type TensorLike } from '../create.js';
import { applyElementwise, broadcastTogether, unify } from '../elementwise/broadcast.js';
import { elementwise, scalarOp } from '../elementwise/op.js';
import { call, type ScalarExpr } from '../expr.js';
import { apply } from '../interpreter.js';
import { NO_ATTRS, type OpDef } from '../op.js';
import type { Tensor } from '../tensor.js';
import { cast } from './cast.js';
import { lt } from './comparison.js';

export const Where: OpDef = scalarOp('select', { name: 'where' });
export const Maximum: OpDef = scalarOp('max', { name: 'maximum' });
export const Minimum: OpDef = scalarOp('min', { name: 'minimum' });

/**
 * a where the condition holds, else b; all three broadcast. A condition that is no truth value holds where it is ≠ 0. Two
 * numbers give float32.
 *
 * The gradient reaches the branch that was chosen, and is exactly 0 in the other, even where that branch is NaN or infinite.
 * The condition has none.
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  let branches = unify('where', [a, b], 'any');
  if (branches[0].spec.weak) branches = branches.map((t) => cast(t, 'float32'));
  const truth = cast(asTensor(condition, 'where'), 'bool');
  return apply(Where, NO_ATTRS, broadcastTogether('where', [truth, ...branches]))[0];
}

/**
 * The larger of both, broadcast; NaN if either is NaN. The gradient goes to the larger, half to each where they are equal, and
 * all of it to each where either is NaN, as in PyTorch.
 */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Maximum, NO_ATTRS, [a, b], 'any');
}

/**
 * The smaller of both, broadcast; NaN if either is NaN. The gradient goes to the smaller, half to each where they are equal, and
 * all of it to each where either is NaN, as in PyTorch.
 */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return applyElementwise(Minimum, NO_ATTRS, [a, b], 'any');
}

interface ClampAttrs {
  readonly lower: boolean;
  readonly upper: boolean;
}

const Bounded: OpDef<ClampAttrs> = elementwise({
  name: 'clamp',
  expr: ({ lower, upper }, x, ...bounds) => {
    // A comparison and not max/min: at the boundary the gradient is 1, not ½. NaN in a bound gives NaN.
    const bounded = (value: ScalarExpr, beyond: 'lt' | 'gt', bound: ScalarExpr): ScalarExpr =>
      call('select', call('or', call(beyond, value, bound), call('isNaN', bound)), bound, value);
    const raised = lower ? bounded(x, 'lt', bounds[0]) : x;
    return upper ? bounded(raised, 'gt', bounds[bounds.length - 1]) : raised;
  },
});

/** Inputs: x, then the lower bound, then the upper one, as far as they are there. */
export const Clamp: OpDef<ClampAttrs> = {
  ...Bounded,
  vjp(attrs, upstream, inputs, outputs, wants) {
    const [dx, ...bounds] = Bounded.vjp!(attrs, upstream, inputs, outputs, wants);
    if (bounds.length < 2 || bounds[0] === null) return [dx, ...bounds];
    // Of equal bounds the lower one is no bound, as in PyTorch.
    return [dx, where(lt(inputs[1], inputs[2]), bounds[0], 0), bounds[1]];
  },
};

export interface ClampBounds {
  /** Default: no lower bound. */
  readonly min?: TensorLike;
  /** Default: no upper bound. Where it is below `min`, it wins. */
  readonly max?: TensorLike;
}

/**
 * x, but not below `min` nor above `max`: min(max(x, min), max), broadcast. NaN stays NaN.
 * The gradient is 1 from bound to bound, both included, and 0 beyond, where it goes to the bound that was taken. As in PyTorch, of
 * equal bounds the upper one alone has a gradient: that of an x above it, while that of an x below is lost.
 *
 * @throws TypeError if neither bound is given.
 */
export function clamp(x: TensorLike, bounds: ClampBounds): Tensor {
  unknownOptions('clamp', bounds, ['min', 'max']);
  const { min, max } = bounds;
  const given = [min, max].filter((bound) => bound !== undefined);
  if (given.length === 0) throw new OptionError('clamp', ['give min, max or both']);
  return applyElementwise(Clamp, { lower: min !== undefined, upper: max !== undefined }, [x, ...given], 'any');
}

export const Lerp: OpDef = elementwise({
  name: 'lerp',
  // From the nearer end, so that weight 0 gives a and weight 1 gives b exactly.
  expr: (_, a, b, weight) => {
    const way = call('sub', b, a);
    return call(
      'select',
      call('lt', weight, 0.5),
      call('add', a, call('mul', weight, way)),
      call('sub', b, call('mul', way, call('sub', 1, weight))),
    );
  },
});

/** a + weight · (b − a), broadcast: linear interpolation, exact at weights 0 and 1. Integers compute as float32. */
export function lerp(a: TensorLike, b: TensorLike, weight: TensorLike): Tensor {
  return applyElementwise(Lerp, NO_ATTRS, [a, b, weight], 'float');
}
