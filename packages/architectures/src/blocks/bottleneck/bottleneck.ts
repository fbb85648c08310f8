import { relu } from '@lemmata/layers-activation';
import { batchNormLayer } from '@lemmata/layers-norm';
import { compose, type Layer } from '@lemmata/nn';
import { add } from '@lemmata/tensor';
import { count, settle } from '../../settle.js';
import { around, BLOCK_RULES, type BlockOptions, conv1x1, conv3x3 } from '../shortcut.js';

export interface BottleneckOptions extends BlockOptions {
  /** How many times the channels of the 3×3 convolution the block gives. Default 4. */
  readonly expansion?: number;
}

/**
 * ReLU(BN(conv(ReLU(BN(conv(ReLU(BN(conv(x)))))))) + shortcut(x)), with convolutions 1×1 to `channels`, 3×3, and 1×1 to
 * `expansion` times as many: [inChannels, H, W] → [expansion · channels, ⌈H/s⌉, ⌈W/s⌉]. The stride is on the 3×3, as in
 * torchvision ("ResNet 1.5"), where the paper has it on the first 1×1. Names as torchvision's Bottleneck: `conv1`, `bn1`, …,
 * `bn3`, `downsample.0`, `downsample.1`.
 *
 * @throws OptionError for unknown options, values that are none of theirs, and a parameter-free shortcut to fewer channels.
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1512.03385, figure 5 right
 */
export function bottleneckBlock(options: BottleneckOptions): Layer {
  const { expansion, ...block } = settle('bottleneckBlock', options, { ...BLOCK_RULES, expansion: count(4) });
  const { inChannels, channels, stride } = block;
  const beside = around('bottleneckBlock', block, expansion * channels, true);
  return compose(
    'bottleneckBlock',
    {
      conv1: conv1x1(inChannels, channels),
      bn1: batchNormLayer(),
      conv2: conv3x3(channels, channels, stride),
      bn2: batchNormLayer(),
      conv3: conv1x1(channels, expansion * channels),
      bn3: batchNormLayer(),
      ...beside.layers,
    },
    (call, x) => {
      const narrow = relu(call('bn1', call('conv1', x)));
      const seen = relu(call('bn2', call('conv2', narrow)));
      return relu(add(call('bn3', call('conv3', seen)), beside.apply(call as never, x)));
    },
    { path: ['conv1', 'bn1', 'conv2', 'bn2', 'conv3', 'bn3'] },
  );
}
