import type { Tensor } from '@lemmata/tensor';
import { type ConvTransposeLayer, convTransposeLayer, type ConvTransposeLayerOptions } from './layer.js';
import { type ConvTransposeOptions, transpose } from './transpose.js';

/**
 * Transposed convolution of images: the adjoint of the convolution with the same weight and options, which spreads each
 * element of x over a window of the result.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @param weight `[C, O / groups, KH, KW]`: that of the convolution from O to C channels
 * @param bias `[O]`
 * @returns `[N, O, H', W']` with H' = (H − 1)s − p₀ − p₁ + d(KH − 1) + outputPadding + 1
 * @throws ShapeError naming every rule that is broken; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions = {},
): Tensor {
  return transpose('convTranspose2d', 2, x, weight, bias, options);
}

/** {@link convTranspose2d} along one spatial axis: x `[N, C, L]` or `[C, L]`. */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions = {},
): Tensor {
  return transpose('convTranspose1d', 1, x, weight, bias, options);
}

/** {@link convTranspose2d} along three spatial axes: x `[N, C, D, H, W]` or `[C, D, H, W]`. */
export function convTranspose3d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions = {},
): Tensor {
  return transpose('convTranspose3d', 3, x, weight, bias, options);
}

/**
 * {@link convTranspose2d} as a layer, with the parameters `weight` `[inChannels, outChannels / groups, KH, KW]` and `bias`
 * `[outChannels]`.
 *
 * The default weight is drawn as in PyTorch, uniform within ±1 / √(outChannels / groups · KH · KW): the fan of the
 * convolution that it transposes. An initialiser of one's own gets the fans of the transposed weight.
 *
 * @example convTranspose2dLayer({ outChannels: 8, kernelSize: 4, stride: 2, padding: 1 }) // doubles height and width
 * @throws ShapeError, OptionError for options that no input can make right; the rest is checked by `init`.
 */
export function convTranspose2dLayer(options: ConvTransposeLayerOptions): ConvTransposeLayer {
  return convTransposeLayer('convTranspose2d', 2, options);
}

/** {@link convTranspose1d} as a layer; see {@link convTranspose2dLayer}. */
export function convTranspose1dLayer(options: ConvTransposeLayerOptions): ConvTransposeLayer {
  return convTransposeLayer('convTranspose1d', 1, options);
}

/** {@link convTranspose3d} as a layer; see {@link convTranspose2dLayer}. */
export function convTranspose3dLayer(options: ConvTransposeLayerOptions): ConvTransposeLayer {
  return convTransposeLayer('convTranspose3d', 3, options);
}
