import { conv2dLayer } from '@lemmata/layers-conv';
import { batchNormLayer } from '@lemmata/layers-norm';
import { kaimingNormal, type Layer, sequential } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import { pad, slice, type Tensor } from '@lemmata/tensor';
import { count, oneOf, type Rule, settle } from '../settle.js';

/**
 * How a residual block brings its input to the shape of its body where the two differ: `projection` by a 1×1 convolution,
 * `parameterFree` by taking every stride-th element and padding with channels of zeros, half on either side.
 *
 * Source: He et al. 2015, https://arxiv.org/abs/1512.03385, options B and A.
 */
export type Shortcut = 'projection' | 'parameterFree';

export interface BlockOptions {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Of the 3×3 convolutions. */
  readonly channels: number;
  /** Of the first 3×3 convolution. Default 1. */
  readonly stride?: number;
  /** Default projection. */
  readonly shortcut?: Shortcut;
}

export const BLOCK_RULES: {
  readonly inChannels: Rule<number>;
  readonly channels: Rule<number>;
  readonly stride: Rule<number>;
  readonly shortcut: Rule<Shortcut>;
} = {
  inChannels: count(),
  channels: count(),
  stride: count(1),
  shortcut: oneOf(['projection', 'parameterFree'] as const, 'projection'),
};

/** As torchvision draws the convolutions of a residual network. */
const init = kaimingNormal({ mode: 'fanOut' });

export const conv3x3 = (inChannels: number, outChannels: number, stride = 1) =>
  conv2dLayer({ inChannels, outChannels, kernelSize: 3, stride, padding: 1, bias: false, init });
export const conv1x1 = (inChannels: number, outChannels: number, stride = 1) =>
  conv2dLayer({ inChannels, outChannels, kernelSize: 1, stride, bias: false, init });

/** Calls a layer of a block by its name. */
type Call = (name: string, x: Tensor) => Tensor;

export interface Around {
  /** The layer `downsample`, or none. */
  readonly layers: Readonly<Record<string, Layer>>;
  /** Whether the shapes differ. */
  readonly changes: boolean;
  /** The input in the shape of the body's output. */
  apply(call: Call, x: Tensor): Tensor;
}

/**
 * The way around the body of a block.
 *
 * @param norm batch norm behind the projection.
 * @throws OptionError for a parameter-free shortcut to fewer channels.
 */
export function around(op: string, options: BlockOptions, outChannels: number, norm: boolean): Around {
  const { inChannels, stride, shortcut } = settle(op, options, BLOCK_RULES);
  if (stride === 1 && inChannels === outChannels) return { layers: {}, changes: false, apply: (_, x) => x };
  if (shortcut === 'projection') {
    const downsample = norm
      ? sequential([conv1x1(inChannels, outChannels, stride), batchNormLayer()])
      : conv1x1(inChannels, outChannels, stride);
    return { layers: { downsample }, changes: true, apply: (call, x) => call('downsample', x) };
  }
  if (outChannels < inChannels) {
    throw new OptionError(op, [
      `a parameter-free shortcut cannot take channels away, from ${inChannels} to ${outChannels}`,
    ]);
  }
  return { layers: {}, changes: true, apply: (_, x) => subsample(x, stride, outChannels) };
}

/** Every stride-th row and column, and zeros for the new channels: half of them before the old ones, the rest behind. */
function subsample(x: Tensor, stride: number, channels: number): Tensor {
  const every = { step: stride };
  const more = channels - x.shape[1]!;
  const before = Math.floor(more / 2);
  return pad(slice(x, [{}, {}, every, every]), [
    [0, 0],
    [before, more - before],
    [0, 0],
    [0, 0],
  ]);
}
