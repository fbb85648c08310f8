import type { Tensor } from '@lemmata/tensor';
import { type ConvOptions, convolve } from './convolve.js';
import { convLayer, type ConvLayer, type ConvLayerOptions } from './layer.js';

/**
 * Convolution of images: y[o, i, j] = b[o] + Σ over c, k, l of w[o, c, k, l] · x[c, i·s + k·d − p, j·s + l·d − p], a
 * cross-correlation, with zeros around x or what `paddingMode` says.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @param weight `[O, C / groups, KH, KW]`
 * @param bias `[O]`
 * @returns `[N, O, H', W']` with H' = ⌊(H + p₀ + p₁ − d(KH − 1) − 1) / s⌋ + 1
 * @example conv2d(x, weight, bias, { stride: 2, padding: [[0, 1], [0, 1]] })
 * @throws ShapeError naming every rule that is broken; OptionError for unknown options.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvOptions = {}): Tensor {
  return convolve('conv2d', 2, x, weight, bias, options);
}

/** {@link conv2d} along one spatial axis: x `[N, C, L]` or `[C, L]`, weight `[O, C / groups, K]`. */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvOptions = {}): Tensor {
  return convolve('conv1d', 1, x, weight, bias, options);
}

/** {@link conv2d} along three spatial axes: x `[N, C, D, H, W]` or `[C, D, H, W]`, weight `[O, C / groups, KD, KH, KW]`. */
export function conv3d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvOptions = {}): Tensor {
  return convolve('conv3d', 3, x, weight, bias, options);
}

/**
 * {@link conv2d} as a layer, with the parameters `weight` `[O, C / groups, KH, KW]` and `bias` `[O]`.
 *
 * @example conv2dLayer({ outChannels: 6, kernelSize: 5, padding: 2 })
 * @throws ShapeError, OptionError for options that no input can make right; the rest is checked by `init`.
 */
export function conv2dLayer(options: ConvLayerOptions): ConvLayer {
  return convLayer('conv2d', 2, options);
}

/** {@link conv1d} as a layer; see {@link conv2dLayer}. */
export function conv1dLayer(options: ConvLayerOptions): ConvLayer {
  return convLayer('conv1d', 1, options);
}

/** {@link conv3d} as a layer; see {@link conv2dLayer}. */
export function conv3dLayer(options: ConvLayerOptions): ConvLayer {
  return convLayer('conv3d', 3, options);
}
