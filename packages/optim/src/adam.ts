import { add, div, maximum, sqrt, square, sub, zerosLike } from '@lemmata/tensor';
import { average, weightGiven } from './moments.js';
import { atLeastZero, flag, rate, type Scheduled, scheduledDecays, type Settled } from './option.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { perParameter, times, type CommonOptions, type Group, type Rule } from './per-parameter.js';

export interface AdamOptions extends CommonOptions {
  /** Decay rates of the averages of gradients (a number, or a function of the step) and of their squares. Default [0.9, 0.999]. */
  readonly betas?: readonly [Scheduled, number];
  /** Added to the root of the corrected average of squares. Default 1e-8. */
  readonly eps?: number;
  /** Divide by the largest average of squares so far (taken before its correction). Default false. */
  readonly amsgrad?: boolean;
  /** Parameters with other options; the first group whose `match` is true of a path counts. Default: none. */
  readonly groups?: readonly Group<AdamOptions>[];
}

const options = (weightDecay: number) => ({
  learningRate: rate(1e-3),
  betas: scheduledDecays([0.9, 0.999]),
  eps: atLeastZero(1e-8),
  weightDecay: atLeastZero(weightDecay),
  amsgrad: flag(false),
});

/**
 * Adam: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − η · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε).
 * `weightDecay` is an L2 penalty, part of g; for decay apart from the gradient see {@link adamw}. Default rate 0.001.
 *
 * Memory: `exp_avg` (m), `exp_avg_sq` (v), and `max_exp_avg_sq` with `amsgrad`.
 *
 * Source: Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, Algorithm 1 (ε outside of the root, after the correction);
 * AMSGrad: Reddi et al. 2018, https://openreview.net/forum?id=ryQu7f-RZ.
 */
export function adam(given: AdamOptions = {}): Optimizer<OptimizerState> {
  return perParameter({ name: 'adam', options: options(0), rule }, given);
}

/**
 * {@link adam} with the decay apart from the gradient: θ ← θ − ηλθ, then Adam's step. The decay follows the rate, schedule
 * and all. Default λ 0.01, as PyTorch.
 *
 * Source: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101.
 */
export function adamw(given: AdamOptions = {}): Optimizer<OptimizerState> {
  return perParameter(
    { name: 'adamw', options: options(0.01), rule: (settled) => ({ ...rule(settled), decoupled: true }) },
    given,
  );
}

function rule({ betas: [first, beta2], eps, amsgrad }: Settled<ReturnType<typeof options>>): Rule {
  return {
    start: (parameter) => ({
      exp_avg: zerosLike(parameter),
      exp_avg_sq: zerosLike(parameter),
      ...(amsgrad ? { max_exp_avg_sq: zerosLike(parameter) } : {}),
    }),
    at({ rate, t, now }) {
      const beta1 = now(first);
      const stepSize = div(rate, weightGiven(beta1, t));
      const correction = div(1, sqrt(weightGiven(beta2, t)));
      return (g, memory, parameter) => {
        const m = average(memory['exp_avg']!, g, beta1);
        const v = average(memory['exp_avg_sq']!, square(g), beta2);
        const largest = amsgrad ? maximum(memory['max_exp_avg_sq']!, v) : v;
        const scale = add(times(sqrt(largest), correction), eps);
        return [
          sub(parameter, div(times(m, stepSize), scale)),
          { exp_avg: m, exp_avg_sq: v, ...(amsgrad ? { max_exp_avg_sq: largest } : {}) },
        ];
      };
    },
  };
}
