import { formatValue, OptionError, type Shape, ShapeError, unknownOptions } from '@lemmata/shape';
import { asTensor, type Tensor } from '@lemmata/tensor';
import { absorbed, firstAxis } from '../conv/absorb.js';
import { CONV_OPTIONS, type ConvOptions, convolve } from '../conv/convolve.js';
import { convLayer, type ConvLayer, type ConvLayerOptions } from '../conv/layer.js';
import { checkInputChannels, FILTER_OPTIONS } from '../conv/layer-options.js';

/** Those of a convolution but the groups, which are the channels. */
export type DepthwiseConvOptions = Omit<ConvOptions, 'groups'>;

export interface DepthwiseConvLayerOptions extends Omit<ConvLayerOptions, 'groups' | 'outChannels'> {
  /** Filters of each channel: M in C · M output channels. Default 1. */
  readonly multiplier?: number | undefined;
}

/**
 * Convolution of every channel by filters of its own: that with as many groups as channels.
 *
 * @param x `[N, C, H, W]`, or one image `[C, H, W]`
 * @param weight `[C · M, 1, KH, KW]`: M filters a channel, those of the first channel first
 * @param bias `[C · M]`
 * @returns `[N, C · M, H', W']`, sizes as in `conv2d`
 * @throws ShapeError naming every rule that is broken; OptionError for unknown options.
 *
 * Source: https://arxiv.org/abs/1704.04861 (section 3.1)
 */
export function depthwiseConv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: DepthwiseConvOptions = {},
): Tensor {
  return depthwise('depthwiseConv2d', 2, x, weight, bias, options);
}

/** {@link depthwiseConv2d} along one spatial axis: x `[N, C, L]` or `[C, L]`, weight `[C · M, 1, K]`. */
export function depthwiseConv1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: DepthwiseConvOptions = {},
): Tensor {
  return depthwise('depthwiseConv1d', 1, x, weight, bias, options);
}

/** {@link depthwiseConv2d} along three spatial axes: x `[N, C, D, H, W]` or `[C, D, H, W]`, weight `[C · M, 1, KD, KH, KW]`. */
export function depthwiseConv3d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: DepthwiseConvOptions = {},
): Tensor {
  return depthwise('depthwiseConv3d', 3, x, weight, bias, options);
}

/**
 * {@link depthwiseConv2d} as a layer, with the parameters `weight` `[C · M, 1, KH, KW]` and `bias` `[C · M]`.
 *
 * @example depthwiseConv2dLayer({ kernelSize: 3, padding: 1 })
 * @throws ShapeError, OptionError for options that no input can make right; the rest is checked by `init`.
 */
export function depthwiseConv2dLayer(options: DepthwiseConvLayerOptions): ConvLayer {
  return depthwiseLayer('depthwiseConv2d', 2, options);
}

/** {@link depthwiseConv1d} as a layer; see {@link depthwiseConv2dLayer}. */
export function depthwiseConv1dLayer(options: DepthwiseConvLayerOptions): ConvLayer {
  return depthwiseLayer('depthwiseConv1d', 1, options);
}

/** {@link depthwiseConv3d} as a layer; see {@link depthwiseConv2dLayer}. */
export function depthwiseConv3dLayer(options: DepthwiseConvLayerOptions): ConvLayer {
  return depthwiseLayer('depthwiseConv3d', 3, options);
}

const OPTIONS: readonly string[] = CONV_OPTIONS.filter((name) => name !== 'groups');
const LAYER_OPTIONS: readonly string[] = [...FILTER_OPTIONS, 'multiplier', ...OPTIONS].filter(
  (name) => name !== 'outChannels',
);

/** Depthwise convolution along `rank` spatial axes; `op` names the caller in errors. */
export function depthwise(
  op: string,
  rank: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  options: DepthwiseConvOptions,
): Tensor {
  refuseGroups(op, options);
  unknownOptions(op, options, OPTIONS);
  const input = asTensor(x, op);
  return convolve(op, rank, input, weight, bias, { ...options, groups: channelsOf(op, rank, input.shape) });
}

/** The layer along `rank` spatial axes. */
export function depthwiseLayer(kind: string, rank: number, options: DepthwiseConvLayerOptions): ConvLayer {
  refuseGroups(kind, options);
  unknownOptions(kind, options, LAYER_OPTIONS);
  const { multiplier = 1, inChannels, ...filters } = options;
  if (!Number.isSafeInteger(multiplier) || multiplier < 1)
    throw new OptionError(kind, [`multiplier must be an integer of at least 1, received ${formatValue(multiplier)}`]);
  // Now rather than at the first input, though the channels are not known yet.
  convLayer(kind, rank, { ...filters, inChannels, outChannels: multiplier });

  const forChannels = (groups: number): ConvLayer =>
    convLayer(kind, rank, { ...filters, outChannels: groups * multiplier, groups });
  return {
    kind,
    init(key, inputShape) {
      checkInputChannels(kind, rank, inputShape, inChannels);
      return forChannels(channelsOf(kind, rank, inputShape)).init(key, inputShape);
    },
    apply: (params, state, x, context) => forChannels(channelsOf(kind, rank, x.shape)).apply(params, state, x, context),
    window: (inputShape) => forChannels(channelsOf(kind, rank, inputShape)).window!(inputShape),
    absorb: (params, map) => ({
      layer: depthwiseLayer(kind, rank, { ...options, bias: true }),
      params: absorbed(params, map, firstAxis(params.weight)),
    }),
  };
}

function refuseGroups(op: string, options: object): void {
  if (!('groups' in Object(options))) return;
  throw new OptionError(op, ['a depthwise convolution has as many groups as channels: leave groups out']);
}

/** Channels of `[N, C, ...spatial]` or `[C, ...spatial]`; 1 for what has another number of axes, which is refused later. */
function channelsOf(op: string, rank: number, shape: Shape): number {
  const channels = shape[shape.length - rank - 1] ?? 1;
  if (channels === 0)
    throw new ShapeError(op, [{ rule: 'the input must have at least one channel' }], { input: shape });
  return channels;
}
