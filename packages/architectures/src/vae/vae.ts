import { bceWithLogits } from '@lemmata/losses';
import { compose, type Layer } from '@lemmata/nn';
import { OptionError, type Shape, ShapeError } from '@lemmata/shape';
import {
  add,
  concat,
  exp,
  flatten,
  mean,
  mul,
  narrow,
  randomNormal,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
} from '@lemmata/tensor';
import { imageDecoder, imageEncoder } from '../image-coder.js';
import type { Named } from '../named.js';
import { count, counts, imageShapeRule, settle } from '../settle.js';

export interface VaeOptions {
  /** [C, H, W]. Default [1, 28, 28]. */
  readonly imageShape?: Shape;
  /** Latent variables of an image. Default 16. */
  readonly latent?: number;
  /** Channels of each convolution of the encoder, each of which halves the size. Default [32, 64]. */
  readonly channels?: readonly number[];
}

/**
 * A variational autoencoder with a normal posterior and a Bernoulli decoder. The encoder gives mean and log-variance of each
 * latent variable; in training a value is drawn, z = mean + exp(½ logVariance) · noise, in inference it is the mean; the decoder
 * gives the logit of each element of the image.
 *
 * The output holds all that its loss needs in one row, logits, means and log-variances: imageShape → [C · H · W + 2 · latent].
 * {@link vaeParts} takes it apart, {@link negativeElbo} is the loss. `layers.encoder` and `layers.decoder` are its halves, with
 * their parameters under these names: a latent vector becomes an image by the decoder alone.
 *
 * @throws OptionError for unknown options and values that are none of theirs, and for training without a key; from `init`,
 * ShapeError for images of another shape.
 *
 * Source: Kingma and Welling 2013, https://arxiv.org/abs/1312.6114
 */
export function vae(options: VaeOptions = {}) {
  const { latent, ...coder } = settle('vae', options, {
    imageShape: imageShapeRule([1, 28, 28]),
    latent: count(16),
    channels: counts([32, 64]),
  });
  const layers = {
    encoder: imageEncoder('vae', 2 * latent, coder),
    sample: sampleLayer(),
    decoder: imageDecoder(coder),
  };
  const layer = compose(
    'vae',
    layers,
    (call, x) => {
      const posterior = call('encoder', x);
      return concat([flatten(call('decoder', call('sample', posterior)), 1), posterior], 1);
    },
    { path: ['encoder', 'sample', 'decoder'] },
  );
  return { ...layer, layers };
}

/** Means and log-variances [2 · L] to a draw, or to the means in inference: [L]. */
function sampleLayer(): Layer<Readonly<Record<never, never>>, Readonly<Record<never, never>>> {
  return {
    kind: 'normalSample',
    init: (_key, [width]) => ({ params: {}, state: {}, outputShape: [width! / 2] }),
    apply(_params, state, x, { train, key }) {
      const latent = x.shape[1]! / 2;
      const mean = narrow(x, 1, 0, latent);
      if (!train) return [mean, state];
      if (key === undefined)
        throw new OptionError('normalSample', ['training draws at random: give a key in the context']);
      const deviation = exp(mul(narrow(x, 1, latent, latent), 0.5));
      const dtype = x.dtype === 'float64' ? 'float64' : 'float32';
      return [add(mean, mul(deviation, randomNormal(key, mean.shape, { dtype }))), state];
    },
  };
}

export interface VaeParts {
  /** Of the elements of the image, [N, C, H, W]. */
  readonly logits: Tensor;
  /** Of the latent variables, [N, latent]. */
  readonly mean: Tensor;
  readonly logVariance: Tensor;
}

/**
 * What the rows that a {@link vae} gives hold.
 *
 * @throws ShapeError for rows that are not as long as an image and two numbers for each latent variable.
 */
export function vaeParts(output: Tensor, imageShape: Shape): VaeParts {
  const size = imageShape.reduce((a, b) => a * b, 1);
  const rest = (output.shape[1] ?? 0) - size;
  if (output.rank !== 2 || rest < 2 || rest % 2 !== 0) {
    throw new ShapeError('vaeParts', [
      {
        rule: `the output must be [N, ${size} + 2 · latent] for images [${imageShape.join(', ')}]`,
        received: output.shape,
      },
    ]);
  }
  return {
    logits: reshape(narrow(output, 1, 0, size), [output.shape[0]!, ...imageShape]),
    mean: narrow(output, 1, size, rest / 2),
    logVariance: narrow(output, 1, size + rest / 2, rest / 2),
  };
}

export interface ElboParts {
  /** What a draw misses of each image, −Σ ln p(x | z), in nats, [N]. */
  readonly missed: Tensor;
  /** How far each posterior is from the prior N(0, 1), ½ Σ (mean² + exp(logVariance) − 1 − logVariance), in nats, [N]. */
  readonly divergence: Tensor;
}

/**
 * The two parts whose sum is the negative of a one-draw estimate of each image's evidence lower bound.
 *
 * @param output of the vae, [N, C · H · W + 2 · latent]
 * @param images from 0 to 1, [N, C, H, W]
 */
export function elboParts(output: Tensor, images: Tensor): ElboParts {
  const { logits, mean: mu, logVariance } = vaeParts(output, images.shape.slice(1));
  return {
    missed: sum(bceWithLogits(logits, images, { reduction: 'none' }), { axis: [1, 2, 3] }),
    divergence: mul(sum(sub(add(square(mu), exp(logVariance)), add(logVariance, 1)), { axis: 1 }), 0.5),
  };
}

/**
 * The loss of a {@link vae}: the mean over the batch of what is missed + β · divergence, as {@link elboParts} has them. With β = 1
 * it is the negative of a one-draw estimate of the evidence lower bound.
 *
 * @param output of the vae, [N, C · H · W + 2 · latent]
 * @param images from 0 to 1, [N, C, H, W]
 */
export function negativeElbo(output: Tensor, images: Tensor, options: { readonly beta?: number } = {}): Tensor {
  const { beta } = settle('negativeElbo', options, { beta: natural1 });
  const { missed, divergence } = elboParts(output, images);
  return mean(add(missed, mul(divergence, beta)));
}

const natural1 = {
  otherwise: 1,
  says: 'must be a finite number from 0',
  holds: (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0,
};

export const VAE: { readonly vae: Named } = {
  vae: { make: () => vae(), inputShape: [1, 28, 28], outputShape: [784 + 32], parameters: 191_265, flops: 2_069_760 },
};
