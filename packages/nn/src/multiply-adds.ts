import { type Shape, ShapeError } from '@lemmata/shape';
import { Abstract, type OpDef, type Tensor } from '@lemmata/tensor';
import type { Layer } from './layer.js';

/** Follows shapes, and adds up the work of every op that tells it. */
class Counting extends Abstract {
  total = 0;

  override bind<A>(op: OpDef<A>, attrs: A, inputs: readonly Tensor[]): Tensor[] {
    const outputs = super.bind(op, attrs, inputs);
    if (op.multiplyAdds !== undefined) {
      this.total += op.multiplyAdds(
        attrs,
        inputs.map((t) => t.spec),
        outputs.map((t) => t.spec),
      );
    } else op.define?.(attrs, ...inputs);
    return outputs;
  }
}

/**
 * Products that a layer adds up for one input, in inference: those of convolutions and matrix products, elements of the
 * padding included. A multiplication with its addition counts once. Of a larger batch it is each input's share.
 */
export function multiplyAdds<P, S>(layer: Layer<P, S>, params: P, state: S, inputShape: Shape, batch: number): number {
  const counting = new Counting();
  const x = counting.tensor({ shape: [batch, ...inputShape], dtype: inputDtype(layer) });
  layer.apply(params, state, x, { train: false });
  return counting.total / batch;
}

/** How many inputs {@link multiplyAdds} follows: one, or two where a layer needs statistics of its batch, which a single value does not have. */
export function followedBatch<P, S>(layer: Layer<P, S>, params: P, state: S, inputShape: Shape): number {
  try {
    multiplyAdds(layer, params, state, inputShape, 1);
    return 1;
  } catch (error) {
    if (error instanceof ShapeError) return 2;
    throw error;
  }
}

/** What a layer reads. */
export function inputDtype(layer: Layer): 'float32' | 'int32' {
  if (layer.inputDtype !== undefined) return layer.inputDtype;
  const [first] = Object.values(layer.layers ?? {});
  return first === undefined ? 'float32' : inputDtype(first);
}
