import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { adaptiveAvgPool2dLayer, maxPool2dLayer } from '@lemmata/layers-pool';
import { type Layer, sequential } from '@lemmata/nn';
import type { Named } from '../named.js';
import { count, settle, share } from '../settle.js';

export interface AlexnetOptions {
  /** Default 1000. */
  readonly classes?: number;
  /** Share of what the first two linear layers read that is dropped in training. Default 0.5. */
  readonly dropout?: number;
  /** Channels of the first convolution; the others have 3, 6, 4 and 4 times as many. Default 64. */
  readonly width?: number;
  /** Units of the first two linear layers. Default 4096. */
  readonly hidden?: number;
}

/**
 * AlexNet in its one-tower form: five convolutions, three linear layers; [C, H, W] → logits. Images of 63×63 and larger.
 * Names as torchvision's: `features.0` … `features.12`, `classifier.1`, `classifier.4`, `classifier.6`.
 *
 * @throws OptionError for unknown options and values that are none of theirs; from `init`, ShapeError naming the layer for
 * which an image is too small.
 *
 * Source: Krizhevsky 2014, https://arxiv.org/abs/1404.5997, after Krizhevsky, Sutskever and Hinton 2012
 */
export function alexnet(options: AlexnetOptions = {}): Layer {
  const { classes, dropout, width, hidden } = settle('alexnet', options, {
    classes: count(1000),
    dropout: share(0.5),
    width: count(64),
    hidden: count(4096),
  });
  const conv3x3 = (outChannels: number) => conv2dLayer({ outChannels, kernelSize: 3, padding: 1 });
  const pool = () => maxPool2dLayer({ kernelSize: 3, stride: 2 });
  return sequential({
    features: sequential([
      conv2dLayer({ outChannels: width, kernelSize: 11, stride: 4, padding: 2 }),
      reluLayer(),
      pool(),
      conv2dLayer({ outChannels: 3 * width, kernelSize: 5, padding: 2 }),
      reluLayer(),
      pool(),
      conv3x3(6 * width),
      reluLayer(),
      conv3x3(4 * width),
      reluLayer(),
      conv3x3(4 * width),
      reluLayer(),
      pool(),
    ]),
    avgpool: adaptiveAvgPool2dLayer({ outputSize: 6 }),
    flatten: flattenLayer(),
    classifier: sequential([
      dropoutLayer({ p: dropout }),
      linearLayer({ outFeatures: hidden }),
      reluLayer(),
      dropoutLayer({ p: dropout }),
      linearLayer({ outFeatures: hidden }),
      reluLayer(),
      linearLayer({ outFeatures: classes }),
    ]),
  });
}

export const ALEXNET: { readonly alexnet: Named } = {
  alexnet: {
    make: () => alexnet(),
    inputShape: [3, 224, 224],
    outputShape: [1000],
    parameters: 61_100_840,
    flops: 714_188_480,
    receptiveField: 195,
  },
};
