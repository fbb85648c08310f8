import type { Shape } from '@lemmata/shape';
import { Abstract } from '@lemmata/tensor';
import type { Folded, Layer } from './layer.js';

/**
 * The same network for inference, in which a layer takes in the affine map behind it: batch norm behind a convolution becomes
 * other weights and a bias, and is gone. The parameters keep their names; what is folded away has none.
 *
 * A layer says by `affine` that in inference it is such a map, and by `absorb` how it takes one in; neither knows the other. What a
 * network is put together of is folded inside: `sequential`, `parallel`, `residual`, and `compose` where nothing else reads what
 * lies between the two layers.
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

/** What became of one of several layers. */
export interface Part extends Folded {
  /** Of the layer as it was. */
  readonly outputShape: Shape;
}

/** A layer folded inside, and the shape that it gives. */
export function foldedPart(layer: Layer, params: unknown, state: unknown, inputShape: Shape): Part {
  const key = new Abstract().tensor({ shape: [2], dtype: 'int32' });
  return { ...fold(layer, params, state, inputShape), outputShape: layer.init(key, inputShape).outputShape };
}

/** `before` with the map that `after` is; null where the one is none, or the other takes none in. */
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
