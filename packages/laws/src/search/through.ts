import type { Layer } from '@lemmata/nn';
import { key, type Tensor } from '@lemmata/tensor';
import { flatten, type Tree, unflatten } from '@lemmata/tree';
import { expectSame, Violation } from '../violation.js';

/**
 * Applies a layer to parameters that a search has drawn, in the order of its tree, in place of those that `init` draws. What
 * `init` announces, the shapes of the parameters and of the output, is held against what there is.
 *
 * @param mode default training, with a key
 */
export function throughLayer(
  layer: Layer<any, any>,
  params: readonly Tensor[],
  x: Tensor,
  mode: { readonly train: boolean } = { train: true },
): Tensor {
  const made = layer.init(key(1), x.shape.slice(1));
  const { leaves, paths, def } = flatten<Tree<Tensor>>(made.params);
  if (leaves.length !== params.length)
    throw new Violation({ what: 'number of parameters', received: leaves.length, expected: params.length });
  leaves.forEach((leaf, i) => {
    const about = { what: `shape of parameter ${paths[i]}`, shape: [leaf.rank] };
    expectSame(about, leaf.shape, params[i].shape);
  });
  const [y] = layer.apply(unflatten(def, params), made.state, x, { ...mode, key: key(2) });
  expectSame({ what: 'announced shape of the output', shape: [y.rank - 1] }, made.outputShape, y.shape.slice(1));
  return y;
}
