import { add, cast, div, full, mul, pow, sqrt, square, sub, zerosLike, type Tensor } from '@lemmata/tensor';
import { average, weightGiven } from './moments.js';
import { atLeastZero, decays, flag, rate } from './option.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { perParameter, times, type CommonOptions, type Group } from './per-parameter.js';

export interface NadamOptions extends CommonOptions {
  /** Decay rates of the averages of gradients and of their squares. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the corrected average of squares. Default 1e-8. */
  readonly eps?: number;
  /** ψ: how fast the momentum grows towards β₁. Default 0.004. */
  readonly momentumDecay?: number;
  /** Weight decay apart from the gradient, as in AdamW. Default false. */
  readonly decoupledWeightDecay?: boolean;
  /** Parameters with other options; the first group whose `match` is true of a path counts. Default: none. */
  readonly groups?: readonly Group<NadamOptions>[];
}

const options = {
  learningRate: rate(2e-3),
  betas: decays([0.9, 0.999]),
  eps: atLeastZero(1e-8),
  weightDecay: atLeastZero(0),
  momentumDecay: atLeastZero(0.004),
  decoupledWeightDecay: flag(false),
};

/**
 * NAdam, Adam with Nesterov's momentum: with μₜ = β₁(1 − ½ · 0.96^(tψ)) and its product Πₜ = μ₁ ⋯ μₜ, m and v as in Adam,
 * θ ← θ − η ((1 − μₜ) / (1 − Πₜ) · g + μₜ₊₁ / (1 − Πₜ₊₁) · m) / (√(v / (1 − β₂ᵗ)) + ε). Default rate 0.002.
 *
 * Memory: `exp_avg` (m), `exp_avg_sq` (v), `mu_product` (Πₜ, a float64 scalar).
 *
 * Source: Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ, in the form of torch.optim.NAdam.
 */
export function nadam(given: NadamOptions = {}): Optimizer<OptimizerState> {
  return perParameter(
    {
      name: 'nadam',
      options,
      rule: ({ betas: [beta1, beta2], eps, momentumDecay, decoupledWeightDecay }) => ({
        decoupled: decoupledWeightDecay,
        start: (parameter) => ({
          exp_avg: zerosLike(parameter),
          exp_avg_sq: zerosLike(parameter),
          mu_product: full([], 1, 'float64'),
        }),
        at({ rate, t }) {
          const momentum = (step: Tensor): Tensor => mul(sub(1, mul(pow(0.96, mul(step, momentumDecay)), 0.5)), beta1);
          const [mu, next] = [momentum(t), momentum(add(t, 1))];
          const correction = weightGiven(beta2, t);
          return (g, memory, parameter) => {
            const product = mul(memory['mu_product']!, mu);
            const m = average(memory['exp_avg']!, g, beta1);
            const v = average(memory['exp_avg_sq']!, square(g), beta2);
            const scale = add(sqrt(div(v, cast(correction, v.dtype))), eps);
            const ofGradient = mul(rate, div(sub(1, mu), sub(1, product)));
            const ofAverage = mul(rate, div(next, sub(1, mul(product, next))));
            return [
              sub(parameter, div(add(times(g, ofGradient), times(m, ofAverage)), scale)),
              { exp_avg: m, exp_avg_sq: v, mu_product: product },
            ];
          };
        },
      }),
    },
    given,
  );
}
