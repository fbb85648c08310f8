import { dropoutLayer } from '@lemmata/layers-dropout';
import { linearLayer } from '@lemmata/layers-linear';
import { globalAvgPool2dLayer } from '@lemmata/layers-pool';
import { type Layer, normal, sequential, zeros } from '@lemmata/nn';
import { convNormRelu6, invertedResidualBlock } from '../blocks/inverted-residual/inverted-residual.js';
import type { Named } from '../named.js';
import { count, positive, settle, share } from '../settle.js';

/** Table 2 of the paper: expansion, channels, blocks, and the stride of the first of them. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

export interface MobilenetV2Options {
  /** Default 1000. */
  readonly classes?: number;
  /** By how much all channels are multiplied. Default 1. */
  readonly widthMultiplier?: number;
  /** Channels are rounded to a multiple of this. Default 8. */
  readonly roundNearest?: number;
  /** Of the first convolution: 1 for small images. Default 2. */
  readonly firstStride?: number;
  /** Share of what the linear layer reads that is dropped in training. Default 0.2. */
  readonly dropout?: number;
}

/**
 * MobileNetV2: inverted residual blocks of depthwise convolutions; [C, H, W] → logits, for any size. Names as torchvision's:
 * `features.0.0`, `features.1.conv.0.0`, …, `features.18.1`, `classifier.1`.
 *
 * @throws OptionError for unknown options and values that are none of theirs.
 *
 * Source: Sandler et al. 2018, https://arxiv.org/abs/1801.04381
 */
export function mobilenetV2(options: MobilenetV2Options = {}): Layer {
  const { classes, widthMultiplier, roundNearest, firstStride, dropout } = settle('mobilenetV2', options, {
    classes: count(1000),
    widthMultiplier: positive(1),
    roundNearest: count(8),
    firstStride: count(2),
    dropout: share(0.2),
  });
  const scaled = (channels: number, by = widthMultiplier): number => divisible(channels * by, roundNearest);
  let inChannels = scaled(32);
  const blocks = STAGES.flatMap(([expansion, channels, count, firstOfStage]) =>
    Array.from({ length: count }, (_, i) => {
      const outChannels = scaled(channels);
      const block = { inChannels, outChannels, expansion, stride: i === 0 ? firstOfStage : 1 };
      inChannels = outChannels;
      return invertedResidualBlock(block);
    }),
  );
  return sequential({
    features: sequential([
      convNormRelu6({ outChannels: scaled(32), kernelSize: 3, stride: firstStride }),
      ...blocks,
      // The last layer is not made narrower than in the paper.
      convNormRelu6({ outChannels: scaled(1280, Math.max(1, widthMultiplier)), kernelSize: 1 }),
    ]),
    pool: globalAvgPool2dLayer(),
    classifier: sequential([
      dropoutLayer({ p: dropout }),
      linearLayer({ outFeatures: classes, init: normal({ std: 0.01 }), biasInit: zeros }),
    ]),
  });
}

/** The nearest multiple, at least one, and not below nine tenths of the value. */
function divisible(value: number, by: number): number {
  const nearest = Math.max(by, Math.floor((value + by / 2) / by) * by);
  return nearest < 0.9 * value ? nearest + by : nearest;
}

export const MOBILENET_V2: { readonly mobilenet_v2: Named } = {
  mobilenet_v2: {
    make: () => mobilenetV2(),
    inputShape: [3, 224, 224],
    outputShape: [1000],
    parameters: 3_504_872,
    flops: 300_774_272,
    receptiveField: 491,
  },
};
