import {
  eluLayer,
  geluLayer,
  leakyReluLayer,
  reluLayer,
  sigmoidLayer,
  siluLayer,
  tanhLayer,
} from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { dropoutLayer } from '@lemmata/layers-dropout';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { avgPool2dLayer, maxPool2dLayer } from '@lemmata/layers-pool';
import { sequential } from '@lemmata/nn';
import type { Shape } from '@lemmata/shape';
import { count, flag, natural, oneOf, settle, share } from '../settle.js';

const ACTIVATIONS = {
  relu: reluLayer,
  leakyRelu: leakyReluLayer,
  elu: eluLayer,
  gelu: geluLayer,
  silu: siluLayer,
  sigmoid: sigmoidLayer,
  tanh: tanhLayer,
};
const POOLS = { max: maxPool2dLayer, average: avgPool2dLayer };

export interface Lenet5Options {
  /** Default 10. */
  readonly classes?: number;
  /** Around the image, on all sides: 2 for 28×28 images (default), 0 for the original's 32×32. */
  readonly padding?: number;
  /** Default relu. */
  readonly activation?: keyof typeof ACTIVATIONS;
  /** Default max. */
  readonly pool?: keyof typeof POOLS;
  /** Batch norm behind each convolution, whose bias it replaces. Default false. */
  readonly batchNorm?: boolean;
  /** Share of the hidden units of the linear layers that is dropped in training, below 1. Default 0: none. */
  readonly dropout?: number;
}

/** {@link lenet5} with its default options, as declared; a test holds the network to it. */
export const LENET5: {
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly parameters: number;
  /** Rows and columns of the image that one element in front of the linear layers sees. */
  readonly receptiveField: number;
  /** Multiply-adds for one image. */
  readonly flops: number;
} = { inputShape: [1, 28, 28], outputShape: [10], parameters: 61_706, receptiveField: 16, flops: 416_520 };

/**
 * LeNet-5 for 28×28 images: logits of 10 classes, 61,706 parameters. In place of the original's 32×32 input, tanh and
 * trainable averages it has padding 2, ReLU and max pooling; every map of the second convolution is connected to all of the
 * first; and the output is linear.
 *
 * @throws OptionError for unknown options and values that are none of theirs; from `init`, ShapeError naming the layer for
 * which an image is too small.
 *
 * Source: LeCun et al. 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf
 */
export function lenet5(options: Lenet5Options = {}) {
  const { classes, padding, activation, pool, batchNorm, dropout } = settle('lenet5', options, {
    classes: count(10),
    padding: natural(2),
    activation: oneOf(Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[], 'relu'),
    pool: oneOf(Object.keys(POOLS) as (keyof typeof POOLS)[], 'max'),
    batchNorm: flag(false),
    dropout: share(0),
  });
  const act = ACTIVATIONS[activation];
  const halve = POOLS[pool];
  const bias = !batchNorm;
  return sequential({
    conv1: conv2dLayer({ outChannels: 6, kernelSize: 5, padding, bias }),
    ...(batchNorm ? { bn1: batchNormLayer() } : {}),
    act1: act(),
    pool1: halve({ kernelSize: 2 }),
    conv2: conv2dLayer({ outChannels: 16, kernelSize: 5, bias }),
    ...(batchNorm ? { bn2: batchNormLayer() } : {}),
    act2: act(),
    pool2: halve({ kernelSize: 2 }),
    flatten: flattenLayer(),
    fc1: linearLayer({ outFeatures: 120 }),
    act3: act(),
    ...(dropout > 0 ? { dropout1: dropoutLayer({ p: dropout }) } : {}),
    fc2: linearLayer({ outFeatures: 84 }),
    act4: act(),
    ...(dropout > 0 ? { dropout2: dropoutLayer({ p: dropout }) } : {}),
    fc3: linearLayer({ outFeatures: classes }),
  });
}
