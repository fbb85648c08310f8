import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { avgPool2dLayer, globalAvgPool2dLayer, maxPool2dLayer } from '@lemmata/layers-pool';
import { kaimingNormal, type Layer, sequential, zeros } from '@lemmata/nn';
import type { Named } from '../named.js';
import { count, settle, share } from '../settle.js';

export interface NinOptions {
  /** Default 10. */
  readonly classes?: number;
  /** Share of what the pools give that is dropped in training. Default 0.5. */
  readonly dropout?: number;
  /** Channels of most layers; the first stage narrows to 5/6 and 1/2 of them. Default 192. */
  readonly width?: number;
}

/**
 * Network in Network: each convolution is followed by two of 1×1, a small network at every place, and the mean over places
 * of one map a class takes the part of linear layers; [C, H, W] → logits. Images of 4×4 and larger. With 3 channels and 10
 * classes 966,986 parameters.
 *
 * @throws OptionError for unknown options and values that are none of theirs; from `init`, ShapeError naming the layer for
 * which an image is too small.
 *
 * Source: Lin, Chen and Yan 2013, https://arxiv.org/abs/1312.4400; sizes of the authors' network for CIFAR-10
 */
export function nin(options: NinOptions = {}): Layer {
  const { classes, dropout, width } = settle('nin', options, {
    classes: count(10),
    dropout: share(0.5),
    width: count(192),
  });
  const conv = (outChannels: number, kernelSize: number): Layer[] => [
    conv2dLayer({
      outChannels,
      kernelSize,
      padding: (kernelSize - 1) / 2,
      init: kaimingNormal(),
      biasInit: zeros,
    }),
    reluLayer(),
  ];
  const part = (share: number): number => Math.max(1, Math.round(width * share));
  const pool = { kernelSize: 3, stride: 2, ceilMode: true };
  return sequential({
    mlpconv1: sequential([...conv(width, 5), ...conv(part(5 / 6), 1), ...conv(part(1 / 2), 1)]),
    pool1: maxPool2dLayer(pool),
    dropout1: dropoutLayer({ p: dropout }),
    mlpconv2: sequential([...conv(width, 5), ...conv(width, 1), ...conv(width, 1)]),
    pool2: avgPool2dLayer(pool),
    dropout2: dropoutLayer({ p: dropout }),
    // Without the ReLU that the original has here: logits of both signs.
    mlpconv3: sequential([...conv(width, 3), ...conv(width, 1), ...conv(classes, 1).slice(0, 1)]),
    pool: globalAvgPool2dLayer(),
  });
}

export const NIN: { readonly nin: Named } = {
  nin: {
    make: () => nin(),
    inputShape: [3, 32, 32],
    outputShape: [10],
    parameters: 966_986,
    flops: 222_486_528,
    receptiveField: 27,
  },
};
