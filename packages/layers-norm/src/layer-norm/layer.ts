import type { Empty, Layer } from '@lemmata/nn';
import { unknownOptions } from '@lemmata/shape';
import type { AffineParams } from '../affine.js';
import { type AffineOptions, affineReasons, refuse } from '../options.js';
import { trailingLayer, type TrailingOptions } from '../trailing-layer.js';
import { layerNorm } from './layer-norm.js';

export interface LayerNormLayerOptions extends TrailingOptions, AffineOptions {}

/**
 * {@link layerNorm} as a layer. Parameters: `weight` and `bias` of normalizedShape (ones and zeros at first). Both modes are
 * the same.
 *
 * @example
 * layerNormLayer() // over the last axis
 * layerNormLayer({ normalizedShape: [6, 28, 28] }) // over an image and its channels
 * @throws ShapeError for inputs that do not end in normalizedShape; OptionError for options it does not know.
 *
 * Source: Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450; conventions of torch.nn.LayerNorm.
 */
export function layerNormLayer(options: LayerNormLayerOptions = {}): Layer<AffineParams, Empty> {
  unknownOptions('layerNormLayer', options, ['normalizedShape', 'eps', 'affine', 'bias']);
  const { affine = true, bias = true, eps } = options;
  refuse('layerNormLayer', affineReasons({ eps, affine, bias }));
  return trailingLayer('layerNorm', options, { affine, bias }, (x, shape, weight, shift) =>
    layerNorm(x, shape, weight, shift, eps === undefined ? {} : { eps }),
  );
}
