import { clipByGlobalNorm, type Optimizer } from '@lemmata/optim';

/** An optimiser on gradients whose norm together is at most `norm`: those of a recurrent network may explode. */
export function clipped(inner: Optimizer, norm: number): Optimizer {
  return {
    init: (params) => inner.init(params),
    update: (grads, memory, params) => inner.update(clipByGlobalNorm(grads, norm).grads, memory, params),
  };
}
