import { tensor, type Tensor } from '@lemmata/tensor';
import type { Optimizer } from './optimizer.js';
import { checkRates, constant, type Schedule } from './schedule.js';

/** The state of an optimiser whose rate is part of it. */
export interface Controlled<S> {
  /** A float64 scalar. */
  readonly rate: Tensor;
  readonly optimizer: S;
}

/**
 * An optimiser whose rate stands in its state, where {@link withRate} sets it from outside: by `reduceOnPlateau`, by hand, by
 * whatever no schedule can foresee. A compiled step takes it like any other state, and is not compiled anew.
 *
 * @param make the optimiser with a given rate. It may multiply it, for some parameters or by a warm-up of its own.
 * @example
 * const optimizer = controllable(0.1, (learningRate) => sgd({ learningRate, momentum: 0.9 }));
 */
export function controllable<S>(initial: number, make: (rate: Schedule) => Optimizer<S>): Optimizer<Controlled<S>> {
  checkRates('controllable', { initial });
  return {
    init: (params) => ({
      rate: tensor(initial, { dtype: 'float64' }),
      optimizer: make(constant(initial)).init(params),
    }),
    update(grads, { rate, optimizer }, params) {
      const [next, state] = make(() => rate).update(grads, optimizer, params);
      return [next, { rate, optimizer: state }];
    },
  };
}

/** The state with another rate. */
export function withRate<S>(state: Controlled<S>, rate: number): Controlled<S> {
  checkRates('withRate', { rate });
  return { ...state, rate: tensor(rate, { dtype: 'float64' }) };
}
