import { add, div, mul, sqrt, square, sub, zerosLike } from '@lemmata/tensor';
import { average } from './moments.js';
import { atLeastZero, fraction, rate } from './option.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { perParameter, times, type CommonOptions, type Group } from './per-parameter.js';

export interface AdadeltaOptions extends CommonOptions {
  /** ρ, the decay rate of both averages. Default 0.9. */
  readonly rho?: number;
  /** Added under both roots. Default 1e-6. */
  readonly eps?: number;
  /** Parameters with other options; the first group whose `match` is true of a path counts. Default: none. */
  readonly groups?: readonly Group<AdadeltaOptions>[];
}

const options = { learningRate: rate(1), rho: fraction(0.9), eps: atLeastZero(1e-6), weightDecay: atLeastZero(0) };

/**
 * Adadelta: v ← ρv + (1 − ρ)g², Δ = g · √(u + ε) / √(v + ε), u ← ρu + (1 − ρ)Δ², θ ← θ − η Δ. Default rate 1.
 *
 * Memory: `square_avg` (v), `acc_delta` (u).
 *
 * Source: Zeiler 2012, https://arxiv.org/abs/1212.5701.
 */
export function adadelta(given: AdadeltaOptions = {}): Optimizer<OptimizerState> {
  return perParameter(
    {
      name: 'adadelta',
      options,
      rule: ({ rho, eps }) => ({
        start: (parameter) => ({ square_avg: zerosLike(parameter), acc_delta: zerosLike(parameter) }),
        at:
          ({ rate }) =>
          (g, memory, parameter) => {
            const squares = average(memory['square_avg']!, square(g), rho);
            const deltas = memory['acc_delta']!;
            const delta = mul(div(sqrt(add(deltas, eps)), sqrt(add(squares, eps))), g);
            return [
              sub(parameter, times(delta, rate)),
              { square_avg: squares, acc_delta: average(deltas, square(delta), rho) },
            ];
          },
      }),
    },
    given,
  );
}
