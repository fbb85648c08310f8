import { conv2dLayer } from '@lemmata/layers-conv';
import { maxPool2dWithIndices } from '@lemmata/layers-pool';
import { maxUnpool2d } from '@lemmata/layers-resample';
import { compose, inLayer, type Layer } from '@lemmata/nn';
import { OptionError } from '@lemmata/shape';
import type { Tensor } from '@lemmata/tensor';
import { convStack } from '../conv-stack.js';
import type { Named } from '../named.js';
import { count, counts, flag, settle } from '../settle.js';

export interface SegnetOptions {
  /** Channels of the output: logits at every place. Default 2. */
  readonly classes?: number;
  /** Channels of each stage. Default [64, 128, 256, 512, 512]. */
  readonly channels?: readonly number[];
  /** Convolutions of each stage, as many numbers as channels. Default those of VGG-16 for five stages, else 2 each. */
  readonly convolutions?: readonly number[];
  /** Batch norm behind each 3×3 convolution. Default true. */
  readonly batchNorm?: boolean;
}

const VGG16 = [2, 2, 3, 3, 3];

/**
 * SegNet: an encoder whose max pools tell where each maximum lay, and a decoder that mirrors it and puts values back in those
 * places; [C, H, W] → [classes, H, W] for any size of at least 2^stages. Names: `enc1.conv1` …, `dec1.conv1` …, `head`.
 *
 * @throws OptionError for unknown options and values that are none of theirs; from `init`, ShapeError naming the pool for which
 * an image is too small.
 *
 * Source: Badrinarayanan, Kendall and Cipolla 2015, https://arxiv.org/abs/1511.00561
 */
export function segnet(options: SegnetOptions = {}): Layer {
  const stages = options?.channels?.length ?? 5;
  const { classes, channels, convolutions, batchNorm } = settle('segnet', options, {
    classes: count(2),
    channels: counts([64, 128, 256, 512, 512]),
    convolutions: counts(stages === 5 ? VGG16 : new Array<number>(Math.max(1, stages)).fill(2)),
    batchNorm: flag(true),
  });
  if (convolutions.length !== channels.length) {
    throw new OptionError('segnet', [
      `convolutions must have one number for each of the ${channels.length} stages, received ${convolutions.length}`,
    ]);
  }
  const encoder = channels.map((n, i) => convStack(new Array<number>(convolutions[i]!).fill(n), batchNorm));
  // Each stage of the decoder ends with the channels in which the stage before it begins.
  const decoder = channels.map((n, i) =>
    convStack([...new Array<number>(convolutions[i]! - 1).fill(n), channels[Math.max(0, i - 1)]!], batchNorm),
  );
  const layers: Record<string, Layer> = {
    ...Object.fromEntries(encoder.map((layer, i) => [`enc${i + 1}`, layer])),
    ...Object.fromEntries(decoder.map((layer, i) => [`dec${i + 1}`, layer] as const).toReversed()),
    head: conv2dLayer({ outChannels: classes, kernelSize: 3, padding: 1 }),
  };
  return compose('segnet', layers, (call, x) => {
    const pools: { indices: Tensor; outputSize: readonly number[] }[] = [];
    let y = x;
    encoder.forEach((_, i) => {
      y = call(`enc${i + 1}`, y);
      const outputSize = y.shape.slice(2);
      const { values, indices } = inLayer(`pool${i + 1}`, () => maxPool2dWithIndices(y, { kernelSize: 2 }));
      pools.push({ indices, outputSize });
      y = values;
    });
    for (let i = encoder.length; i > 0; i--) {
      const { indices, outputSize } = pools[i - 1]!;
      y = call(`dec${i}`, maxUnpool2d(y, indices, { kernelSize: 2, outputSize }));
    }
    return call('head', y);
  });
}

export const SEGNET: { readonly segnet: Named } = {
  segnet: {
    make: () => segnet({ classes: 11 }),
    inputShape: [3, 360, 480],
    outputShape: [11, 360, 480],
    parameters: 29_478_411,
    flops: 112_657_858_560,
  },
};
