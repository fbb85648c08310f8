import { reluLayer } from '@lemmata/layers-activation';
import { linearLayer } from '@lemmata/layers-linear';
import { bceWithLogits } from '@lemmata/losses';
import { infer, sequential, type Initialised, type Layer } from '@lemmata/nn';
import { add, div, exp, mul, split, splitKey, square, sub, sum, type Tensor } from '@lemmata/tensor';

export const LATENTS = 32;

const tower = (outFeatures: number): Layer =>
  sequential({
    fc1: linearLayer({ outFeatures: 512 }),
    relu1: reluLayer(),
    fc2: linearLayer({ outFeatures: 512 }),
    relu2: reluLayer(),
    out: linearLayer({ outFeatures }),
  });

/** From pixels to the mean and the logarithm of the variance of each latent. */
export const encoder: Layer = tower(2 * LATENTS);
/** From latents to the logits of pixels. */
export const decoder: Layer = tower(784);

export function init(key: Tensor): Initialised<{ encoder: any; decoder: any }, {}> {
  const [forEncoder, forDecoder] = splitKey(key, 2) as [Tensor, Tensor];
  const params = {
    encoder: encoder.init(forEncoder, [784]).params,
    decoder: decoder.init(forDecoder, [LATENTS]).params,
  };
  return { params, state: {}, outputShape: [784] };
}

interface Params {
  readonly encoder: any;
  readonly decoder: any;
}

const STATELESS = { fc1: {}, relu1: {}, fc2: {}, relu2: {}, out: {} };

export function encode({ encoder: params }: Params, x: Tensor): { mean: Tensor; logVariance: Tensor } {
  const both = infer(encoder, params, STATELESS, x);
  const [mean, logVariance] = split(both, LATENTS, 1) as [Tensor, Tensor];
  return { mean, logVariance };
}

export function decode({ decoder: params }: Params, z: Tensor): Tensor {
  return infer(decoder, params, STATELESS, z);
}

/**
 * The two parts of the negative evidence lower bound of each sample, in nats, at one draw of the latents
 * z = μ + σ·noise: −ln p(x | z) of Bernoulli pixels, and the divergence KL(N(μ, σ²) ‖ N(0, 1)) = −½ Σ (1 + ln σ² − μ² − σ²).
 *
 * Source: Kingma and Welling 2014, https://arxiv.org/abs/1312.6114.
 *
 * @param x [n, 784] of 0 and 1. @param noise [n, latents], standard normal.
 */
export function elbo(params: Params, x: Tensor, noise: Tensor): { error: Tensor; divergence: Tensor } {
  const { mean, logVariance } = encode(params, x);
  const z = add(mean, mul(exp(div(logVariance, 2)), noise));
  const error = sum(bceWithLogits(decode(params, z), x, { reduction: 'none' }), { axis: 1 });
  const parts = sub(sub(add(1, logVariance), square(mean)), exp(logVariance));
  return { error, divergence: div(sum(parts, { axis: 1 }), -2) };
}
