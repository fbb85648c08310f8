import { relu } from '@lemmata/layers-activation';
import { batchNormLayer } from '@lemmata/layers-norm';
import { compose, type Layer } from '@lemmata/nn';
import { add } from '@lemmata/tensor';
import { flag, settle } from '../../settle.js';
import { around, BLOCK_RULES, type BlockOptions, conv1x1, conv3x3 } from '../shortcut.js';

export interface PreActivationOptions extends BlockOptions {
  /** Convolutions 1×1, 3×3 and 1×1 to four times the channels, in place of two of 3×3. Default false. */
  readonly bottleneck?: boolean;
}

/**
 * x + conv(ReLU(BN(conv(ReLU(BN(x)))))): batch norm and ReLU come before each convolution, and nothing after the sum, so that
 * a signal passes from block to block unchanged. Where shapes differ the shortcut reads ReLU(BN(x)), which the body reads too,
 * and a projection has no batch norm. Names: `bn1`, `conv1`, `bn2`, `conv2`, for a bottleneck `bn3` and `conv3`, and
 * `downsample`.
 *
 * @throws OptionError for unknown options, values that are none of theirs, and a parameter-free shortcut to fewer channels.
 *
 * Source: He et al. 2016, https://arxiv.org/abs/1603.05027, figure 4e; where shapes differ, the authors' code,
 * https://github.com/KaimingHe/resnet-1k-layers
 */
export function preActivationBlock(options: PreActivationOptions): Layer {
  const rules = { ...BLOCK_RULES, bottleneck: flag(false) };
  const { bottleneck, ...block } = settle('preActivationBlock', options, rules);
  const { inChannels, channels, stride } = block;
  const outChannels = bottleneck ? 4 * channels : channels;
  const beside = around('preActivationBlock', block, outChannels, false);
  const bodies = bottleneck
    ? [conv1x1(inChannels, channels), conv3x3(channels, channels, stride), conv1x1(channels, outChannels)]
    : [conv3x3(inChannels, channels, stride), conv3x3(channels, channels)];
  const layers = Object.fromEntries(
    bodies.flatMap((conv, i): [string, Layer][] => [
      [`bn${i + 1}`, batchNormLayer()],
      [`conv${i + 1}`, conv],
    ]),
  );
  return compose(
    'preActivationBlock',
    { ...layers, ...beside.layers },
    (call, x) => {
      const first = relu(call('bn1', x));
      let y = call('conv1', first);
      for (let i = 2; i <= bodies.length; i++) y = call(`conv${i}`, relu(call(`bn${i}`, y)));
      return add(y, beside.apply(call, beside.changes ? first : x));
    },
    { path: Object.keys(layers) },
  );
}
