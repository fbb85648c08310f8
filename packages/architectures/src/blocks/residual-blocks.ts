import { relu } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { batchNormLayer } from '@lemmata/layers-norm';
import { compose, type Layer, sequential } from '@lemmata/nn';
import { OptionError, unknownOptions } from '@lemmata/shape';
import { add, pad, slice, type Tensor } from '@lemmata/tensor';

/**
 * How a residual block brings its input to the shape of its body where the two differ: `projection` by a 1×1 convolution
 * with batch norm, `parameterFree` by taking every stride-th element and padding with channels of zeros, half on either side.
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1512.03385, options B and A.
 */
export type Shortcut = 'projection' | 'parameterFree';

export interface BlockOptions {
  readonly inChannels: number;
  /** Of the 3×3 convolutions; a bottleneck gives four times as many. */
  readonly channels: number;
  /** Of the first 3×3 convolution. Default 1. */
  readonly stride?: number;
  /** Default projection. */
  readonly shortcut?: Shortcut;
}

const conv3x3 = (outChannels: number, stride = 1) =>
  conv2dLayer({ outChannels, kernelSize: 3, stride, padding: 1, bias: false });
const conv1x1 = (outChannels: number, stride = 1) => conv2dLayer({ outChannels, kernelSize: 1, stride, bias: false });

/** ReLU(BN(conv(ReLU(BN(conv(x))))) + shortcut(x)), with two 3×3 convolutions. Names as torchvision's BasicBlock. */
export function basicBlock(options: BlockOptions): Layer {
  const { channels, stride, around, downsample } = settled('basicBlock', options, options.channels);
  return compose(
    'basicBlock',
    {
      conv1: conv3x3(channels, stride),
      bn1: batchNormLayer(),
      conv2: conv3x3(channels),
      bn2: batchNormLayer(),
      ...downsample,
    },
    (call, x) => relu(add(call('bn2', call('conv2', relu(call('bn1', call('conv1', x))))), around(call as never, x))),
    { path: ['conv1', 'bn1', 'conv2', 'bn2'] },
  );
}

/** The same with three convolutions, 1×1, 3×3 and 1×1 to four times the channels. The stride is on the 3×3, as in torchvision. */
export function bottleneckBlock(options: BlockOptions): Layer {
  const { channels, stride, around, downsample } = settled('bottleneckBlock', options, 4 * options.channels);
  return compose(
    'bottleneckBlock',
    {
      conv1: conv1x1(channels),
      bn1: batchNormLayer(),
      conv2: conv3x3(channels, stride),
      bn2: batchNormLayer(),
      conv3: conv1x1(4 * channels),
      bn3: batchNormLayer(),
      ...downsample,
    },
    (call, x) => {
      const narrow = relu(call('bn1', call('conv1', x)));
      const seen = relu(call('bn2', call('conv2', narrow)));
      return relu(add(call('bn3', call('conv3', seen)), around(call as never, x)));
    },
    { path: ['conv1', 'bn1', 'conv2', 'bn2', 'conv3', 'bn3'] },
  );
}

/** x + conv(ReLU(BN(conv(ReLU(BN(x)))))): batch norm and ReLU come before each convolution, and nothing after the sum. */
export function preActivationBlock(options: BlockOptions): Layer {
  const { channels, stride, around, downsample } = settled('preActivationBlock', options, options.channels);
  return compose(
    'preActivationBlock',
    {
      bn1: batchNormLayer(),
      conv1: conv3x3(channels, stride),
      bn2: batchNormLayer(),
      conv2: conv3x3(channels),
      ...downsample,
    },
    (call, x) => add(call('conv2', relu(call('bn2', call('conv1', relu(call('bn1', x)))))), around(call as never, x)),
    { path: ['bn1', 'conv1', 'bn2', 'conv2'] },
  );
}

type Around = (call: (name: string, x: Tensor) => Tensor, x: Tensor) => Tensor;

/** The options with their defaults, and the way around the body. */
function settled(
  op: string,
  options: BlockOptions,
  outChannels: number,
): { channels: number; stride: number; around: Around; downsample: Record<string, Layer> } {
  unknownOptions(op, options, ['inChannels', 'channels', 'stride', 'shortcut']);
  const { inChannels, channels, stride = 1, shortcut = 'projection' } = options;
  const reasons = Object.entries({ inChannels, channels, stride })
    .filter(([, value]) => !Number.isInteger(value) || value < 1)
    .map(([name, value]) => `${name} must be a positive whole number, received ${value}`);
  if (shortcut !== 'projection' && shortcut !== 'parameterFree')
    reasons.push(`shortcut is 'projection' or 'parameterFree', received '${String(shortcut)}'`);
  if (shortcut === 'parameterFree' && outChannels < inChannels)
    reasons.push(`a parameter-free shortcut cannot take channels away, from ${inChannels} to ${outChannels}`);
  if (reasons.length > 0) throw new OptionError(op, reasons);
  if (stride === 1 && inChannels === outChannels) return { channels, stride, around: (_, x) => x, downsample: {} };
  if (shortcut === 'parameterFree')
    return { channels, stride, around: (_, x) => subsample(x, stride, outChannels), downsample: {} };
  const downsample = sequential([conv1x1(outChannels, stride), batchNormLayer()]);
  return { channels, stride, around: (call, x) => call('downsample', x), downsample: { downsample } };
}

/** Every stride-th row and column, and zeros for the new channels: half of them before the old ones, the rest behind. */
function subsample(x: Tensor, stride: number, channels: number): Tensor {
  const every = { step: stride };
  const taken = slice(x, [{}, {}, every, every]);
  const more = channels - x.shape[1]!;
  const before = Math.floor(more / 2);
  return pad(taken, [
    [0, 0],
    [before, more - before],
    [0, 0],
    [0, 0],
  ]);
}
