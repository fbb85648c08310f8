import { abs, add, div, maximum, mul, sub, zerosLike } from '@lemmata/tensor';
import { average, weightGiven } from './moments.js';
import { atLeastZero, decays, rate } from './option.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { perParameter, times, type CommonOptions, type Group } from './per-parameter.js';

export interface AdamaxOptions extends CommonOptions {
  /** Decay rates of the average of gradients and of the largest gradient. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to |g|. Default 1e-8. */
  readonly eps?: number;
  /** Parameters with other options; the first group whose `match` is true of a path counts. Default: none. */
  readonly groups?: readonly Group<AdamaxOptions>[];
}

const options = {
  learningRate: rate(2e-3),
  betas: decays([0.9, 0.999]),
  eps: atLeastZero(1e-8),
  weightDecay: atLeastZero(0),
};

/**
 * AdaMax, Adam with the infinity norm: m ← β₁m + (1 − β₁)g, u ← max(β₂u, |g| + ε), θ ← θ − η / (1 − β₁ᵗ) · m / u.
 * Default rate 0.002. Memory: `exp_avg` (m), `exp_inf` (u).
 *
 * Source: Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, Algorithm 2, in the form of torch.optim.Adamax.
 */
export function adamax(given: AdamaxOptions = {}): Optimizer<OptimizerState> {
  return perParameter(
    {
      name: 'adamax',
      options,
      rule: ({ betas: [beta1, beta2], eps }) => ({
        start: (parameter) => ({ exp_avg: zerosLike(parameter), exp_inf: zerosLike(parameter) }),
        at({ rate, t }) {
          const stepSize = div(rate, weightGiven(beta1, t));
          return (g, memory, parameter) => {
            const m = average(memory['exp_avg']!, g, beta1);
            const largest = maximum(mul(memory['exp_inf']!, beta2), add(abs(g), eps));
            return [sub(parameter, div(times(m, stepSize), largest)), { exp_avg: m, exp_inf: largest }];
          };
        },
      }),
    },
    given,
  );
}
