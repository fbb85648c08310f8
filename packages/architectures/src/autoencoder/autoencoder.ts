import { sigmoidLayer } from '@lemmata/layers-activation';
import { type Layer, sequential } from '@lemmata/nn';
import type { Shape } from '@lemmata/shape';
import { imageDecoder, imageEncoder } from '../image-coder.js';
import type { Named } from '../named.js';
import { count, counts, imageShapeRule, oneOf, settle } from '../settle.js';

export interface AutoencoderOptions {
  /** [C, H, W]. Default [1, 28, 28]. */
  readonly imageShape?: Shape;
  /** Numbers that an image is written with. Default 32. */
  readonly latent?: number;
  /** Channels of each convolution of the encoder, each of which halves the size. Default [32, 64]. */
  readonly channels?: readonly number[];
  /** What the output passes: `sigmoid` for images from 0 to 1, or `linear`. Default sigmoid. */
  readonly output?: 'sigmoid' | 'linear';
}

/**
 * A convolutional autoencoder: an encoder that writes an image with few numbers, and a decoder that reads it back from them;
 * imageShape → imageShape. `layers.encoder` and `layers.decoder` are its halves, with their parameters under these names:
 * `encoder.conv1` …, `encoder.fc`, `decoder.fc`, `decoder.conv1` ….
 *
 * @throws OptionError for unknown options and values that are none of theirs; from `init`, ShapeError for images of another
 * shape.
 *
 * Source: Hinton and Salakhutdinov 2006, https://doi.org/10.1126/science.1127647
 */
export function autoencoder(options: AutoencoderOptions = {}) {
  const { latent, output, ...coder } = settle('autoencoder', options, {
    imageShape: imageShapeRule([1, 28, 28]),
    latent: count(32),
    channels: counts([32, 64]),
    output: oneOf(['sigmoid', 'linear'] as const, 'sigmoid'),
  });
  const layers: Record<'encoder' | 'decoder', Layer> & { readonly sigmoid?: Layer } = {
    encoder: imageEncoder('autoencoder', latent, coder),
    decoder: imageDecoder(coder),
    ...(output === 'sigmoid' ? { sigmoid: sigmoidLayer() } : {}),
  };
  return { ...sequential(layers as Record<'encoder' | 'decoder', Layer>), layers };
}

export const AUTOENCODER: { readonly autoencoder: Named } = {
  autoencoder: {
    make: () => autoencoder(),
    inputShape: [1, 28, 28],
    outputShape: [1, 28, 28],
    parameters: 241_441,
    flops: 2_119_936,
  },
};
