import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { globalAvgPool2dLayer, maxPool2dLayer } from '@lemmata/layers-pool';
import { kaimingNormal, type Layer, sequential } from '@lemmata/nn';
import { basicBlock, bottleneckBlock } from '../blocks/index.js';
import { stage } from '../blocks/stage.js';
import type { Named } from '../named.js';
import { count, oneOf, settle } from '../settle.js';

/** Blocks in each of the four stages: table 1 of the paper. */
const BLOCKS = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
} as const;

export type ResnetDepth = keyof typeof BLOCKS;

export interface ResnetOptions {
  /** Layers with weights: 18 and 34 of basic blocks, 50, 101 and 152 of bottlenecks. Default 50. */
  readonly depth?: ResnetDepth;
  /** Default 1000. */
  readonly classes?: number;
  /** Channels of the 3×3 convolutions of the first stage, doubled from stage to stage. Default 64. */
  readonly width?: number;
}

const STAGE_RULES = { depth: oneOf([18, 34, 50, 101, 152] as const, 50), width: count(64) };

/**
 * The stem and the four stages of a {@link resnet}, by name; each stage but the first halves the size.
 *
 * @throws OptionError for unknown options and values that are none of theirs.
 */
export function resnetStages(
  options: Pick<ResnetOptions, 'depth' | 'width'> = {},
): Record<'conv1' | 'bn1' | 'relu' | 'maxpool' | 'layer1' | 'layer2' | 'layer3' | 'layer4', Layer> {
  const { depth, width } = settle('resnetStages', options, STAGE_RULES);
  const [block, expansion] = depth < 50 ? ([basicBlock, 1] as const) : ([bottleneckBlock, 4] as const);
  const layer = (n: 0 | 1 | 2 | 3): Layer => {
    const channels = width * 2 ** n;
    const inChannels = n === 0 ? width : (expansion * channels) / 2;
    const shape = { inChannels, outChannels: expansion * channels, stride: n === 0 ? 1 : 2 };
    return stage(BLOCKS[depth][n], (place) => block({ ...place, channels }), shape);
  };
  return {
    conv1: conv2dLayer({
      outChannels: width,
      kernelSize: 7,
      stride: 2,
      padding: 3,
      bias: false,
      init: kaimingNormal({ mode: 'fanOut' }),
    }),
    bn1: batchNormLayer(),
    relu: reluLayer(),
    maxpool: maxPool2dLayer({ kernelSize: 3, stride: 2, padding: 1 }),
    layer1: layer(0),
    layer2: layer(1),
    layer3: layer(2),
    layer4: layer(3),
  };
}

/**
 * A residual network for large images: [C, H, W] → logits, for any size. Names as torchvision's: `conv1`, `bn1`, `layer1.0.conv1`
 * …, `layer4.1.bn2`, `fc`; shortcuts that change shapes are projections.
 *
 * @throws OptionError for unknown options and values that are none of theirs.
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1512.03385, table 1; bottlenecks as torchvision has them, with the stride on
 * the 3×3 convolution
 */
export function resnet(options: ResnetOptions = {}): Layer {
  const { classes, ...stages } = settle('resnet', options, {
    ...STAGE_RULES,
    classes: count(1000),
  });
  return sequential({
    ...resnetStages(stages),
    avgpool: globalAvgPool2dLayer(),
    fc: linearLayer({ outFeatures: classes }),
  });
}

const named = (depth: ResnetDepth, parameters: number, flops: number, receptiveField: number): Named => ({
  make: () => resnet({ depth }),
  inputShape: [3, 224, 224],
  outputShape: [1000],
  parameters,
  flops,
  receptiveField,
});

export const RESNET: Readonly<Record<`resnet${ResnetDepth}`, Named>> = {
  resnet18: named(18, 11_689_512, 1_814_073_344, 435),
  resnet34: named(34, 21_797_672, 3_663_761_408, 899),
  resnet50: named(50, 25_557_032, 4_089_184_256, 427),
  resnet101: named(101, 44_549_160, 7_801_405_440, 971),
  resnet152: named(152, 60_192_808, 11_513_626_624, 1451),
};
