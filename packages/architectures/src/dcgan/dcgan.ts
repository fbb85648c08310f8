import { leakyReluLayer, reluLayer, tanhLayer } from '@lemmata/layers-activation';
import { conv2dLayer, convTranspose2dLayer } from '@lemmata/layers-conv';
import { flattenLayer } from '@lemmata/layers-linear';
import { batchNormLayer } from '@lemmata/layers-norm';
import { type Layer, normal, sequential } from '@lemmata/nn';
import { OptionError, type Shape } from '@lemmata/shape';
import { reshapeLayer } from '../image-coder.js';
import type { Named } from '../named.js';
import { count, imageShapeRule, settle } from '../settle.js';

export interface DcganOptions {
  /** `[C, S, S]`: S is 8 or more, and 4, 5, 6 or 7 times a power of two, such as 28, 32 or 64. Default [3, 64, 64]. */
  readonly imageShape?: Shape;
  /** Numbers that an image is drawn from. Default 100. */
  readonly latent?: number;
  /** Channels of the generator's last map but the image, and of the discriminator's first; doubled at each smaller size. Default 64. */
  readonly width?: number;
}

interface Settled {
  readonly channels: number;
  /** Size of the smallest map, and how many times it is doubled. */
  readonly base: number;
  readonly doublings: number;
  readonly latent: number;
  readonly width: number;
}

const init = normal({ std: 0.02 });

/**
 * Noise to images: [latent] → [C, S, S] from −1 to 1, by transposed convolutions with batch norm and ReLU, and tanh at the end.
 * Names as in PyTorch's DCGAN example: `main.0` ….
 *
 * @throws OptionError for unknown options and values that are none of theirs.
 *
 * Source: Radford, Metz and Chintala 2015, https://arxiv.org/abs/1511.06434
 */
export function dcganGenerator(options: DcganOptions = {}): Layer {
  const { channels, base, doublings, latent, width } = settled('dcganGenerator', options);
  const up = (outChannels: number) =>
    convTranspose2dLayer({ outChannels, kernelSize: 4, stride: 2, padding: 1, bias: false, init });
  const first = width * 2 ** (doublings - 1);
  return sequential({
    reshape: reshapeLayer([latent], [latent, 1, 1]),
    main: sequential([
      convTranspose2dLayer({ inChannels: latent, outChannels: first, kernelSize: base, bias: false, init }),
      batchNormLayer(),
      reluLayer(),
      ...Array.from({ length: doublings - 1 }, (_, i) => [
        up(first / 2 ** (i + 1)),
        batchNormLayer(),
        reluLayer(),
      ]).flat(),
      up(channels),
      tanhLayer(),
    ]),
  });
}

/**
 * Images to how real they look, as a logit: [C, S, S] → [1], by convolutions of stride 2 with batch norm (not behind the first)
 * and leaky ReLU of slope 0.2. Names as in PyTorch's DCGAN example: `main.0` ….
 *
 * @throws OptionError for unknown options and values that are none of theirs.
 */
export function dcganDiscriminator(options: Omit<DcganOptions, 'latent'> = {}): Layer {
  const { base, doublings, width } = settled('dcganDiscriminator', options);
  const down = (outChannels: number) =>
    conv2dLayer({ outChannels, kernelSize: 4, stride: 2, padding: 1, bias: false, init });
  const leaky = () => leakyReluLayer({ negativeSlope: 0.2 });
  return sequential({
    main: sequential([
      down(width),
      leaky(),
      ...Array.from({ length: doublings - 1 }, (_, i) => [
        down(width * 2 ** (i + 1)),
        batchNormLayer(),
        leaky(),
      ]).flat(),
      conv2dLayer({ outChannels: 1, kernelSize: base, bias: false, init }),
    ]),
    flatten: flattenLayer(),
  });
}

/**
 * Generator and discriminator as one network, [latent] → [1]: how real what is drawn looks. `layers.generator` and
 * `layers.discriminator` are the two, with their parameters under these names.
 */
export function dcgan(options: DcganOptions = {}) {
  const generator = dcganGenerator(options);
  const { latent: _, ...images } = options;
  return sequential({ generator, discriminator: dcganDiscriminator(images) });
}

function settled(op: string, options: DcganOptions): Settled {
  const { imageShape, latent, width } = settle(op, options, {
    imageShape: imageShapeRule([3, 64, 64]),
    ...(op === 'dcganDiscriminator' ? {} : { latent: count(100) }),
    width: count(64),
  } as {
    imageShape: ReturnType<typeof imageShapeRule>;
    latent: ReturnType<typeof count>;
    width: ReturnType<typeof count>;
  });
  const [channels, rows, columns] = imageShape as [number, number, number];
  let [base, doublings] = [rows, 0];
  while (base % 2 === 0 && base > 7) [base, doublings] = [base / 2, doublings + 1];
  if (rows !== columns || base < 4 || base > 7 || doublings < 1) {
    throw new OptionError(op, [
      `imageShape must be [C, S, S] with S 4, 5, 6 or 7 times a power of two, at least 8; received [${imageShape.join(', ')}]`,
    ]);
  }
  return { channels, base, doublings, latent, width };
}

export const DCGAN: Readonly<Record<'dcgan' | 'dcgan_generator' | 'dcgan_discriminator', Named>> = {
  dcgan: { make: () => dcgan(), inputShape: [100], outputShape: [1], parameters: 6_342_272, flops: 208_445_440 },
  dcgan_generator: {
    make: () => dcganGenerator(),
    inputShape: [100],
    outputShape: [3, 64, 64],
    parameters: 3_576_704,
    flops: 104_628_224,
  },
  dcgan_discriminator: {
    make: () => dcganDiscriminator(),
    inputShape: [3, 64, 64],
    outputShape: [1],
    parameters: 2_765_568,
    flops: 103_817_216,
  },
};
