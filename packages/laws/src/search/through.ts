import type { Layer } from '@lemmata/nn';
import { key, type Tensor } from '@lemmata/tensor';
import { flatten, map } from '@lemmata/tree';
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
  const { leaves, paths } = flatten(made.params) as unknown as { leaves: Tensor[]; paths: string[] };
  if (leaves.length !== params.length)
    throw new Violation({ what: 'number of parameters', received: leaves.length, expected: params.length });
  leaves.forEach((leaf, i) => {
    const about = { what: `shape of parameter ${paths[i]}`, shape: [leaf.rank] };
    expectSame(about, leaf.shape, params[i].shape);
  });
  let next = 0;
  const given = map(() => params[next++] as never, made.params);
  const [y] = layer.apply(given, made.state, x, { ...mode, key: key(2) });
  expectSame({ what: 'announced shape of the output', shape: [y.rank - 1] }, made.outputShape, y.shape.slice(1));
  return y;
}
