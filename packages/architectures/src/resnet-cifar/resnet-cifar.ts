import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { linearLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { functionLayer, type Layer, sequential } from '@lemmata/nn';
import { OptionError, unknownOptions } from '@lemmata/shape';
import { mean } from '@lemmata/tensor';
import { basicBlock, type Shortcut } from '../blocks/index.js';

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
  unknownOptions('resnetCifar', options, ['depth', 'classes', 'width', 'shortcut']);
  const { depth = 20, classes = 10, width = 16, shortcut = 'parameterFree' } = options;
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new OptionError('resnetCifar', [
      `depth is 6n + 2 for n blocks a stage (20, 32, 44, 56, 110), received ${depth}`,
    ]);
  }
  const stage = (inChannels: number, channels: number, stride: number): Layer =>
    sequential(
      Array.from({ length: blocks }, (_, i) =>
        basicBlock({ inChannels: i === 0 ? inChannels : channels, channels, stride: i === 0 ? stride : 1, shortcut }),
      ),
    );
  return sequential({
    conv1: conv2dLayer({ outChannels: width, kernelSize: 3, padding: 1, bias: false }),
    bn1: batchNormLayer(),
    relu: reluLayer(),
    layer1: stage(width, width, 1),
    layer2: stage(width, 2 * width, 2),
    layer3: stage(2 * width, 4 * width, 2),
    pool: functionLayer(
      'globalAveragePool',
      (x) => mean(x, { axis: [2, 3] }),
      ([c]) => [c!],
    ),
    fc: linearLayer({ outFeatures: classes }),
  });
}
