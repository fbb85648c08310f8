import { relu } from '@lemmata/layers-activation';
import { batchNormLayer } from '@lemmata/layers-norm';
import { compose, type Layer } from '@lemmata/nn';
import { add } from '@lemmata/tensor';
import { around, type BlockOptions, conv3x3 } from '../shortcut.js';

/**
 * ReLU(BN(conv(ReLU(BN(conv(x))))) + shortcut(x)), with two 3×3 convolutions: [inChannels, H, W] → [channels, ⌈H/s⌉, ⌈W/s⌉].
 * Names as torchvision's BasicBlock: `conv1`, `bn1`, `conv2`, `bn2`, `downsample.0`, `downsample.1`.
 *
 * @throws OptionError for unknown options, values that are none of theirs, and a parameter-free shortcut to fewer channels.
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1512.03385, figure 5 left
 */
export function basicBlock(options: BlockOptions): Layer {
  const { inChannels, channels, stride = 1 } = options;
  const beside = around('basicBlock', options, channels, true);
  return compose(
    'basicBlock',
    {
      conv1: conv3x3(inChannels, channels, stride),
      bn1: batchNormLayer(),
      conv2: conv3x3(channels, channels),
      bn2: batchNormLayer(),
      ...beside.layers,
    },
    (call, x) =>
      relu(add(call('bn2', call('conv2', relu(call('bn1', call('conv1', x))))), beside.apply(call as never, x))),
    { path: ['conv1', 'bn1', 'conv2', 'bn2'] },
  );
}
