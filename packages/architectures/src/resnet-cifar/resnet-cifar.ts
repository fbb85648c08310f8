import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { globalAvgPool2dLayer } from '@lemmata/layers-pool';
import { kaimingNormal, type Layer, sequential } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { basicBlock, type Shortcut } from '../blocks/index.js';
import { stage } from '../blocks/stage.js';
import type { Named } from '../named.js';
import { count, oneOf, settle } from '../settle.js';

export interface ResnetCifarOptions {
  /** 20, 32, 44, 56 or 110: 6n + 2 for n blocks a stage. Default 20. */
  readonly depth?: number;
  /** Default 10. */
  readonly classes?: number;
  /** Channels of the first stage; the second has twice, the third four times as many. Default 16. */
  readonly width?: number;
  /** Default parameterFree, as in the paper. */
  readonly shortcut?: Shortcut;
}

/**
 * The residual network for small images of He et al. 2015, section 4.2: a 3×3 convolution, three stages of n basic blocks,
 * the mean over positions and a linear layer. With 3×32×32 images and 10 classes, depth 20 has 269,722 parameters
 * (272,474 with projections).
 *
 * Source: https://arxiv.org/abs/1512.03385
 * @throws OptionError for a depth that is not 6n + 2.
 */
export function resnetCifar(options: ResnetCifarOptions = {}): Layer {
  const { depth, classes, width, shortcut } = settle('resnetCifar', options, {
    depth: count(20),
    classes: count(10),
    width: count(16),
    shortcut: oneOf<Shortcut>(['projection', 'parameterFree'], 'parameterFree'),
  });
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new OptionError('resnetCifar', [
      `depth is 6n + 2 for n blocks a stage (20, 32, 44, 56, 110), received ${depth}`,
    ]);
  }
  const layer = (inChannels: number, channels: number, stride: number): Layer =>
    stage(blocks, (place) => basicBlock({ ...place, channels, shortcut }), {
      inChannels,
      outChannels: channels,
      stride,
    });
  return sequential({
    conv1: conv2dLayer({
      outChannels: width,
      kernelSize: 3,
      padding: 1,
      bias: false,
      init: kaimingNormal({ mode: 'fanOut' }),
    }),
    bn1: batchNormLayer(),
    relu: reluLayer(),
    layer1: layer(width, width, 1),
    layer2: layer(width, 2 * width, 2),
    layer3: layer(2 * width, 4 * width, 2),
    pool: globalAvgPool2dLayer(),
    fc: linearLayer({ outFeatures: classes }),
  });
}

const named = (
  depth: number,
  parameters: number,
  flops: number,
  receptiveField: number,
  shortcut: Shortcut = 'parameterFree',
): Named => ({
  make: () => resnetCifar({ depth, shortcut }),
  inputShape: [3, 32, 32],
  outputShape: [10],
  parameters,
  flops,
  receptiveField,
});

export const RESNET_CIFAR: Readonly<
  Record<'resnet20' | 'resnet20_projection' | 'resnet32' | 'resnet44' | 'resnet56' | 'resnet110', Named>
> = {
  resnet20: named(20, 269_722, 40_551_040, 81),
  resnet20_projection: named(20, 272_474, 40_813_184, 81, 'projection'),
  resnet32: named(32, 464_154, 68_862_592, 137),
  resnet44: named(44, 658_586, 97_174_144, 193),
  resnet56: named(56, 853_018, 125_485_696, 249),
  resnet110: named(110, 1_727_962, 252_887_680, 501),
};
