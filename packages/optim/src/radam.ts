import { add, div, gt, mul, pow, sqrt, square, sub, where, zerosLike } from '@lemmata/tensor';
import { average, weightGiven } from './moments.js';
import { atLeastZero, decays, flag, rate } from './option.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { perParameter, times, type CommonOptions, type Group } from './per-parameter.js';

export interface RadamOptions extends CommonOptions {
  /** Decay rates of the averages of gradients and of their squares. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the average of squares. Default 1e-8. */
  readonly eps?: number;
  /** Weight decay apart from the gradient, as in AdamW. Default false. */
  readonly decoupledWeightDecay?: boolean;
  /** Parameters with other options; the first group whose `match` is true of a path counts. Default: none. */
  readonly groups?: readonly Group<RadamOptions>[];
}

const options = {
  learningRate: rate(1e-3),
  betas: decays([0.9, 0.999]),
  eps: atLeastZero(1e-8),
  weightDecay: atLeastZero(0),
  decoupledWeightDecay: flag(false),
};

/**
 * RAdam, Adam that does not divide by √v before enough squares have been averaged: with ρ∞ = 2 / (1 − β₂) − 1 and
 * ρₜ = ρ∞ − 2tβ₂ᵗ / (1 − β₂ᵗ), m̂ = m / (1 − β₁ᵗ), θ ← θ − η m̂ as long as ρₜ ≤ 5, then
 * θ ← θ − η m̂ · r √(1 − β₂ᵗ) / (√v + ε) with r = √((ρₜ − 4)(ρₜ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρₜ)). Default rate 0.001.
 *
 * Memory: `exp_avg` (m), `exp_avg_sq` (v).
 *
 * Source: Liu et al. 2020, https://arxiv.org/abs/1908.03265, in the form of torch.optim.RAdam.
 */
export function radam(given: RadamOptions = {}): Optimizer<OptimizerState> {
  return perParameter(
    {
      name: 'radam',
      options,
      rule: ({ betas: [beta1, beta2], eps, decoupledWeightDecay }) => ({
        decoupled: decoupledWeightDecay,
        start: (parameter) => ({ exp_avg: zerosLike(parameter), exp_avg_sq: zerosLike(parameter) }),
        at({ rate, t }) {
          const longest = 2 / (1 - beta2) - 1;
          const given = weightGiven(beta2, t);
          const length = sub(longest, div(mul(mul(t, 2), pow(beta2, t)), given));
          const enough = gt(length, 5);
          const r2 = div(mul(mul(sub(length, 4), sub(length, 2)), longest), mul(length, (longest - 4) * (longest - 2)));
          const correction = sqrt(mul(r2, given));
          const stepSize = div(rate, weightGiven(beta1, t));
          return (g, memory, parameter) => {
            const m = average(memory['exp_avg']!, g, beta1);
            const v = average(memory['exp_avg_sq']!, square(g), beta2);
            const plain = times(m, stepSize);
            const rectified = div(times(plain, correction), add(sqrt(v), eps));
            return [sub(parameter, where(enough, rectified, plain)), { exp_avg: m, exp_avg_sq: v }];
          };
        },
      }),
    },
    given,
  );
}
