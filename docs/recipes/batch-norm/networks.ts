import { reluLayer } from '@lemmata/layers-activation';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { kaimingNormal, sequential, zeros, type Initialiser, type Layer } from '@lemmata/nn';
import { mul } from '@lemmata/tensor';

export type Kind = 'batch norm' | 'none';
export const KINDS: readonly Kind[] = ['batch norm', 'none'];
const HIDDEN = 4;

/**
 * Four hidden layers of 100 units with ReLU, with batch norm before each of them or without. Hidden weights are drawn as He et al.
 * 2015 say, times `scale`.
 */
export function network(kind: Kind, scale: number): Layer {
  const he = kaimingNormal();
  const init: Initialiser = (key, shape, options) => mul(he(key, shape, options), scale);
  const block = (): Layer =>
    sequential({
      fc: linearLayer({ outFeatures: 100, init, biasInit: zeros }),
      ...(kind === 'batch norm' ? { bn: batchNormLayer() } : {}),
    });
  return sequential({
    flatten: flattenLayer(),
    ...Object.fromEntries(
      Array.from({ length: HIDDEN }, (_, i) => i + 1).flatMap((i) => [
        [`hidden${i}`, block()],
        [`relu${i}`, reluLayer()],
      ]),
    ),
    out: linearLayer({ outFeatures: 10 }),
  });
}
