import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { adaptiveAvgPool2dLayer, maxPool2dLayer } from '@lemmata/layers-pool';
import { kaimingNormal, type Layer, normal, sequential, zeros } from '@lemmata/nn';
import type { Named } from '../named.js';
import { count, flag, oneOf, settle, share } from '../settle.js';

/** Convolutions in each of the five stages: the paper's configurations A, B, D and E. */
const STAGES = { 11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const;

export type VggDepth = keyof typeof STAGES;

export interface VggOptions {
  /** Layers with weights: 11, 13, 16 or 19. Default 16. */
  readonly depth?: VggDepth;
  /** Default 1000. */
  readonly classes?: number;
  /** Batch norm behind each convolution. Default false. */
  readonly batchNorm?: boolean;
  /** Channels of the first stage; the others have 2, 4, 8 and 8 times as many. Default 64. */
  readonly width?: number;
  /** Units of the first two linear layers. Default 4096. */
  readonly hidden?: number;
  /** Share of what the first two linear layers give that is dropped in training. Default 0.5. */
  readonly dropout?: number;
}

const STAGE_RULES = { depth: oneOf([11, 13, 16, 19] as const, 16), batchNorm: flag(false), width: count(64) };

/**
 * The convolutions of a VGG, stage by stage: 3×3 with ReLU, and a pool that halves the size at the end of each.
 * [C, H, W] → [8 · width, ⌊H/32⌋, ⌊W/32⌋].
 *
 * @throws OptionError for unknown options and values that are none of theirs.
 */
export function vggStages(options: Pick<VggOptions, 'depth' | 'width' | 'batchNorm'> = {}): Layer[][] {
  const { depth, width, batchNorm } = settle('vggStages', options, STAGE_RULES);
  const conv = (outChannels: number): Layer[] => [
    conv2dLayer({
      outChannels,
      kernelSize: 3,
      padding: 1,
      init: kaimingNormal({ mode: 'fanOut' }),
      biasInit: zeros,
    }),
    ...(batchNorm ? [batchNormLayer()] : []),
    reluLayer(),
  ];
  return STAGES[depth].map((convolutions, stage) => [
    ...Array.from({ length: convolutions }, () => conv(width * Math.min(8, 2 ** stage))).flat(),
    maxPool2dLayer({ kernelSize: 2 }),
  ]);
}

/**
 * VGG: stacks of 3×3 convolutions, each stack at half the size of the one before; [C, H, W] → logits. Images of 32×32 and
 * larger. Names as torchvision's: `features.0` …, `classifier.0`, `classifier.3`, `classifier.6`.
 *
 * @throws OptionError for unknown options and values that are none of theirs; from `init`, ShapeError naming the layer for
 * which an image is too small.
 *
 * Source: Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556
 */
export function vgg(options: VggOptions = {}): Layer {
  const { classes, hidden, dropout, ...stages } = settle('vgg', options, {
    ...STAGE_RULES,
    classes: count(1000),
    hidden: count(4096),
    dropout: share(0.5),
  });
  const linear = (outFeatures: number) => linearLayer({ outFeatures, init: normal({ std: 0.01 }), biasInit: zeros });
  return sequential({
    features: sequential(vggStages(stages).flat()),
    avgpool: adaptiveAvgPool2dLayer({ outputSize: 7 }),
    flatten: flattenLayer(),
    classifier: sequential([
      linear(hidden),
      reluLayer(),
      dropoutLayer({ p: dropout }),
      linear(hidden),
      reluLayer(),
      dropoutLayer({ p: dropout }),
      linear(classes),
    ]),
  });
}

const named = (depth: VggDepth, parameters: number, flops: number, receptiveField: number): Named => ({
  make: () => vgg({ depth }),
  inputShape: [3, 224, 224],
  outputShape: [1000],
  parameters,
  flops,
  receptiveField,
});

export const VGG: Readonly<Record<`vgg${VggDepth}`, Named>> = {
  vgg11: named(11, 132_863_336, 7_609_090_048, 150),
  vgg13: named(13, 133_047_848, 11_308_466_176, 156),
  vgg16: named(16, 138_357_544, 15_470_264_320, 212),
  vgg19: named(19, 143_667_240, 19_632_062_464, 268),
};
