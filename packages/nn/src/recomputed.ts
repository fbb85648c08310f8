import { recompute } from '@lemmata/tensor';
import type { Layer } from './layer.js';

/**
 * The same layer, of whose values inside training keeps none: the backward pass computes them again, from the same parameters,
 * state and key. Parameters, names, results and gradients are the same, bit for bit, and the next state follows once. Best around
 * the blocks of a deep network, each of which then keeps its input alone. See `recompute` of `@lemmata/autograd`.
 *
 * @example
 * const net = sequential({ block1: recomputed(block()), block2: recomputed(block()), head });
 */
export function recomputed<P, S>(layer: Layer<P, S>): Layer<P, S> {
  return { ...layer, apply: recompute((params: P, state: S, x, context) => layer.apply(params, state, x, context)) };
}
