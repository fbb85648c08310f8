import { fcn } from '@lemmata/architectures/fcn';
import { unet } from '@lemmata/architectures/unet';
import { reluLayer } from '@lemmata/layers-activation';
import { conv2dLayer } from '@lemmata/layers-conv';
import { batchNormLayer } from '@lemmata/layers-norm';
import { maxPool2dLayer } from '@lemmata/layers-pool';
import { sequential, type Layer } from '@lemmata/nn';
import { CLASSES } from './scenes.js';

export const NAMES = ['FCN-32s', 'FCN-16s', 'FCN-8s', 'U-Net'] as const;
export type Name = (typeof NAMES)[number];

/** How often the U-Net halves the size. */
export const DEPTH = 4;

/** Channels of the U-Net's finest level, beside networks of this width. */
export const unetWidth = (width: number): number => 2 * width;

/** A convolution with batch norm, and half the size. */
const half = (outChannels: number): Layer =>
  sequential({
    conv: conv2dLayer({ outChannels, kernelSize: 3, padding: 1, bias: false }),
    bn: batchNormLayer(),
    relu: reluLayer(),
    pool: maxPool2dLayer({ kernelSize: 2 }),
  });

/** Three fully convolutional networks on one kind of backbone, and a U-Net. */
export function networks(width: number): Record<Name, Layer> {
  const toEighth = (): Layer =>
    sequential({ half: half(2 * width), quarter: half(4 * width), eighth: half(8 * width) });
  const head = (variant: '32s' | '16s' | '8s'): Layer =>
    fcn({ classes: CLASSES, variant, backbone: [toEighth(), half(12 * width), half(16 * width)], hidden: 0 });
  return {
    'FCN-32s': head('32s'),
    'FCN-16s': head('16s'),
    'FCN-8s': head('8s'),
    // As many channels at the finest level as the FCNs have at half the size: eight could not carry eleven classes.
    'U-Net': unet({ classes: CLASSES, depth: DEPTH, width: unetWidth(width), batchNorm: true }),
  };
}
