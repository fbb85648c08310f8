import { add, eq, mul, sub, where, zerosLike } from '@lemmata/tensor';
import { atLeastZero, flag, momentum as momentumOption, rate, type Scheduled } from './option.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { perParameter, times, type CommonOptions, type Group } from './per-parameter.js';
import type { Schedule } from './schedule.js';

export interface SgdOptions extends CommonOptions {
  /** η: a number, or a function of the step. */
  readonly learningRate: number | Schedule;
  /** μ: a number, or a function of the step. Default 0. */
  readonly momentum?: Scheduled;
  /** τ, of the gradient that enters the momentum, from the second step on. Default 0. */
  readonly dampening?: number;
  /** Needs momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
  /** Parameters with other options; the first group whose `match` is true of a path counts. Default: none. */
  readonly groups?: readonly Group<SgdOptions>[];
}

const options = {
  learningRate: rate(),
  momentum: momentumOption(),
  dampening: atLeastZero(0),
  nesterov: flag(false),
  weightDecay: atLeastZero(0),
};

/**
 * Stochastic gradient descent, θ ← θ − η d, where with decay λ, momentum μ and dampening τ
 * g = ∇ℓ + λθ, b ← μ b + (1 − τ) g (b ← g in the first step), and d = b, or g + μ b with `nesterov`. The rate is
 * outside of the momentum, as in PyTorch: a change of rate acts on all of it at once.
 *
 * Memory: `momentum_buffer`, where there is momentum.
 *
 * Source: Sutskever et al. 2013, http://proceedings.mlr.press/v28/sutskever13.html, in the form of torch.optim.SGD.
 */
export function sgd(given: SgdOptions): Optimizer<OptimizerState> {
  return perParameter(
    {
      name: 'sgd',
      options,
      check: ({ nesterov, momentum, dampening }) =>
        nesterov && (momentum === 0 || dampening !== 0) ? ['nesterov needs momentum and no dampening'] : [],
      rule: ({ momentum, dampening, nesterov }) => ({
        start: (parameter) => (momentum === 0 ? {} : { momentum_buffer: zerosLike(parameter) }),
        at({ rate, t, now }) {
          const mu = now(momentum);
          const first = dampening === 0 ? null : eq(t, 1);
          return (g, { momentum_buffer: before }, parameter) => {
            if (momentum === 0) return [sub(parameter, times(g, rate)), {}];
            const mixed = add(times(before!, mu), dampening === 0 ? g : mul(g, 1 - dampening));
            const buffer = first === null ? mixed : where(first, g, mixed);
            const direction = nesterov ? add(g, times(buffer, mu)) : buffer;
            return [sub(parameter, times(direction, rate)), { momentum_buffer: buffer }];
          };
        },
      }),
    },
    given,
  );
}
