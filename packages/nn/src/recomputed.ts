import { recompute } from '@lemmata/tensor';
import type { Layer } from './layer.js';

/**
 * The same layer, but training keeps none of its intermediate values: the backward pass computes them again, from the same
 * parameters, state and key. Parameters, names, results and gradients are the same, bit for bit, and the state advances only once. Best
 * around the blocks of a deep network, each of which then keeps only its input. See `recompute` of `@lemmata/autograd`.
 *
 * @example
 * const net = sequential({ block1: recomputed(block()), block2: recomputed(block()), head });
 */
export function recomputed<P, S>(layer: Layer<P, S>): Layer<P, S> {
  return { ...layer, apply: recompute((params: P, state: S, x, context) => layer.apply(params, state, x, context)) };
}
