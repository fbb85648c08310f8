import { OptionError, unknownOptions } from '@lemmata/shape';
import { add, cast, eq, mul, sub, tensor, where, zerosLike, type Tensor } from '@lemmata/tensor';
import { map } from '@lemmata/tree';
import type { Optimizer } from './optimizer.js';
import { constant, type Schedule } from './schedule.js';

export interface SgdOptions {
  readonly learningRate: number | Schedule;
  /** Default 0. */
  readonly momentum?: number;
  /** Of the gradient that enters the momentum, from the second step on. Default 0. */
  readonly dampening?: number;
  /** Needs momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty: adds weightDecay · θ to the gradient. Default 0. */
  readonly weightDecay?: number;
}

export interface SgdState {
  /** Steps done, int32. */
  readonly step: Tensor;
  /** A tree like the parameters, or empty without momentum. */
  readonly momentum: unknown;
}

/**
 * Stochastic gradient descent, θ ← θ − η_t d, where with decay λ, momentum μ and dampening τ
 * g = ∇ℓ + λθ, b ← μ b + (1 − τ) g (b ← g in the first step), and d = b, or g + μ b with `nesterov`. The rate is
 * outside of the momentum, as in PyTorch: a change of rate acts on all of it at once.
 *
 * Source: Sutskever et al. 2013, http://proceedings.mlr.press/v28/sutskever13.html, in the form of torch.optim.SGD.
 */
export function sgd(options: SgdOptions): Optimizer<SgdState> {
  unknownOptions('sgd', options, ['learningRate', 'momentum', 'dampening', 'nesterov', 'weightDecay']);
  const { learningRate, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options;
  const reasons = Object.entries({ momentum, weightDecay })
    .filter(([, value]) => !(value >= 0 && Number.isFinite(value)))
    .map(([name, value]) => `${name} must be a finite number of at least 0, received ${value}`);
  if (nesterov && (momentum === 0 || dampening !== 0)) reasons.push('nesterov needs momentum and no dampening');
  if (reasons.length > 0) throw new OptionError('sgd', reasons);
  const schedule = typeof learningRate === 'number' ? constant(learningRate) : learningRate;

  return {
    init: (params) => ({
      step: tensor(0, { dtype: 'int32' }),
      momentum: momentum === 0 ? {} : map((p: unknown) => zerosLike(p as Tensor), params as never),
    }),
    update(grads, state, params) {
      const rate = schedule(state.step);
      const decayed = map(
        (g: unknown, p: unknown) => (weightDecay === 0 ? g : add(g as Tensor, mul(p as Tensor, weightDecay))),
        grads as never, params as never,
      );
      const buffers = momentum === 0 ? {} : map((g: unknown, b: unknown) => accumulate(g as Tensor, b as Tensor, state.step), decayed, state.momentum as never);
      const directions = momentum === 0 ? decayed
        : nesterov ? map((g: unknown, b: unknown) => add(g as Tensor, mul(b as Tensor, momentum)), decayed, buffers as never)
        : buffers;
      const next = map((p: unknown, d: unknown) => sub(p as Tensor, mul(d as Tensor, cast(rate, (p as Tensor).dtype))), params as never, directions as never);
      return [next as typeof params, { step: add(state.step, 1), momentum: buffers }];
    },
  };

  function accumulate(g: Tensor, buffer: Tensor, step: Tensor): Tensor {
    const mixed = add(mul(buffer, momentum), dampening === 0 ? g : mul(g, 1 - dampening));
    return dampening === 0 ? mixed : where(eq(step, 0), g, mixed);
  }
}
