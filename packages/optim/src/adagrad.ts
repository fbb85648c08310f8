import { add, div, full, mul, sqrt, square, sub } from '@lemmata/tensor';
import { atLeastZero, rate } from './option.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { perParameter, times, type CommonOptions, type Group } from './per-parameter.js';

export interface AdagradOptions extends CommonOptions {
  /** The rate in step t is η / (1 + (t − 1) · rateDecay). Default 0. */
  readonly rateDecay?: number;
  /** What the sum of squares starts with. Default 0. */
  readonly initialSum?: number;
  /** Added to the root. Default 1e-10. */
  readonly eps?: number;
  /** Parameters with other options; the first group whose `match` is true of a path counts. Default: none. */
  readonly groups?: readonly Group<AdagradOptions>[];
}

const options = {
  learningRate: rate(1e-2),
  rateDecay: atLeastZero(0),
  weightDecay: atLeastZero(0),
  initialSum: atLeastZero(0),
  eps: atLeastZero(1e-10),
};

/**
 * Adagrad: s ← s + g², θ ← θ − η g / (√s + ε). Default rate 0.01. Memory: `sum` (s).
 *
 * Source: Duchi et al. 2011, https://jmlr.org/papers/v12/duchi11a.html, in the form of torch.optim.Adagrad.
 */
export function adagrad(given: AdagradOptions = {}): Optimizer<OptimizerState> {
  return perParameter(
    {
      name: 'adagrad',
      options,
      rule: ({ rateDecay, initialSum, eps }) => ({
        start: ({ shape, dtype }) => ({ sum: full(shape, initialSum, dtype) }),
        at({ rate, t }) {
          const decayed = div(rate, add(mul(sub(t, 1), rateDecay), 1));
          return (g, memory, parameter) => {
            const sum = add(memory['sum']!, square(g));
            return [sub(parameter, div(times(g, decayed), add(sqrt(sum), eps))), { sum }];
          };
        },
      }),
    },
    given,
  );
}
