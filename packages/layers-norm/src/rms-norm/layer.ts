import type { Empty, Layer } from '@lemmata/nn';
import { unknownOptions } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { affineReasons, refuse } from '../options.js';
import { trailingLayer, type TrailingOptions } from '../trailing-layer.js';
import { rmsNorm } from './rms-norm.js';

export interface RmsNormLayerOptions extends TrailingOptions {
  /** Added to the mean square, under the root. Above 0; default null: the machine epsilon of the input's dtype. */
  readonly eps?: number | null;
  /** Learn a weight. Default true. */
  readonly affine?: boolean;
}

export interface RmsNormParams {
  /** normalizedShape, ones at first; absent without `affine`. */
  readonly weight?: Tensor;
}

/**
 * {@link rmsNorm} as a layer. Parameters: `weight` of normalizedShape (ones at first). Both modes are the same.
 *
 * @throws ShapeError for inputs that do not end in normalizedShape; OptionError for options it does not know.
 *
 * Source: Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467; conventions of torch.nn.RMSNorm.
 */
export function rmsNormLayer(options: RmsNormLayerOptions = {}): Layer<RmsNormParams, Empty> {
  unknownOptions('rmsNormLayer', options, ['normalizedShape', 'eps', 'affine']);
  const { affine = true, eps = null } = options;
  refuse('rmsNormLayer', affineReasons({ eps: eps ?? undefined, affine }));
  return trailingLayer('rmsNorm', options, { affine, bias: false }, (x, shape, weight) =>
    rmsNorm(x, shape, weight, { eps }),
  );
}
