import { linearLayer } from '@lemmata/layers-linear';
import { crossEntropy } from '@lemmata/losses';
import type { Layer } from '@lemmata/nn';
import { amax, mean, sub, type Tensor } from '@lemmata/tensor';

const score = linearLayer({ outFeatures: 10 });
const train = { train: true };

/** A layer that tells the digit from the deepest level of a U-Net: its parameters. */
export const initDigit = (key: Tensor, deepChannels: number): unknown => score.init(key, [deepChannels]).params;

/**
 * How well the mean over the places of a U-Net's deepest level tells which digit a scene has. A decoder that starts at random
 * hands the deep levels a different error at each pixel, in which what the pixels of a digit have in common is lost for
 * long; this tells them at once. The encoder's outputs are those that the network computes anyway: compiled, it runs once.
 *
 * @param params of the U-Net, `net`, and of the layer that tells the digit, `digit`.
 * @param mask [n, rows, columns], 0 for the background, d + 1 for digit d.
 *
 * Source: Lee et al. 2015, Deeply-supervised nets, https://arxiv.org/abs/1409.5185.
 */
export function digitLoss(
  unet: Layer,
  params: { readonly net: any; readonly digit: any },
  state: any,
  image: Tensor,
  mask: Tensor,
): Tensor {
  let y = image;
  for (const [name, layer] of Object.entries(unet.layers!)) {
    [y] = layer.apply(params.net[name], state[name], y, train);
    if (name === 'bottleneck') break;
  }
  const [logits] = score.apply(params.digit, {}, mean(y, { axis: [2, 3] }), train);
  return crossEntropy(logits, sub(amax(mask, { axis: [1, 2] }), 1));
}
