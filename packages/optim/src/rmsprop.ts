import { add, div, maximum, sqrt, square, sub, zerosLike, type Tensor } from '@lemmata/tensor';
import { average } from './moments.js';
import { atLeastZero, flag, fraction, momentum as momentumOption, rate, type Scheduled } from './option.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { perParameter, times, type CommonOptions, type Group } from './per-parameter.js';

export interface RmspropOptions extends CommonOptions {
  /** α, the decay rate of the averages. Default 0.99. */
  readonly alpha?: number;
  /** Default 1e-8. */
  readonly eps?: number;
  /** √v + ε (false, as PyTorch) or √(v + ε) (true, as TensorFlow). Default false. */
  readonly epsInsideRoot?: boolean;
  /** μ: a number, or a function of the step. Default 0. */
  readonly momentum?: Scheduled;
  /** Divide by the deviation of the gradient, √(v − ḡ²), instead of its root mean square. Default false. */
  readonly centered?: boolean;
  /** Parameters with other options; the first group whose `match` is true of a path counts. Default: none. */
  readonly groups?: readonly Group<RmspropOptions>[];
}

const options = {
  learningRate: rate(1e-2),
  alpha: fraction(0.99),
  eps: atLeastZero(1e-8),
  epsInsideRoot: flag(false),
  weightDecay: atLeastZero(0),
  momentum: momentumOption(),
  centered: flag(false),
};

/**
 * RMSprop: v ← αv + (1 − α)g², d = g / (√v + ε), b ← μb + d, θ ← θ − η b. Default rate 0.01.
 *
 * Memory: `square_avg` (v), `momentum_buffer` (b) with momentum, `grad_avg` (ḡ) if centred.
 *
 * Source: Tieleman & Hinton 2012, https://www.cs.toronto.edu/~hinton/coursera/lecture6/lec6.pdf; centred: Graves 2013,
 * https://arxiv.org/abs/1308.0850; in the form of torch.optim.RMSprop.
 */
export function rmsprop(given: RmspropOptions = {}): Optimizer<OptimizerState> {
  return perParameter(
    {
      name: 'rmsprop',
      options,
      rule: ({ alpha, eps, epsInsideRoot, momentum, centered }) => ({
        start: (parameter) => ({
          square_avg: zerosLike(parameter),
          ...(momentum !== 0 ? { momentum_buffer: zerosLike(parameter) } : {}),
          ...(centered ? { grad_avg: zerosLike(parameter) } : {}),
        }),
        at:
          ({ rate, now }) =>
          (g, memory, parameter) => {
            const squares = average(memory['square_avg']!, square(g), alpha);
            const next: Record<string, Tensor> = { square_avg: squares };
            let spread = squares;
            if (centered) {
              const mean = (next['grad_avg'] = average(memory['grad_avg']!, g, alpha));
              // Not negative but for rounding, of which a root would make NaN.
              spread = maximum(sub(squares, square(mean)), 0);
            }
            let direction = div(g, epsInsideRoot ? sqrt(add(spread, eps)) : add(sqrt(spread), eps));
            if (momentum !== 0)
              direction = next['momentum_buffer'] = add(times(memory['momentum_buffer']!, now(momentum)), direction);
            return [sub(parameter, times(direction, rate)), next];
          },
      }),
    },
    given,
  );
}
