import type { Shape } from '@lemmata/shape';
import { Abstract } from '@lemmata/tensor';
import type { Folded, Layer } from './layer.js';

/**
 * The same network for inference, in which a layer absorbs the affine map that follows it: batch norm after a convolution
 * disappears into new weights and a bias. Parameters keep their names; what is folded away has none left.
 *
 * With `affine` a layer says that in inference it is such a map, with `absorb` how it absorbs one; neither knows the other. Layers are
 * folded inside `sequential`, `parallel` and `residual`, and inside `compose` where nothing else reads the value between the two.
 *
 * It changes the arithmetic: a weight is rounded once more, so that in float32 each output of a folded layer moves by at most
 * 2⁻²² (Σ |weight · input| + |bias|), with the folded weights, beyond what the unfolded layers round away themselves.
 *
 * @param inputShape without the batch.
 * @example
 * const { layer, params, state } = fold(net, trained.params, trained.state, [3, 32, 32]);
 * infer(layer, params, state, x);
 */
export function fold<P, S>(layer: Layer<P, S>, params: P, state: S, inputShape: Shape): Folded {
  return layer.fold?.(params, state, inputShape) ?? { layer, params, state };
}

/** One of several layers, after folding. */
export interface Part extends Folded {
  /** That of the layer before folding. */
  readonly outputShape: Shape;
}

/** A layer folded inside, and the shape that it gives. */
export function foldedPart(layer: Layer, params: unknown, state: unknown, inputShape: Shape): Part {
  const key = new Abstract().tensor({ shape: [2], dtype: 'int32' });
  return { ...fold(layer, params, state, inputShape), outputShape: layer.init(key, inputShape).outputShape };
}

/** `before` with the map that `after` is absorbed; null if `after` is no map, or `before` absorbs none. */
export function joined(before: Part, after: Part): Part | null {
  const map = after.layer.affine?.(after.params, after.state) ?? null;
  if (map === null) return null;
  const absorbed = before.layer.absorb?.(before.params, map, before.outputShape) ?? null;
  return absorbed && { ...before, ...absorbed };
}

/** One member of all parts, by name. */
export function membersOf<K extends keyof Part>(parts: ReadonlyMap<string, Part>, member: K): Record<string, Part[K]> {
  return Object.fromEntries([...parts].map(([name, part]) => [name, part[member]]));
}
