import { relu6Layer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { batchNormLayer } from '@lemmata/layers-norm';
import { compose, kaimingNormal, type Layer, sequential } from '@lemmata/nn';
import { add } from '@lemmata/tensor';
import { count, settle } from '../../settle.js';

export interface InvertedResidualOptions {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Of the depthwise convolution. Default 1. */
  readonly stride?: number;
  /** How many times the channels of the input the depthwise convolution has. Default 6. */
  readonly expansion?: number;
}

interface ConvOptions {
  readonly inChannels?: number;
  readonly outChannels: number;
  readonly kernelSize: 1 | 3;
  readonly stride?: number;
  readonly groups?: number;
}

/** A convolution without bias, drawn as torchvision draws them, but by the fan of a group: there, depthwise ones are drawn smaller. */
const conv = (options: ConvOptions): Layer =>
  conv2dLayer({
    ...options,
    padding: (options.kernelSize - 1) / 2,
    bias: false,
    init: kaimingNormal({ mode: 'fanOut' }),
  });

/** Convolution, batch norm and ReLU6. */
export const convNormRelu6 = (options: ConvOptions): Layer =>
  sequential([conv(options), batchNormLayer(), relu6Layer()]);

/**
 * A wide middle between narrow ends: 1×1 to `expansion` times the channels, 3×3 on each channel by itself, 1×1 to
 * `outChannels` without an activation; beside the identity where the shapes are equal. [inChannels, H, W] → [outChannels,
 * ⌈H/s⌉, ⌈W/s⌉]. With expansion 1 the first 1×1 is left out. Names as torchvision's InvertedResidual: `conv.0.0` ….
 *
 * @throws OptionError for unknown options and values that are none of theirs.
 *
 * Source: Sandler et al. 2018, https://arxiv.org/abs/1801.04381, table 1 and figure 4
 */
export function invertedResidualBlock(options: InvertedResidualOptions): Layer {
  const { inChannels, outChannels, stride, expansion } = settle('invertedResidualBlock', options, {
    inChannels: count(),
    outChannels: count(),
    stride: count(1),
    expansion: count(6),
  });
  const hidden = expansion * inChannels;
  const body = sequential([
    ...(expansion === 1 ? [] : [convNormRelu6({ inChannels, outChannels: hidden, kernelSize: 1 })]),
    convNormRelu6({ inChannels: hidden, outChannels: hidden, kernelSize: 3, stride, groups: hidden }),
    conv({ outChannels, kernelSize: 1 }),
    batchNormLayer(),
  ]);
  const identity = stride === 1 && inChannels === outChannels;
  return compose(
    'invertedResidualBlock',
    { conv: body },
    (call, x) => (identity ? add(x, call('conv', x)) : call('conv', x)),
    { path: ['conv'] },
  );
}
