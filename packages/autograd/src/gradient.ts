import { formatValue, OptionError, unknownOptions } from '@lemmata/shape';
import { map } from '@lemmata/tree';
import {
  asTensor,
  formatSpec,
  inScope,
  isTensor,
  onesLike,
  recording,
  tensorsIn,
  zerosLike,
  isFloat,
  type Synchronous,
  type Tensor,
} from '@lemmata/tensor';
import { Tape } from './tape.js';
import { mapTensors, tensorLeaves, type TensorTree } from './tensor-tree.js';

/** A scalar loss, or `[loss, aux]`: aux is returned as it is, and nothing is differentiated through it. */
export type Loss<Aux> = Tensor | readonly [loss: Tensor, aux: Aux];

export interface GradientOptions {
  /** Which argument is differentiated. Default 0. */
  readonly argument?: number;
}

export interface ValueAndGrads<P, Aux> {
  readonly value: Tensor;
  readonly aux: Aux;
  /** A tree like the argument; zeros for what the loss does not depend on. */
  readonly grads: P;
}

/**
 * `f` with its gradient: the returned function gives `{ value, aux, grads }`.
 *
 * `f` takes trees of tensors and returns a scalar loss or `[loss, aux]`. Gradients are with respect to every tensor in
 * its first argument (or `argument`). Runs in a lifetime: all but the result is freed. Nests to any order.
 *
 * @example
 * const { value, grads } = valueAndGrad((p, x, y) => mse(linear(p, x), y))(params, x, y);
 * @throws OptionError for an unknown option, or an `argument` that is none.
 * @throws if the loss is not a scalar, an argument leaf is not floating-point, or an op on the way has no gradient.
 */
export function valueAndGrad<P, Rest extends readonly unknown[], Aux = undefined>(
  f: (params: P, ...rest: Rest) => Synchronous<Loss<Aux>>,
  options?: GradientOptions,
): (params: P, ...rest: Rest) => ValueAndGrads<P, Aux>;
export function valueAndGrad(
  f: (...args: any[]) => unknown,
  options: GradientOptions = {},
): (...args: any[]) => ValueAndGrads<any, any> {
  const argument = argumentOf('valueAndGrad', options);
  return (...args) => {
    if (argument >= args.length) {
      throw new TypeError(
        `valueAndGrad: argument ${argument}, counted from 0, is to be differentiated, but ${args.length} were given`,
      );
    }
    return inScope('valueAndGrad', tensorsIn(args), () => {
      const tape = new Tape();
      const tracked = mapTensors((x) => tape.track(asTensor(x, 'valueAndGrad')), args[argument]);
      const result = recording(() => f(...args.map((arg, i) => (i === argument ? tracked : arg))));
      const [loss, aux] = Array.isArray(result) ? (result as [Tensor, unknown]) : [result as Tensor, undefined];
      const value = checkLoss(tape.unwrap(loss));
      tape.close();
      return {
        value,
        aux: map((leaf) => tape.unwrap(leaf), aux),
        grads: gradientsOf(tape, tracked, [[tape.idOf(loss), onesLike(value)]]),
      };
    });
  };
}

/** The gradient alone; see {@link valueAndGrad}. */
export function grad<P, Rest extends readonly unknown[]>(
  f: (params: P, ...rest: Rest) => Synchronous<Tensor>,
  options: GradientOptions = {},
): (params: P, ...rest: Rest) => P {
  argumentOf('grad', options);
  const both = valueAndGrad(f as (params: P, ...rest: Rest) => Synchronous<Loss<undefined>>, options);
  return (params, ...rest) => both(params, ...rest).grads;
}

export interface Vjp<Y, Args> {
  readonly value: Y;
  /** Upstream gradients, a tree like `value`, to gradients for every argument. May be called any number of times. */
  pullback(upstream: Y): Args;
}

/**
 * Vector-Jacobian product of any function of tensor trees: the value, and the map from upstream gradients of the value
 * to gradients of all arguments. A non-scalar result has no gradient without an upstream: this is how to give one.
 */
export function vjp<Args extends readonly TensorTree[], Y extends TensorTree>(
  f: (...args: Args) => Y,
  ...args: Args
): Vjp<Y, Args> {
  const tape = new Tape();
  const tracked = mapTensors((x) => tape.track(asTensor(x, 'vjp')), args);
  const result = recording(() => f(...tracked));
  tape.close();
  const results = tensorLeaves(result);
  return {
    value: mapTensors((y) => tape.unwrap(y), result),
    pullback(upstream) {
      const ups = tensorLeaves(upstream);
      if (ups.length !== results.length)
        throw new Error(
          `pullback: expected ${results.length} upstream gradients, as the value has tensors, received ${ups.length}`,
        );
      results.forEach((t, i) => checkUpstream(t, ups[i]!, i));
      return gradientsOf(
        tape,
        tracked,
        results.map((t, i) => [tape.idOf(t), ups[i]!]),
      );
    },
  };
}

/** A tree of gradients like `tracked`: zeros for what nothing depends on. */
function gradientsOf<T>(tape: Tape, tracked: T, upstream: Parameters<Tape['backward']>[0]): T {
  const gradients = tape.backward(upstream);
  return mapTensors((x) => gradients.get(tape.idOf(x)) ?? zerosLike(x), tracked);
}

function argumentOf(op: string, options: GradientOptions): number {
  unknownOptions(op, options, ['argument']);
  const { argument = 0 } = options;
  if (Number.isSafeInteger(argument) && argument >= 0) return argument;
  throw new OptionError(op, [`argument must be a non-negative integer, received ${formatValue(argument)}`]);
}

function checkLoss(loss: Tensor): Tensor {
  if (!isTensor(loss)) throw new TypeError('valueAndGrad: the function must return a scalar tensor, or [loss, aux]');
  if (loss.rank !== 0 || !isFloat(loss.dtype)) {
    throw new TypeError(
      `valueAndGrad: the loss must be a floating-point scalar, received ${formatSpec(loss.spec)}; reduce it (mean, sum), or use vjp with an upstream gradient`,
    );
  }
  return loss;
}

function checkUpstream(value: Tensor, upstream: Tensor, i: number): void {
  if (upstream.dtype !== value.dtype || upstream.shape.join() !== value.shape.join()) {
    throw new TypeError(
      `pullback: upstream ${i} must be ${formatSpec(value.spec)} like the value, received ${formatSpec(upstream.spec)}`,
    );
  }
}
