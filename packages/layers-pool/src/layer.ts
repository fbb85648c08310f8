import type { Empty, Layer } from '@lemmata/nn';
import { checkSlidingOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { type AnyPoolOptions, poolWindow } from './options.js';

/** A pooling as a layer: `f` without parameters or state, along `rank` spatial axes. */
export function poolLayer(
  kind: string,
  rank: number,
  options: AnyPoolOptions,
  f: (x: Tensor) => Tensor,
): Layer<Empty, Empty> {
  checkSlidingOptions(kind, rank, { stride: options.kernelSize, ...options });
  return {
    kind,
    init(_key, inputShape) {
      const { outputShape } = poolWindow(kind, rank, [1, ...inputShape], options);
      return { params: {}, state: {}, outputShape: outputShape.slice(1) };
    },
    apply: (_params, state, x) => [f(x), state],
    window(inputShape) {
      const { kernel, stride, dilation, padding } = poolWindow(kind, rank, [1, ...inputShape], options);
      return kernel.map((k, axis) => ({
        kernel: k,
        stride: stride[axis],
        dilation: dilation[axis],
        padding: padding[axis],
      }));
    },
  };
}
