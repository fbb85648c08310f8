import type { Empty, Layer } from '@lemmata/nn';
import { Problems, type Shape } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { type AffineParams, affineParams } from './affine.js';
import { checkTrailing, type NormalizedShape, normalizedShapeOf } from './trailing.js';

export interface TrailingOptions {
  /**
   * Sizes of the last axes of the input, over which to normalise together; a number: the last axis. Default: the last axis,
   * whatever its size.
   */
  readonly normalizedShape?: NormalizedShape;
}

/** A layer that normalises over the last axes of its input, in both modes alike. */
export function trailingLayer(
  kind: string,
  { normalizedShape }: TrailingOptions,
  params: { readonly affine: boolean; readonly bias: boolean },
  f: (x: Tensor, normalizedShape: Shape, weight?: Tensor, bias?: Tensor) => Tensor,
): Layer<AffineParams, Empty> {
  const given = normalizedShape === undefined ? null : normalizedShapeOf(`${kind}Layer`, normalizedShape);
  return {
    kind,
    init(_key, inputShape) {
      const problems = new Problems(kind);
      if (inputShape.length === 0)
        problems.add({ rule: 'the input has at least one axis besides the batch', received: inputShape });
      else if (given !== null) checkTrailing(problems, inputShape, given);
      problems.throwIfAny({ input: inputShape });
      return {
        params: affineParams(given ?? inputShape.slice(-1), params.affine, params.bias),
        state: {},
        outputShape: inputShape,
      };
    },
    apply: ({ weight, bias }, state, x) => [f(x, given ?? x.shape.slice(-1), weight, bias), state],
    // Behind the channels the last axis is one of space, and every place along it counts.
    window: () => null,
  };
}
