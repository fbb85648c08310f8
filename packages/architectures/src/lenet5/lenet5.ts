import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { flattenLayer, linearLayer } from '@lemmata/layers-linear';
import { maxPool2dLayer } from '@lemmata/layers-pool';
import { sequential } from '@lemmata/nn';
import { unknownOptions } from '@lemmata/shape';

export interface Lenet5Options {
  /** Default 10. */
  readonly classes?: number;
}

/**
 * LeNet-5 for 28×28 images, with padding 2, ReLU and max pooling in place of the original's 32×32 input, tanh and
 * trainable averages, and every map of the second convolution connected to all of the first. 61,706 parameters.
 *
 * Source: LeCun et al. 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf
 */
export function lenet5(options: Lenet5Options = {}) {
  unknownOptions('lenet5', options, ['classes']);
  const { classes = 10 } = options;
  return sequential({
    conv1: conv2dLayer({ outChannels: 6, kernelSize: 5, padding: 2 }),
    relu1: reluLayer(),
    pool1: maxPool2dLayer({ kernelSize: 2 }),
    conv2: conv2dLayer({ outChannels: 16, kernelSize: 5 }),
    relu2: reluLayer(),
    pool2: maxPool2dLayer({ kernelSize: 2 }),
    flatten: flattenLayer(),
    fc1: linearLayer({ outFeatures: 120 }),
    relu3: reluLayer(),
    fc2: linearLayer({ outFeatures: 84 }),
    relu4: reluLayer(),
    fc3: linearLayer({ outFeatures: classes }),
  });
}
