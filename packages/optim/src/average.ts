import { OptionError, unknownOptions } from '@lemmata/shape';
import {
  add,
  cast,
  div,
  eq,
  formatSpec,
  isFloat,
  isTensor,
  lerp,
  sameSpec,
  sub,
  tensor,
  type Tensor,
  where,
} from '@lemmata/tensor';
import { mapWithPath } from '@lemmata/tree';
import { fraction, type Scheduled } from './option.js';
import type { Optimizer } from './optimizer.js';

/** Weights of several steps and their average: a plain tree, which a compiled step carries and a checkpoint holds. */
export interface Averaged<P> {
  /** Weights averaged so far, int32. */
  readonly count: Tensor;
  /** Their average, a tree like the parameters: what to evaluate with. Before the first, the weights that `init` was given. */
  readonly average: P;
}

/** An average of weights as two pure functions over trees of tensors, like an optimiser. */
export interface WeightAverage {
  /** No weights yet, for parameters such as these. */
  init<P>(params: P): Averaged<P>;
  /**
   * The weights of one step more. What is no float, such as counts, is not averaged: the newest stands.
   *
   * @throws TypeError for a leaf that is no tensor, or not of the average's shape and dtype; TreeError for another structure.
   */
  update<P>(averaged: Averaged<P>, params: P): Averaged<P>;
}

export interface ExponentialAverageOptions {
  /**
   * The weight of the old average, from 0 to 1, or a function of the number of weights averaged so far (at least 1: the first weights
   * are copied). Default 0.999, an average over some 1000 steps.
   */
  readonly decay?: Scheduled;
}

/**
 * The exponential moving average of weights: the first weights themselves, and from then on
 * average ← decay · average + (1 − decay) · θ. It begins with weights and not with 0, so that it needs no correction, in return for
 * which the first weights count decayⁿ⁻¹. Where that is too much, begin later or with a decay that rises: {@link Scheduled}.
 *
 * @throws OptionError for a decay that is not from 0 to 1, and unknown options.
 *
 * Source: Polyak and Juditsky 1992, https://doi.org/10.1137/0330046; in the form of torch.optim.swa_utils.AveragedModel with
 * get_ema_multi_avg_fn.
 */
export function exponentialAverage(options: ExponentialAverageOptions = {}): WeightAverage {
  const name = 'exponentialAverage';
  unknownOptions(name, options, ['decay']);
  const { decay = 0.999 } = options;
  if (typeof decay === 'function') return averaging(name, (count) => afterTheFirst(count, sub(1, decay(count))));
  const wrong = fraction(0.999).check('decay', decay);
  if (wrong !== null) throw new OptionError(name, [wrong]);
  return averaging(name, (count) => afterTheFirst(count, tensor(1 - decay, { dtype: 'float64' })));
}

/**
 * The mean of all weights given, each counting alike: stochastic weight averaging, of the last epochs at a rate that stays high.
 *
 * Source: Izmailov et al. 2018, https://arxiv.org/abs/1803.05407 (algorithm 1); in the form of torch.optim.swa_utils.AveragedModel.
 */
export function uniformAverage(): WeightAverage {
  return averaging('uniformAverage', (count) => div(1, add(cast(count, 'float64'), 1)));
}

/** What an optimiser remembers that keeps an average of its weights. */
export interface Averaging<S, P = any> {
  readonly optimizer: S;
  readonly averaged: Averaged<P>;
}

/**
 * An optimiser that averages its weights after each step, for a loop that knows of optimisers alone. Training goes where it went;
 * `state.averaged.average` is what to evaluate with.
 *
 * @example
 * const optimizer = withAverage(adam(), exponentialAverage({ decay: 0.999 }));
 */
export function withAverage<S>(optimizer: Optimizer<S>, average: WeightAverage): Optimizer<Averaging<S>> {
  return {
    init: (params) => ({ optimizer: optimizer.init(params), averaged: average.init(params) }),
    update(grads, state, params) {
      const [next, memory] = optimizer.update(grads, state.optimizer, params);
      return [next, { optimizer: memory, averaged: average.update(state.averaged, next) }];
    },
  };
}

function afterTheFirst(count: Tensor, share: Tensor): Tensor {
  return where(eq(count, 0), tensor(1, { dtype: 'float64' }), cast(share, 'float64'));
}

/** `share`: what of the new average is the new weights, a float64 scalar; 1 of the first. */
function averaging(op: string, share: (count: Tensor) => Tensor): WeightAverage {
  return {
    init: <P>(params: P): Averaged<P> => ({
      count: tensor(0, { dtype: 'int32' }),
      average: mapWithPath((path: string, leaf: unknown) => copy(tensorAt(op, path, leaf)), params as never) as P,
    }),
    update<P>({ count, average }: Averaged<P>, params: P): Averaged<P> {
      const weight = share(count);
      const next = mapWithPath(
        (path: string, before: unknown, leaf: unknown) => {
          const [old, theta] = [before as Tensor, tensorAt(op, path, leaf)];
          if (!sameSpec(old.spec, theta.spec))
            throw new TypeError(
              `${op}: the weights at ${path} must be ${formatSpec(old.spec)} like their average, received ${formatSpec(theta.spec)}`,
            );
          return isFloat(theta.dtype) ? lerp(old, theta, cast(weight, theta.dtype)) : copy(theta);
        },
        average as never,
        params as never,
      ) as P;
      return { count: add(count, 1), average: next };
    },
  };
}

function tensorAt(op: string, path: string, leaf: unknown): Tensor {
  if (isTensor(leaf)) return leaf;
  throw new TypeError(`${op}: the weights at ${path} must be a tensor, received ${typeof leaf}`);
}

/** In memory of its own: the weights may be donated to the next step, and end there. */
function copy(x: Tensor): Tensor {
  return where(1, x, x);
}
