import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { globalAvgPool2dLayer } from '@lemmata/layers-pool';
import { kaimingNormal, type Layer, sequential } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { preActivationBlock, type Shortcut } from '../blocks/index.js';
import { stage } from '../blocks/stage.js';
import type { Named } from '../named.js';
import { count, flag, oneOf, settle } from '../settle.js';

export interface PreactResnetOptions {
  /** 6n + 2 for n blocks a stage, or 9n + 2 with bottlenecks. Default 110, or 164 with bottlenecks. */
  readonly depth?: number;
  /** Blocks of three convolutions instead of two. Default false. */
  readonly bottleneck?: boolean;
  /** Default 10. */
  readonly classes?: number;
  /** Channels of the 3×3 convolutions of the first stage; the second has twice, the third four times as many. Default 16. */
  readonly width?: number;
  /** Default projection. */
  readonly shortcut?: Shortcut;
}

/**
 * The pre-activation residual network for small images: a 3×3 convolution, three stages of n blocks, batch norm, ReLU, the
 * mean over places and a linear layer; [C, H, W] → logits, for any size.
 *
 * @throws OptionError for unknown options, values that are none of theirs, and a depth that the blocks do not make up.
 *
 * Source: He et al. 2016, https://arxiv.org/abs/1603.05027
 */
export function preactResnet(options: PreactResnetOptions = {}): Layer {
  const { depth, bottleneck, classes, width, shortcut } = settle('preactResnet', options, {
    depth: count(options?.bottleneck === true ? 164 : 110),
    bottleneck: flag(false),
    classes: count(10),
    width: count(16),
    shortcut: oneOf<Shortcut>(['projection', 'parameterFree'], 'projection'),
  });
  const each = bottleneck ? 9 : 6;
  const blocks = (depth - 2) / each;
  if (!Number.isInteger(blocks) || blocks < 1)
    throw new OptionError('preactResnet', [`depth is ${each}n + 2 for n blocks a stage, received ${depth}`]);
  const expansion = bottleneck ? 4 : 1;
  const layer = (inChannels: number, channels: number, stride: number): Layer =>
    stage(blocks, (place) => preActivationBlock({ ...place, channels, shortcut, bottleneck }), {
      inChannels,
      outChannels: expansion * channels,
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
    layer1: layer(width, width, 1),
    layer2: layer(expansion * width, 2 * width, 2),
    layer3: layer(2 * expansion * width, 4 * width, 2),
    bn: batchNormLayer(),
    relu: reluLayer(),
    pool: globalAvgPool2dLayer(),
    fc: linearLayer({ outFeatures: classes }),
  });
}

const named = (options: PreactResnetOptions, parameters: number, flops: number, receptiveField: number): Named => ({
  make: () => preactResnet(options),
  inputShape: [3, 32, 32],
  outputShape: [10],
  parameters,
  flops,
  receptiveField,
});

export const PREACT_RESNET: Readonly<Record<'preact_resnet20' | 'preact_resnet110' | 'preact_resnet164', Named>> = {
  preact_resnet20: named({ depth: 20 }, 272_282, 40_813_184, 81),
  preact_resnet110: named({ depth: 110 }, 1_730_522, 253_149_824, 501),
  preact_resnet164: named({ depth: 164, bottleneck: true }, 1_703_258, 247_646_720, 249),
};
