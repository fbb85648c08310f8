import { conv2dLayer, convTranspose2dLayer } from '@lemmata/layers-conv';
import { maxPool2dLayer } from '@lemmata/layers-pool';
import { interpolateLayer } from '@lemmata/layers-resample';
import { compose, kaimingNormal, type Layer, sequential, zeros } from '@lemmata/nn';
import { concat, type Tensor } from '@lemmata/tensor';
import { convStack } from '../conv-stack.js';
import { fitTo } from '../fit.js';
import type { Named } from '../named.js';
import { count, flag, oneOf, settle } from '../settle.js';

export interface UnetOptions {
  /** Channels of the output: logits at every place. Default 2. */
  readonly classes?: number;
  /** How many times the size is halved. Default 4. */
  readonly depth?: number;
  /** Channels of the first level, doubled from level to level. Default 64. */
  readonly width?: number;
  /** Batch norm behind each 3×3 convolution. Default false. */
  readonly batchNorm?: boolean;
  /** How the size is doubled: a transposed convolution 2×2, or interpolation and a 1×1 convolution. Default transposed. */
  readonly up?: 'transposed' | 'nearest' | 'bilinear';
}

/**
 * U-Net: an encoder that halves the size and doubles the channels, and a decoder back that reads at each level what the encoder
 * had there; [C, H, W] → [classes, H, W] for any size of at least 2^depth. Convolutions are padded, so that the output has the
 * size of the input; where a size is odd, a row or column of zeros takes the place of what halving lost. Names: `enc1.conv1` …,
 * `bottleneck.conv1` …, `up1`, `dec1.conv1` …, `head`.
 *
 * @throws OptionError for unknown options and values that are none of theirs; from `init`, ShapeError naming the pool for which
 * an image is too small.
 *
 * Source: Ronneberger, Fischer and Brox 2015, https://arxiv.org/abs/1505.04597
 */
export function unet(options: UnetOptions = {}): Layer {
  const { classes, depth, width, batchNorm, up } = settle('unet', options, {
    classes: count(2),
    depth: count(4),
    width: count(64),
    batchNorm: flag(false),
    up: oneOf(['transposed', 'nearest', 'bilinear'] as const, 'transposed'),
  });
  const twice = (level: number): Layer => {
    const channels = width * 2 ** (level - 1);
    return convStack([channels, channels], batchNorm);
  };
  const doubling = (outChannels: number): Layer =>
    up === 'transposed'
      ? convTranspose2dLayer({ outChannels, kernelSize: 2, stride: 2, init: kaimingNormal(), biasInit: zeros })
      : sequential({
          interpolate: interpolateLayer({ scaleFactor: 2, mode: up }),
          conv: conv2dLayer({ outChannels, kernelSize: 1 }),
        });
  const levels = Array.from({ length: depth }, (_, i) => i + 1);
  const layers: Record<string, Layer> = {
    ...Object.fromEntries(
      levels.flatMap((level) => [
        [`enc${level}`, twice(level)],
        [`pool${level}`, maxPool2dLayer({ kernelSize: 2 })],
      ]),
    ),
    bottleneck: twice(depth + 1),
    ...Object.fromEntries(
      levels.toReversed().flatMap((level) => [
        [`up${level}`, doubling(width * 2 ** (level - 1))],
        [`dec${level}`, twice(level)],
      ]),
    ),
    head: conv2dLayer({ outChannels: classes, kernelSize: 1 }),
  };
  return compose(
    'unet',
    layers,
    (call, x) => {
      const skips: Tensor[] = [];
      let y = x;
      for (const level of levels) {
        y = call(`enc${level}`, y);
        skips.push(y);
        y = call(`pool${level}`, y);
      }
      y = call('bottleneck', y);
      for (const level of levels.toReversed()) {
        const skip = skips[level - 1]!;
        y = call(`dec${level}`, concat([skip, fitTo(call(`up${level}`, y), skip.shape.slice(2))], 1));
      }
      return call('head', y);
    },
    { path: Object.keys(layers) },
  );
}

export const UNET: { readonly unet: Named } = {
  unet: {
    make: () => unet(),
    inputShape: [1, 572, 572],
    outputShape: [2, 572, 572],
    parameters: 31_030_658,
    flops: 238_460_185_600,
    receptiveField: 140,
  },
};
